"""Locks on files and directories: held by an open descriptor, let go by the kernel however the script ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def opened(path: Path, flags: int) -> Iterator[int]:
    """Open a file or a directory for as long as it is needed."""
    descriptor = os.open(path, flags, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def locked(descriptor: int, mode: int) -> bool:
    """Lock without waiting; tell whether it is ours now."""
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
