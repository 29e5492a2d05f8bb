"""Running client programs: without a shell, heard to the end, never outliving the script."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from backup_scripts.contract import Failed

# redis-cli says "short write" where the last bytes that fitted were written.
DISK_FULL = ("No space left on device", "Disk quota exceeded", "File too large", "short write")
SECONDS_TO_END = 10
SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class Finished:
    """How a program ended: its exit status, its whole stdout and its whole stderr."""

    program: str
    status: int
    answer: str
    said: str

    def failure(self, slug: str, advice: str) -> Failed:
        """Build the error for this ending; a full disk is named as such whatever was being done."""
        lines = self.said.strip().splitlines() or ["it said nothing"]
        telling = next((line for line in lines if "error:" in line.lower()), lines[-1])
        what = f"{self.program} ended with status {self.status}: {telling.strip()}"
        if any(sign in self.said for sign in DISK_FULL):
            return Failed("disk-full", f"{what}; free space and run it again")
        return Failed(slug, f"{what}; {advice}")


def run(
    command: Sequence[str], *, feed: str = "", settings: Mapping[str, str] | None = None, aloud: bool = True
) -> Finished:
    """Run one program to its end and say how it ended, its stderr passed through as it comes.

    Args:
        command: the program by name, and its arguments.
        feed: what it reads on stdin.
        settings: environment variables beside our own.
        aloud: pass its stderr through; otherwise it is only kept.

    Raises:
        Failed: ``tool-missing``: there is no such program on PATH.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C", **(settings or {})},  # errors are recognised by their English text
            encoding="utf-8",
            errors="replace",
            preexec_fn=_end_with_parent,
            restore_signals=False,  # SIGXFSZ stays ignored: a file size limit is then reported like a full disk
        )
    except (FileNotFoundError, PermissionError):
        raise _missing(command[0]) from None
    with _ended(process):
        return _heard(process, program=command[0], feed=feed, aloud=aloud)


@contextlib.contextmanager
def started(command: Sequence[str], *, feed: str, log: Path) -> Iterator[subprocess.Popen[str]]:
    """Have a program run as long as the block does.

    Args:
        command: the program by name, and its arguments.
        feed: what it reads on stdin.
        log: the file that gets all that it says.

    Raises:
        Failed: ``tool-missing``: there is no such program on PATH.
    """
    with log.open("w") as said:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=said, stderr=said, text=True, preexec_fn=_end_with_parent
            )
        except (FileNotFoundError, PermissionError):
            raise _missing(command[0]) from None
    with _ended(process):
        assert process.stdin
        with contextlib.suppress(BrokenPipeError), process.stdin:
            process.stdin.write(feed)
        yield process


@contextlib.contextmanager
def run_at_the_end(command: Sequence[str]) -> Iterator[None]:
    """Run a program when the block is over, however it ends: also when this script is killed outright."""
    # It waits for the end of a pipe that only this script holds; in a session of its own no Ctrl-C reaches it.
    waiting = subprocess.Popen(
        ["sh", "-c", 'cat >/dev/null; exec "$@"', "sh", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert waiting.stdin
    try:
        yield
    finally:
        waiting.stdin.close()
        waiting.wait()


def tool_version(tool: str) -> str:
    """Return the version of a client program, as 18.6.

    Raises:
        Failed: ``tool-missing``.
    """
    finished = run((tool, "--version"))
    if found := re.search(r"\d+(\.\d+)*", finished.answer):
        return found[0]
    raise Failed("tool-missing", f"{tool} --version tells no version; install the client programs")


def _missing(program: str) -> Failed:
    return Failed("tool-missing", f"{program} cannot be run from PATH; install the client programs")


def _heard(process: subprocess.Popen[str], *, program: str, feed: str, aloud: bool) -> Finished:
    assert process.stdin and process.stdout and process.stderr
    said: list[str] = []
    relay = threading.Thread(target=_relay, args=(process.stderr, said), kwargs={"aloud": aloud}, daemon=True)
    relay.start()
    with contextlib.suppress(BrokenPipeError), process.stdin:
        process.stdin.write(feed)
    answer = process.stdout.read()
    status = process.wait()
    relay.join()
    return Finished(program, status, answer, "".join(said))


def _relay(source: IO[str], said: list[str], *, aloud: bool) -> None:
    for line in source:
        said.append(line)
        if aloud:
            sys.stderr.write(line)
            sys.stderr.flush()


@contextlib.contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[None]:
    """End the program when we are interrupted while it runs."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _end_with_parent() -> None:
    """Have the kernel end this program when the script is killed outright."""
    _LIBC.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
