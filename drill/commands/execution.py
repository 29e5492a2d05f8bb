"""One command, run as an operator would run it, and what came of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from drill.ending import undisturbed
from drill.evidence.redaction import redacted
from drill.runtimes import processes

DONE, FAILED, WRONG_ARGUMENTS, REFUSED = 0, 1, 2, 3
NOT_FOUND = 127
INHERITED = -1
"""The umask that says: whatever this process has."""
SLUG = re.compile("error: ([a-z0-9]+(?:-[a-z0-9]+)*): .+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one command.

    Attributes:
        command: its words.
        status: its exit status; negative where a signal ended it.
        took: by the monotonic clock.
        result: the JSON object on its last line of output, empty where there is none.
        diagnostics: what it wrote to stderr, secrets masked.
        output: what it wrote to stdout, secrets masked.
    """

    command: tuple[str, ...]
    status: int
    took: timedelta
    result: Mapping[str, Any]
    diagnostics: str
    output: str = ""

    @property
    def reason(self) -> str | None:
        """The slug of its error message, where it has one."""
        errors = filter(None, map(SLUG.fullmatch, reversed(self.diagnostics.splitlines())))
        return next((error[1] for error in errors), None)

    def __str__(self) -> str:
        took = f"{self.took.total_seconds():.2f} s"
        return f"{' '.join(self.command)}: exit status {self.status} after {took}\n{self.diagnostics}"


def run(
    command: list[str],
    *,
    environment: Mapping[str, str],
    directory: Path,
    limit: timedelta,
    umask: int = INHERITED,
    meanwhile: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
) -> Outcome:
    """Run one command without a shell and return what came of it; over the limit, it and its children are killed.

    ``umask`` is what it begins with; ``meanwhile`` is called once the process runs.
    """
    started = time.monotonic()
    # Files, because a pipe would be waited for as long as anything that the command left running holds it open.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as diagnostics:
        over_time, status = "", NOT_FOUND
        process: subprocess.Popen[bytes] | None = None
        try:
            with undisturbed():
                process = subprocess.Popen(
                    command,
                    env=dict(environment),
                    cwd=directory,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=diagnostics,
                    start_new_session=True,
                    umask=umask,
                )
            meanwhile(process)
            processes.wait(process, limit)
        except OSError as error:
            if process is not None:
                raise
            said = f"error: command-not-found: {command[0]}: {error.strerror}; correct the procedure in policy.toml"
            return Outcome(tuple(command), NOT_FOUND, timedelta(seconds=time.monotonic() - started), {}, said)
        except subprocess.TimeoutExpired:
            over_time = (
                f"\nerror: over-time: killed after {limit}; raise time_limit in policy.toml if that is too short"
            )
        finally:
            if process is not None:
                status = end(process)
        took = timedelta(seconds=time.monotonic() - started)
        said = redacted(_text(diagnostics) + over_time)
        told = _text(output)
        return Outcome(tuple(command), status, took, _last_object(told), said, redacted(told))


def end(process: subprocess.Popen[bytes]) -> int:
    """Kill a process with all that it started, also what has left its process group; return its exit status.

    One that has ended is left alone, and what it started.
    """
    if (status := process.poll()) is not None:
        return status
    if members := processes.family_of(process):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        processes.kill_all(members)
    return process.wait()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _last_object(output: str) -> Mapping[str, Any]:
    try:
        value = json.loads(output.rstrip().rpartition("\n")[2])
    except json.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
