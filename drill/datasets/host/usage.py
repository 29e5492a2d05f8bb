"""Working with a host: the application's first questions, and a ledger of files that somebody writes without pause."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
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
PASSWORD = "the password of the database"  # noqa: S105 - what it is called
CANARIES: Mapping[str, tuple[str, Callable[[bytes], bytes]]] = {
    PASSWORD: ("srv/counting/.env", lambda content: content.splitlines()[0].partition(b"=")[2]),
    "a camera's name": ("etc/application/cameras.d/07.toml", lambda content: content.split(b"'")[1]),
    "a user's secret key": ("home/an/.ssh/id_ed25519", lambda content: content[:64]),
    "what a user has counted": ("home/an/báo cáo/tháng 3.csv", lambda content: content.splitlines()[1]),
    "the hash of a user's password": ("etc/shadow", lambda content: content.splitlines()[1].split(b":")[1]),
    "the host's secret key": ("etc/ssl/private/counting.key", lambda content: content[:64]),
    "work that is in no commit": ("srv/source/counting/thử nghiệm.local", bytes.strip),
}
"""What nobody may learn who has not been let in: the file that it stands in, and how it is found there."""
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


def canaries(root: Path, scopes: Iterable[str]) -> dict[str, bytes]:
    """Return what of some scopes nobody may learn who has not been let in, read from the host itself.

    Raises:
        DrillError: nothing is known there that could be searched for.
    """
    scopes = tuple(scopes)
    found = {
        what: within((root / path).read_bytes())
        for what, (path, within) in CANARIES.items()
        if any(PurePosixPath(path).is_relative_to(scope) for scope in scopes)
    }
    if not found:
        raise DrillError(f"nothing is known that {', '.join(scopes)} guard", remedy="add something to CANARIES")
    return found


def password(root: Path) -> bytes:
    """Return the password of the database, as the environment file of a host has it."""
    path, within = CANARIES[PASSWORD]
    return within((root / path).read_bytes())


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
