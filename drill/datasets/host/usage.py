"""Working with a host: the application's first questions, and a ledger of files that somebody writes without pause."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from drill.errors import DrillError

KEY_FILES = (
    "home/an/báo cáo/tháng 3.csv",
    "home/bình/ảnh/0000/00.jpg",
    "etc/application/counting.toml",
    "srv/counting/.env",
    "etc/os-release",
    "etc/hostname",
    "etc/passwd",
    "etc/prometheus/prometheus.yml",
    "var/log/counting/counting.log.3.gz",
    "var/lib/counting/state.json",
    "srv/source/counting/main.py",
)
"""What is looked at first after a recovery."""
DRAFT = "home/an/bản nháp"
DRAFT_SIZE = 64 << 20
"""Bytes: so many that whoever reads them is at it for a while."""
LEDGER = ".ledger"
PER_DIRECTORY = 1000


def health(root: Path, scopes: Iterable[str]) -> tuple[object, ...]:
    """Return the first question answered: what the key files of some scopes hold.

    Secrets are told by their hashes: an answer is shown in the evidence.

    Raises:
        DrillError: the scopes hold none of them, so that there is nothing to ask.
        OSError: one of them is not there, or cannot be read.
    """
    named = [path for path in KEY_FILES for scope in scopes if PurePosixPath(path).is_relative_to(scope)]
    if not named:
        raise DrillError("no question is known about these files", remedy="add one of them to KEY_FILES")
    return tuple((path, hashlib.sha256((root / path).read_bytes()).hexdigest()) for path in named)


def canaries(root: Path) -> dict[str, bytes]:
    """Return what nobody may learn who has not been let in: contents of files, read from the host itself."""
    password = (root / "srv/counting/.env").read_bytes().splitlines()[0].partition(b"=")[2]
    return {"the password of the database": password, "a camera's name": "Cổng số 7".encode()}


def draft(root: Path) -> Path:
    """Make the file that somebody has under their hands, and return it."""
    place = root / DRAFT
    place.write_bytes(os.urandom(DRAFT_SIZE))
    return place


def rewrite(place: Path, number: int) -> None:
    """Write to the file of which ``draft`` has made the beginning.

    Raises:
        FileNotFoundError: the host is lost.
    """
    with place.open("r+b", buffering=0) as file:
        file.write(number.to_bytes(8))


def ledger(root: Path, scope: str) -> Path:
    """Return the directory of the ledger's files in a scope."""
    return root / scope / LEDGER


def write(place: Path, number: int) -> None:
    """Write one file of the ledger; it is acknowledged when this returns, complete and under its name.

    Raises:
        FileNotFoundError: the host is lost.
    """
    directory = place / f"{number // PER_DIRECTORY:06}"
    if not directory.exists():
        directory.mkdir()
    new = directory / f".{number}"
    new.write_text(f"{number}\n", "ascii")
    new.rename(directory / str(number))


def written(place: Path) -> set[int]:
    """Return the numbers of the ledger's files that are there, whole."""
    found = (path for path in place.glob("[0-9]*/[0-9]*"))
    return {int(path.name) for path in found if path.read_bytes() == f"{path.name}\n".encode()}
