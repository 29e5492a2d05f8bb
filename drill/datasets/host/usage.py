"""Working with a host: the application's first questions, and a ledger of files that somebody writes without pause."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

KEY_FILES = ("home/an/báo cáo/tháng 3.csv", "home/bình/ảnh/0000/00.jpg", "etc/application/counting.toml")
"""What is looked at first after a recovery."""
LEDGER = ".ledger"
PER_DIRECTORY = 1000


def health(root: Path, scopes: Iterable[str]) -> tuple[object, ...]:
    """Return the first question answered: what the key files of some scopes hold.

    Raises:
        OSError: one of them is not there, or cannot be read.
    """
    named = [path for path in KEY_FILES for scope in scopes if PurePosixPath(path).is_relative_to(scope)]
    return tuple((path, (root / path).read_bytes()) for path in named)


def ledger(root: Path, scope: str) -> Path:
    """Return the directory of the ledger's files in a scope."""
    return root / scope / LEDGER


def write(place: Path, number: int) -> None:
    """Write one file of the ledger; it is acknowledged when this returns: complete, and on the disk.

    Raises:
        FileNotFoundError: the host is lost.
    """
    directory = place / f"{number // PER_DIRECTORY:06}"
    if number % PER_DIRECTORY == 0:
        directory.mkdir()
    new = directory / f".{number}"
    with new.open("xb", buffering=0) as file:
        file.write(f"{number}\n".encode())
        os.fsync(file.fileno())
    new.rename(directory / str(number))


def written(place: Path) -> set[int]:
    """Return the numbers of the ledger's files that are there, whole."""
    found = (path for path in place.glob("[0-9]*/[0-9]*"))
    return {int(path.name) for path in found if path.read_bytes() == f"{path.name}\n".encode()}
