"""Damage from before a backup's manifest was made: every size and checksum in it fits, the content does not."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

from drill.backups import catalogue
from drill.backups.catalogue import MANIFEST, StoredBackup
from drill.damage.files import cut, flip, largest, unshare
from drill.errors import DrillError

LIST = "*.manifest"
INCREMENT = "*.incr.aof"
LAST_BYTES = 7
MAGIC_BYTES = 9


def zero(path: Path) -> None:
    """Fill the second half with zeros, as a file system does after a power failure."""
    half = path.stat().st_size // 2
    with path.open("r+b") as file:
        file.seek(half)
        file.write(bytes(path.stat().st_size - half))


def _cut_the_last_write(path: Path) -> None:
    """Lose the end of the last write, as a copy of a file that is being written to does.

    Raises:
        DrillError: nothing has been written to it.
    """
    if path.stat().st_size <= LAST_BYTES:
        raise DrillError(f"{path} holds no write", remedy="back up a server that was written to since its last rewrite")
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - LAST_BYTES)


def _age(path: Path) -> None:
    """Put the list of the time before the last rewrite in place."""
    older = re.sub(r"\.(\d+)\.", lambda found: f".{int(found[1]) + 1}.", path.read_text("utf-8"))
    path.write_text(older, "utf-8")


def _remove(path: Path) -> None:
    path.unlink()


def _one(pattern: str) -> Callable[[StoredBackup], Path]:
    def find(backup: StoredBackup) -> Path:
        found = sorted((backup.directory / "aof").glob(pattern))
        if not found:
            raise DrillError(f"{backup.directory} has no {pattern}", remedy="back up an append-only file")
        return found[-1]

    return find


def _of_the_future(path: Path) -> None:
    """Have the file claim a format that no server reads yet."""
    with path.open("r+b") as file:
        magic = file.read(MAGIC_BYTES)
        digits = len(re.findall(rb"\d", magic))
        file.seek(MAGIC_BYTES - digits)
        file.write(b"9" * digits)


def _in_mirror(pattern: str) -> Callable[[StoredBackup], Path]:
    def find(backup: StoredBackup) -> Path:
        found = sorted(path for path in (backup.directory / "mirror.git").rglob(pattern) if path.is_file())
        if not found:
            raise DrillError(f"{backup.directory} has no {pattern}", remedy="back up a git repository")
        return found[0]

    return find


def _lose_last_ref(path: Path) -> None:
    """Lose the last ref, with the line about what a tag of it stands for."""
    lines = path.read_bytes().splitlines(keepends=True)
    while lines.pop().startswith(b"^"):
        pass
    path.write_bytes(b"".join(lines))


UNSEALED: dict[str, tuple[Callable[[StoredBackup], Path], Callable[[Path], None]]] = {
    "cut off half way": (largest, cut),
    "filled with zeros from the middle on": (largest, zero),
    "altered by one bit": (largest, flip),
    "written by a newer server": (largest, _of_the_future),
    "cut off within its last write": (_one(INCREMENT), _cut_the_last_write),
    "robbed of its newest part": (_one(INCREMENT), _remove),
    "robbed of the list of its parts": (_one(LIST), _remove),
    "given the list of another time": (_one(LIST), _age),
    "robbed of a ref": (_in_mirror("packed-refs"), _lose_last_ref),
    "robbed of a large file": (_in_mirror("[0-9a-f]" * 64), _remove),
}
"""What is hit, and how."""


def damage_unsealed(backup: StoredBackup, kind: str) -> None:
    """Damage a stored backup and seal it again: its manifest tells what is there now.

    Args:
        backup: the victim; backups that share its bytes stay as they are.
        kind: one of ``UNSEALED``.

    Raises:
        DrillError: no such damage, or nothing there that it could hit.
    """
    if kind not in UNSEALED:
        raise DrillError(f"no damage {kind!r}", remedy=f"use one of {', '.join(UNSEALED)}")
    find, hit = UNSEALED[kind]
    victim = find(backup)
    unshare(victim)
    hit(victim)
    seal(backup.directory)


def attribute(backup: StoredBackup, *, engine: str) -> None:
    """Have a backup's manifest say that it was taken from another engine."""
    seal(backup.directory, engine=engine)


def seal(directory: Path, **source: str) -> None:
    """Write a backup's manifest anew, so that it tells what is there; ``source`` is what else it says of that."""
    stated = json.loads((directory / MANIFEST).read_bytes())
    unshare(directory / MANIFEST)
    stated["files"] = [
        _told(directory, file["path"]) for file in stated["files"] if (directory / file["path"]).exists()
    ]
    stated["stored_bytes"] = sum(file["size"] for file in stated["files"])
    stated["source"] |= source
    stated.pop("manifest_sha256", None)
    (directory / MANIFEST).write_text(json.dumps(stated), "utf-8")
    catalogue.read(directory)


def _told(directory: Path, path: str) -> dict[str, object]:
    content = (directory / path).read_bytes()
    return {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
