"""Running client programs: without a shell, heard to the end, never outliving the script."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from backup_scripts.contract import Failed

# redis-cli says "short write", and tar "Wrote only", where the last bytes that fitted were written.
DISK_FULL = ("No space left on device", "Disk quota exceeded", "File too large", "short write", "Wrote only")
GIT_ENDS = "fatal: "
# With what tar ends, whatever was wrong.
TELLING_NOTHING = re.compile(
    r"tar: (?:Exiting with failure status due to previous errors|Error is not recoverable: exiting now"
    r"|Child returned status \d+)"
)
SECONDS_TO_END = 10
# Passes the order to end on to all that the program has started; the kernel would tell the program alone.
WITH_CHILDREN = ("sh", "-c", 'trap "trap - TERM; kill 0" TERM; "$@" & wait $!', "sh")
SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h
_LIBC = ctypes.CDLL(None)
WIDE = 1 << 20  # bytes; a pipe has 64 KiB by itself


class Owner(NamedTuple):
    """Whom a program runs as, and whose files it makes; a server's data must not belong to root."""

    uid: int
    gid: int

    @classmethod
    def of(cls, place: Path) -> Owner | None:
        """Return the owner of a directory where we are root and can become it; None for ourselves."""
        status = place.stat()
        return cls(status.st_uid, status.st_gid) if os.geteuid() == 0 and status.st_uid != 0 else None

    def take(self, place: Path) -> None:
        """Make this user the owner of a file or a directory itself."""
        os.chown(place, self.uid, self.gid, follow_symlinks=False)


class Finished(NamedTuple):
    """How a program ended: its exit status, its whole stdout and its whole stderr."""

    program: str
    status: int
    answer: str
    said: str

    @property
    def last_words(self) -> str:
        """The line of its stderr that tells most."""
        said = self.said.strip().splitlines()
        lines = [line for line in said if not TELLING_NOTHING.fullmatch(line)] or said or ["it said nothing"]
        return next(
            (line for line in lines if "error:" in line.lower() or line.startswith(GIT_ENDS)), lines[-1]
        ).strip()

    @property
    def fills_a_disk(self) -> bool:
        """Whether it says that there was no space for what it wrote."""
        return any(sign in self.said for sign in DISK_FULL)

    def failure(self, slug: str, advice: str) -> Failed:
        """Build the error for this ending; a full disk is named as such whatever was being done."""
        what = f"{self.program} ended with status {self.status}: {self.last_words}"
        if self.fills_a_disk:
            return Failed("disk-full", f"{what}; free space and run it again")
        return Failed(slug, f"{what}; {advice}")


def run(
    command: Sequence[str],
    *,
    feed: str = "",
    settings: Mapping[str, str] | None = None,
    aloud: bool = True,
    owner: Owner | None = None,
    has_children: bool = False,
    lent: Sequence[int] = (),
    within: float | None = None,
    harmless: bool = False,
) -> Finished:
    """Run one program to its end and say how it ended, its stderr passed through as it comes.

    Args:
        command: the program by name, and its arguments.
        feed: what it reads on stdin.
        settings: environment variables beside our own.
        aloud: pass its stderr through; otherwise it is only kept.
        owner: whom it runs as, if not as ourselves.
        has_children: it starts programs of its own that would go on without it.
        lent: descriptors that stay open as long as it runs, and with them our locks.
        within: seconds after which it is ended, if it has not by itself; SIGTERM is its status then.
        harmless: as for `started`.

    Raises:
        Failed: ``tool-missing``: there is no such program on PATH.
    """
    with contextlib.ExitStack() as last_things:
        process = last_things.enter_context(
            started(command, settings=settings, owner=owner, has_children=has_children, lent=lent, harmless=harmless)
        )
        if within is not None:
            ending = threading.Timer(within, process.terminate)
            last_things.callback(ending.cancel)
            ending.start()
        assert process.stdin and process.stdout
        hearing = Hearing(process, aloud=aloud)
        # At the same time: a program that answers while it is fed would wait for us as we for it.
        feeding = threading.Thread(target=_feed, args=(process.stdin, feed.encode()), daemon=True)
        feeding.start()
        answer = process.stdout.read().decode("utf-8", "replace")
        feeding.join()
        return hearing.finished(command[0], answer)


@contextlib.contextmanager
def beside(command: Sequence[str], *, aloud: bool = True, harmless: bool = False) -> Iterator[Callable[[], Finished]]:
    """Run one program beside all that is done meanwhile; give what waits for its end and says how it ended.

    Args:
        command: the program by name, and its arguments.
        aloud: pass its stderr through; otherwise it is only kept.
        harmless: as for `started`.

    Raises:
        Failed: ``tool-missing``: there is no such program on PATH.
    """
    with started(command, harmless=harmless) as process:
        assert process.stdin and process.stdout
        process.stdin.close()
        hearing, answered = Hearing(process, aloud=aloud), process.stdout
        yield lambda: hearing.finished(command[0], answered.read().decode("utf-8", "replace"))


@contextlib.contextmanager
def started(
    command: Sequence[str],
    *,
    settings: Mapping[str, str] | None = None,
    owner: Owner | None = None,
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | None = None,
    has_children: bool = False,
    lent: Sequence[int] = (),
    harmless: bool = False,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start one program with pipes for those of its streams that are not given; it ends when this is left.

    A program that changes nothing and ends by itself is harmless: it need not end when the script is killed outright.
    It starts without a copy of this process, which is sooner.

    Raises:
        Failed: ``tool-missing``: there is no such program on PATH.
    """
    identity: Mapping[str, Any] = {}
    if owner:  # who may not be able to enter the directory that we are in
        identity = {"user": owner.uid, "group": owner.gid, "extra_groups": [], "cwd": "/"}
    try:
        process = subprocess.Popen(
            [*WITH_CHILDREN, *command] if has_children else command,
            stdin=stdin or subprocess.PIPE,
            stdout=stdout or subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C", **(settings or {})},  # errors are recognised by their English text
            preexec_fn=None if harmless else _end_with_parent,
            process_group=0 if has_children else None,
            pass_fds=lent,
            restore_signals=False,  # SIGXFSZ stays ignored: a file size limit is then reported like a full disk
            **identity,
        )
    except (FileNotFoundError, PermissionError):
        raise _missing(command[0]) from None
    with _ended(process):
        yield process


@contextlib.contextmanager
def serving(command: Sequence[str], *, feed: str, log: Path) -> Iterator[subprocess.Popen[str]]:
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
    return told_version(run((tool, "--version"), harmless=True))


def told_version(finished: Finished) -> str:
    """Return the version that a program has told of itself, as 18.6.

    Raises:
        Failed: ``tool-missing``: it has told none.
    """
    if found := re.search(r"\d+(\.\d+)*", finished.answer):
        return found[0]
    raise Failed("tool-missing", f"{finished.program} --version tells no version; install the client programs")


def widen(pipe: IO[bytes]) -> None:
    """Have a pipe hold a megabyte, so that both ends wait less often; a user who has many wide ones may not."""
    with contextlib.suppress(PermissionError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, WIDE)


def _feed(sink: IO[bytes], content: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), sink:
        sink.write(content)


def _missing(program: str) -> Failed:
    return Failed("tool-missing", f"{program} cannot be run from PATH; install the client programs")


class Hearing:
    """Listens to what a program says on stderr, so that it never waits for a listener."""

    def __init__(self, process: subprocess.Popen[bytes], *, aloud: bool) -> None:
        self._process = process
        self._aloud = aloud
        self._said: list[str] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def finished(self, program: str, answer: str = "") -> Finished:
        """Wait for the program's end and say how it was."""
        status = self._process.wait()
        self._thread.join()
        return Finished(program, status, answer, "".join(self._said))

    def _listen(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            self._said.append(line.decode("utf-8", "replace"))
            if self._aloud:
                sys.stderr.write(self._said[-1])
                sys.stderr.flush()


@contextlib.contextmanager
def _ended(process: subprocess.Popen[Any]) -> Iterator[None]:
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
