"""Damage to the files of a stored backup that its manifest could have told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from drill.catalogue import MANIFEST, StoredBackup


def _cut(path: Path) -> None:
    """Lose the second half, as a full disk or a killed upload does."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def _flip(path: Path) -> None:
    """Flip one bit in the middle, as a failing disk does."""
    with path.open("r+b") as file:
        middle = path.stat().st_size // 2
        file.seek(middle)
        byte = file.read(1)[0]
        file.seek(middle)
        file.write(bytes([byte ^ 0b0001_0000]))


def _lengthen(path: Path) -> None:
    """Append what does not belong, as a second writer does."""
    with path.open("ab") as file:
        file.write(b"\0")


def _remove(path: Path) -> None:
    """Lose the file, as a careless clean-up does."""
    path.unlink()


DAMAGES: dict[str, Callable[[Path], None]] = {
    "cut off half way": _cut,
    "altered by one bit": _flip,
    "lengthened by one byte": _lengthen,
    "robbed of a file": _remove,
}


def damage(backup: StoredBackup, kind: str) -> Path:
    """Damage a stored backup and return the file that was hit: the largest one, or the manifest itself.

    Args:
        backup: the victim; its other files stay as they are.
        kind: one of ``DAMAGES``, or "robbed of its manifest".
    """
    if kind == "robbed of its manifest":
        victim = backup.directory / MANIFEST
        victim.unlink()
        return victim
    largest = max(backup.manifest.files, key=lambda file: (file.size, file.path))
    victim = backup.directory / largest.path
    DAMAGES[kind](victim)
    return victim
