"""Scripts that are killed at the N-th of their effects: with SIGKILL, together with all that they have started.

An effect is whatever changes something or sets somebody else to work: a rename, a write, a program that is started,
bytes for a server; and what tells the result, a flush. Counted are Python's calls into C; the kill comes right before
the N-th, so that all N together leave behind every state that a script can leave. No clock is involved.

To try hundreds of points within seconds the scripts are forked off one process that has imported what they need:
`python -m tests.backup_scripts.interruption` reads orders on stdin and answers each when its script has ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import io
import json
import os
import posix
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from tests.backup_scripts.operating import CHECKOUT, Ran, Scripts

OF_THE_SYSTEM = {"chmod", "chown", "fchmod", "fsync", "ftruncate", "lchown", "link", "mkdir", "pwrite", "remove"} | {
    "rename", "replace", "rmdir", "sendfile", "symlink", "truncate", "unlink", "utime", "write"
}  # fmt: skip
OF_A_SOCKET = {"connect", "send", "sendall"}
TELLING = "flush"
"""How a script tells its result."""
MANY = 40
"""Beyond so many points a sample is tried."""
LATE = ("boto3", "botocore.httpsession", "concurrent.futures.thread", "shutil", "tempfile")
"""What scripts import only when they need it."""
SECONDS = 120
"""A script that hangs is ended by the kernel, with SIGALRM."""


@dataclass(frozen=True)
class Attempt(Ran):
    """How a script ended, and its effects; the last one did not come about where it was killed."""

    effects: Sequence[str]

    @property
    def killed(self) -> bool:
        return self.status == -signal.SIGKILL

    @property
    def has_done_all(self) -> bool:
        """Whether it was killed when there was nothing left to do but to tell it, or when that was told."""
        return TELLING in self.effects

    def __str__(self) -> str:
        return f"killed before effect {len(self.effects)}, {self.effects[-1]}" if self.killed else "not killed"


class Interruption:
    """Runs scripts, and kills them where it is told to."""

    def __init__(self, process: subprocess.Popen[str], place: Path) -> None:
        self._process = process
        self._place = place

    def run(self, scripts: Scripts, module: str, *arguments: str, not_counting: Collection[str] = ()) -> Attempt:
        """Run a script undisturbed, as `Scripts.run` does, and count its effects; a dotted name is a module of ours."""
        return self.killed(scripts, module, *arguments, at=0, not_counting=not_counting)

    def killed(
        self, scripts: Scripts, module: str, *arguments: str, at: int | str, not_counting: Collection[str] = ()
    ) -> Attempt:
        """Run a script, which is killed before one of its effects, counted from 1, or the first of a name.

        Effects that come a different number of times in every run, because the script asks until something has
        happened, are not to be counted.
        """
        assert self._process.stdin and self._process.stdout
        order = {
            "module": module if "." in module else f"backup_scripts.{module}",
            "arguments": [*scripts.options.get(module, ()), *arguments],
            "environment": scripts.variables,
            "place": str(self._place),
            "at": at,
            "not_counting": list(not_counting),
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        output, said, effects = ((self._place / name).read_text("utf-8") for name in ("output", "said", "effects"))
        return Attempt(status, output, said, effects.split())


@contextlib.contextmanager
def interruption() -> Iterator[Interruption]:
    """Have the process that scripts are forked off."""
    with (
        tempfile.TemporaryDirectory() as place,
        subprocess.Popen(
            [sys.executable, "-m", __name__], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process,
    ):
        yield Interruption(process, Path(place))
        assert process.stdin
        process.stdin.close()


def points(undisturbed: Attempt, *, seed: int = 0, most: int = MANY) -> list[int]:
    """Return the effects before which a script is to be killed: all, or the first, the last five and chosen ones."""
    assert 0 == undisturbed.status, undisturbed.said
    every = range(1, len(undisturbed.effects) + 1)
    if len(every) <= most:
        return list(every)
    chosen = random.Random(seed).sample(every[1:-5], most - 6)  # noqa: S311 - no secret
    return sorted({every[0], *chosen, *every[-5:]})  # what is made is mostly put in its place at the very end


def _is_effect(call: Any) -> bool:
    name, owner = call.__name__, getattr(call, "__self__", None)
    if owner is posix:
        return name in OF_THE_SYSTEM
    if isinstance(owner, socket.SocketType):
        return name in OF_A_SOCKET
    if owner is sys.stdout:
        return name == TELLING
    if isinstance(owner, io.BufferedWriter | io.BufferedRandom | io.FileIO | io.TextIOWrapper):
        return name == "write" and owner is not sys.stderr
    return name == "fork_exec" or (owner is fcntl and name == "flock")


def _counting(log: int, at: int | str, passed_over: Collection[str]) -> Callable[[FrameType, str, Any], None]:
    """Return a profiler that notes every effect and ends the script, and its programs, before one of them."""
    lock, count = threading.Lock(), 0

    def profile(_frame: FrameType, event: str, call: Any) -> None:
        nonlocal count
        if event == "c_call" and _is_effect(call) and call.__name__ not in passed_over:
            with lock:
                count += 1
                os.write(log, f"{call.__name__}\n".encode())
                if at in (count, call.__name__):
                    os.killpg(0, signal.SIGKILL)

    return profile


def _script(order: dict[str, Any]) -> int:
    """Be the script."""
    os.setsid()
    signal.alarm(SECONDS)
    place = Path(order["place"])
    for number, name in enumerate(("output", "said"), 1):
        os.dup2(os.open(place / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    log = os.open(place / "effects", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.stdin = io.StringIO()
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
    module = importlib.import_module(order["module"])
    profile = _counting(log, order["at"], order["not_counting"])
    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        return int(module.main(order["arguments"]))
    except BaseException:  # noqa: BLE001 - this is where the interpreter would tell it
        traceback.print_exc()
        return 1
    finally:
        sys.setprofile(None)


def _serve() -> None:
    """Fork a script for every order; answer with how it ended."""
    for name in LATE:
        importlib.import_module(name)
    gc.freeze()  # what is there already is shared with the scripts as long as nobody touches it
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin:
        order = json.loads(line)
        importlib.import_module(order["module"])
        script = os.fork()
        if not script:
            status = _script(order)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        _, status = os.waitpid(script, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


if __name__ == "__main__":
    _serve()
