"""The application's log: a line at a time, in files that a rotation renames and packs."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

from drill.datasets.host.system import LOG

LINE = re.compile(rb"^ledger (\d+)$", re.MULTILINE)


def log(root: Path, number: int) -> None:
    """Write one line of the ledger; it is acknowledged when this returns.

    Raises:
        FileNotFoundError: the host is lost.
    """
    descriptor = os.open(root / LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(descriptor, f"ledger {number}\n".encode())
    finally:
        os.close(descriptor)


def logged(root: Path) -> set[int]:
    """Return the numbers of the ledger's lines that are there, whole, in the log and in what rotations left of it."""
    found = sorted((root / LOG).parent.glob(f"{Path(LOG).name}*"))
    return {int(each[1]) for path in found for each in LINE.finditer(_content(path))}


def _content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
