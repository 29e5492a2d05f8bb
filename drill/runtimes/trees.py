"""Copies directories and takes them away, with all that is in them."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

AT_ONCE = 4
"""So many take files away at once: each waits for the file system, hardly ever for a processor."""
BATCH = 50


def copy_tree(source: Path, target: Path) -> None:
    """Copy a stopped server's directory with owners, modes and times, sharing blocks where the file system can."""
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(target)], check=True)


def remove_tree(place: Path) -> None:
    """Remove a directory with all that is in it, and nothing that a link in it leads to.

    Where it is not there, or somebody is still making files in it, there is no error; what is new may stay.
    """
    with contextlib.suppress(FileNotFoundError), ThreadPoolExecutor(AT_ONCE) as removers:
        for _, _, names, directory in os.fwalk(place):
            with contextlib.suppress(OSError):  # one that was to take no new file gives none away either
                os.fchmod(directory, 0o700)
            batches = [names[first : first + BATCH] for first in range(0, len(names), BATCH)]
            list(removers.map(partial(_remove_files, directory), batches))
    shutil.rmtree(place, ignore_errors=True)


def _remove_files(directory: int, names: Sequence[str]) -> None:
    for name in names:
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=directory)
