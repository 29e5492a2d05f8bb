"""Damage to the files of a stored backup that its manifest could have told."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from drill.backups.catalogue import MANIFEST, StoredBackup
from drill.errors import DrillError

SEEN_BY_TAR = "snapshot.snar"


def cut(path: Path) -> None:
    """Lose the second half, as a full disk or a killed upload does."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def flip(path: Path) -> None:
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


def _describe_otherwise(path: Path) -> None:
    """Have a manifest say something else of its backup, as somebody does who corrects it by hand."""
    stated = json.loads(path.read_bytes())
    path.write_text(json.dumps(stated | {"source_bytes": stated["source_bytes"] + 1}), "utf-8")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "cut off half way": cut,
    "altered by one bit": flip,
    "lengthened by one byte": _lengthen,
    "robbed of a file": _remove,
    "robbed of its manifest": _remove,
    "described otherwise": _describe_otherwise,
}


OF_THE_MANIFEST = ("robbed of its manifest", "described otherwise")


def damage(backup: StoredBackup, kind: str) -> Path:
    """Damage a stored backup and return the file that was hit: the largest one, or the manifest itself.

    Args:
        backup: the victim; its other files stay as they are, and so does every backup that shares its bytes.
        kind: one of ``DAMAGES``.

    Raises:
        DrillError: no such damage, or the backup has no bytes to damage.
    """
    if kind not in DAMAGES:
        raise DrillError(f"no damage {kind!r}", remedy=f"use one of {', '.join(DAMAGES)}")
    victim = backup.directory / MANIFEST if kind in OF_THE_MANIFEST else largest(backup)
    unshare(victim)
    DAMAGES[kind](victim)
    return victim


def largest(backup: StoredBackup) -> Path:
    """Return a backup's largest file; not the list by which tar makes the next increment, as no restore needs it.

    Raises:
        DrillError: it has no bytes to damage.
    """
    restored = (file for file in backup.manifest.files if file.path != SEEN_BY_TAR)
    found = max(restored, key=lambda file: (file.size, file.path), default=None)
    if found is None or found.size == 0:
        raise DrillError(f"{backup.directory} has no bytes to damage", remedy="back up something that holds data")
    return backup.directory / found.path


def damage_object(repository: Path) -> None:
    """Flip a bit in the largest pack of a git repository.

    Raises:
        DrillError: it has no pack.
    """
    packs = sorted(repository.glob("objects/pack/*.pack"), key=lambda path: path.stat().st_size)
    if not packs:
        raise DrillError(f"{repository} has no pack", remedy="commit something to it first")
    packs[-1].chmod(0o600)
    flip(packs[-1])


def unshare(path: Path) -> None:
    """Give the file bytes of its own, to be written over: its hard links belong to other backups."""
    own = path.with_name(f".{path.name}.own")
    shutil.copy2(path, own)
    own.chmod(own.stat().st_mode | stat.S_IWUSR)
    own.replace(path)
