"""Damage to the archive of a write-ahead log."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from drill.damage.files import DAMAGES
from drill.errors import DrillError

RECORD = "archive.sha256"
VICTIMS = {"a segment": -3, "the newest segment": -1}
SEGMENT = "[0-9A-F]" * 24


def damage_segment(archive: Path, *, victim: str, kind: str) -> Path:
    """Damage a segment in the directory of an archive, and return its file.

    Args:
        archive: the directory.
        victim: one of ``VICTIMS``.
        kind: one of the damages to files, or ``lost``.

    Raises:
        DrillError: the archive holds too few segments.
    """
    segments: Sequence[Path] = sorted(archive.glob(f"{SEGMENT}.*"))
    if len(segments) < -VICTIMS[victim]:
        raise DrillError(f"{archive} holds {len(segments)} segments", remedy="write more before it is damaged")
    path = segments[VICTIMS[victim]]
    DAMAGES["robbed of a file" if kind == "lost" else kind](path)
    return path


def damage_segment_unsealed(archive: Path) -> Path:
    """Flip a bit of a segment and have its line in the archive's record fit, and return its file.

    Raises:
        DrillError: the archive holds too few segments.
    """
    record = archive / RECORD
    before = record.read_text("ascii")
    path = damage_segment(archive, victim="a segment", kind="altered by one bit")
    fits = f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}"
    lines = [fits if line.endswith(f"  {path.name}") else line for line in before.splitlines()]
    record.write_text("".join(f"{line}\n" for line in lines), "ascii")
    return path
