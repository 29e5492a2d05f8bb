"""Doing something to files at the very moment when a script reads them."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from drill.waiting import Patience, eventually
from tests.backup_scripts.operating import Ran, Scripts, ended

LARGE = 8 << 20
"""Bytes: more than a pipe takes, so that tar waits in the middle of such a file when nobody reads on."""


def while_read(
    scripts: Scripts, *command: str, large: Sequence[Path], meanwhile: Callable[[Path], object], below: Path
) -> Ran:
    """Run a script, and do something once tar is in the middle of one of the large files, which this makes.

    Args:
        scripts: whose environment names the programs.
        command: the script and its arguments.
        large: the files, which are made here.
        meanwhile: is given the one that tar is in the middle of.
        below: a directory for a zstd that waits, once.
    """
    slow = below / "programs"
    slow.mkdir(exist_ok=True)
    wait = below / "wait"
    once = f"if [ -p {wait} ]; then read -r _ <{wait}; rm {wait}; fi"
    (slow / "zstd").write_text(f'#!/bin/sh\n{once}\nexec /usr/bin/zstd "$@"\n')
    (slow / "zstd").chmod(0o755)
    os.mkfifo(wait)
    for file in large:
        file.write_bytes(os.urandom(LARGE))
    with scripts.on({"PATH": f"{slow}:{scripts.variables['PATH']}"}).start(*command) as process:
        with wait.open("w") as go:
            eventually(
                "tar to read", lambda: process.poll() is not None or _read(process, large), Patience.BACKUP_BEGUN
            )
            for file in _read(process, large):
                meanwhile(file)
            go.write("\n")
        return ended(process)


def _read(process: subprocess.Popen[str], large: Sequence[Path]) -> list[Path]:
    """Return which of the files a script's programs have open."""
    opened: set[str] = set()
    with contextlib.suppress(psutil.Error):
        for program in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                opened |= {each.path for each in program.open_files()}
    return [file for file in large if str(file) in opened]
