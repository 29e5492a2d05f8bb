"""When a process counts as gone, and that nobody else's is ended in its place."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from drill.commands import execution
from drill.runtimes import processes
from drill.runtimes.embedded import EmbeddedService
from drill.runtimes.workspace import Workspace
from drill.servers.receiver import WalReceiver


@dataclass
class Dying:
    """A process that has been killed, as the kernel shows it."""

    shown: str
    threads: int

    def status(self):
        return self.shown

    def num_threads(self):
        return self.threads


@pytest.mark.parametrize(
    ("process", "ended"),
    [
        (Dying(psutil.STATUS_RUNNING, 1), False),
        (Dying(psutil.STATUS_ZOMBIE, 1), True),
        # Its first thread has ended and others have not: they still hold its port and its files.
        (Dying(psutil.STATUS_ZOMBIE, 3), False),
    ],
)
def test_a_process_has_ended_with_the_last_of_its_threads(process, ended):
    assert ended == processes._has_ended(process)


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process of somebody else, in a session of its own."""
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as process:
        yield process
        process.kill()


@pytest.fixture
def ended(stranger) -> subprocess.Popen[bytes]:
    """A process that has ended, whose number the system has since given to the stranger."""
    with subprocess.Popen(["true"]) as process:
        process.wait()
    process.pid = stranger.pid
    return process


def test_a_child_is_waited_for_until_it_has_ended():
    with subprocess.Popen(["sh", "-c", "exit 7"]) as process:
        processes.wait(process, timedelta(minutes=1))

        assert process.returncode == 7


def test_a_child_that_runs_for_longer_is_told(stranger):
    with pytest.raises(subprocess.TimeoutExpired):
        processes.wait(stranger, timedelta(milliseconds=20))


def test_a_child_that_has_ended_is_not_waited_for_by_its_number(ended):
    processes.wait(ended, timedelta(0))

    assert ended.returncode == 0


def test_the_end_of_a_command_that_has_ended_is_nobody_else_s(ended, stranger):
    execution.end(ended)

    assert stranger.poll() is None


@pytest.mark.parametrize("how", ["stop", "kill", "discard"])
def test_a_server_that_has_ended_is_not_ended_again(ended, stranger, how):
    workspace = Workspace.create()
    try:
        service = EmbeddedService(["true"], home=workspace.make("home"), port=1, workspace=workspace, supervised=False)
        service._process = ended
        getattr(service, how)()
    finally:
        workspace.remove()

    assert stranger.poll() is None


def test_a_receiver_that_has_ended_is_not_waited_for_again(ended, stranger, tmp_path: Path):
    receiver = WalReceiver.__new__(WalReceiver)
    receiver._process = ended

    receiver.stop()

    assert stranger.poll() is None
