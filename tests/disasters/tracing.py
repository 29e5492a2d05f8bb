"""Runs a command and writes down every program that it, or anything that it starts, becomes.

    python -m tests.disasters.tracing LOG COMMAND…

The kernel stops each process when it has just become another program, and again when it ends (ptrace), so that nobody
is too short-lived to be seen. LOG gets a line of JSON each time: the command line and the environment, as /proc shows
them, and what the files of secrets hold that the environment names. Ends as the command does.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

CONT, DETACH, SEIZE, LISTEN = 7, 17, 0x4206, 0x4208
FORKED, VFORKED, CLONED, EXECUTED, ENDING = 1, 2, 3, 4, 6
OPTIONS = sum(1 << event for event in (FORKED, VFORKED, CLONED, EXECUTED, ENDING))
STOPPED = 128
HELD = {signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
EVERY_THREAD = 0x40000000
FILES = ("PGPASSFILE", "BACKUP_IDENTITY_FILE")
"""Variables that name a file of secrets."""

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def traced(command: list[str], log: Path) -> int:
    """Run the command, and return the exit status that a shell would have."""
    first = os.fork()
    if first == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        os.execvp(command[0], command)  # noqa: S606
    os.waitpid(first, os.WUNTRACED)
    if _ptrace(SEIZE, first, OPTIONS) != 0:
        raise OSError(ctypes.get_errno(), "processes cannot be traced here")
    os.kill(first, signal.SIGCONT)
    with log.open("a", encoding="utf-8", errors="surrogateescape") as seen:
        while True:
            process, status = os.waitpid(-1, EVERY_THREAD)
            if os.WIFSTOPPED(status):
                if status >> 16 in (EXECUTED, ENDING):
                    seen.write(_shown(process))
                _go_on(process, status)
            elif process == first:
                return os.waitstatus_to_exitcode(status)


def _go_on(process: int, status: int) -> None:
    """Let a process go on as if nobody had looked: with its signal, or held where it was to be held."""
    event, number = status >> 16, os.WSTOPSIG(status)
    if event == ENDING:
        # Or it would be ours to wait for before its parent can, who has seen it end and finds it running.
        _ptrace(DETACH, process, 0)
    elif event == STOPPED and number in HELD:
        _ptrace(LISTEN, process, 0)
    else:
        _ptrace(CONT, process, 0 if event else number)


def _ptrace(request: int, process: int, data: int) -> int:
    # Whoever was killed meanwhile is no longer there to be asked: it is waited for like any other.
    return int(_libc.ptrace(request, process, None, data))


def _shown(process: int) -> str:
    place = Path("/proc") / str(process)
    argv = environment = b""
    with suppress(OSError):  # killed while it was stopped
        argv, environment = ((place / name).read_bytes() for name in ("cmdline", "environ"))
    variables = dict(each.partition("=")[::2] for each in _text(environment).split("\0") if each)
    held = [Path(variables[name]) for name in FILES if name in variables]
    return (
        json.dumps(
            {
                "argv": _text(argv).rstrip("\0").replace("\0", " "),
                "environment": variables,
                "files": [_text(file.read_bytes()) for file in held if file.is_file()],
            }
        )
        + "\n"
    )


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


if __name__ == "__main__":
    sys.exit(traced(sys.argv[2:], Path(sys.argv[1])))
