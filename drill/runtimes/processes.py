"""Ending processes for certain, children included."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
from collections.abc import Iterable
from datetime import timedelta

import psutil

from drill.waiting import Patience, StillWaiting, eventually


def family(pid: int) -> list[psutil.Process]:
    """Return the process and all its descendants; empty where it is gone."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def family_of(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return a child of ours and all its descendants; none once it has ended, as its number may be somebody else's."""
    return family(process.pid) if process.poll() is None else []


def wait(process: subprocess.Popen[bytes], limit: timedelta) -> None:
    """Wait until a child of ours has ended; on Linux no moment longer, where ``Popen.wait`` looks 20 times a second.

    Raises:
        subprocess.TimeoutExpired: the limit is over, and it runs.
    """
    if sys.platform == "linux" and process.poll() is None:
        _await_end(process.pid, limit)
        limit = timedelta(0)
    process.wait(limit.total_seconds())


def _await_end(pid: int, limit: timedelta) -> None:
    ending = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(ending, select.POLLIN)
        poll.poll(limit / timedelta(milliseconds=1))
    finally:
        os.close(ending)


def kill_all(processes: Iterable[psutil.Process]) -> None:
    """Send SIGKILL to each and wait until none runs any more.

    Raises:
        StillWaiting: one outlived SIGKILL, which only the kernel can explain.
    """
    doomed = list(processes)
    for process in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    eventually("killed processes to be gone", lambda: all(map(_has_ended, doomed)), Patience.SERVER_GONE)


def wait_for_end(processes: Iterable[psutil.Process]) -> None:
    """Wait until each has ended by itself; whatever has not by then is killed."""
    leaving = list(processes)
    try:
        eventually("processes to end", lambda: all(map(_has_ended, leaving)), Patience.SERVER_GONE)
    except StillWaiting:
        kill_all(leaving)


def _has_ended(process: psutil.Process) -> bool:
    # A zombie holds no file, port or memory once its other threads have ended, too; when it disappears is up to its
    # parent, which may be a slow init.
    try:
        return process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1
    except psutil.NoSuchProcess:
        return True
