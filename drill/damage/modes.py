"""Backups that somebody has let others see."""

from __future__ import annotations

from drill.backups.catalogue import MANIFEST, StoredBackup
from drill.damage.files import largest
from drill.errors import DrillError

OPENINGS = {
    "read its largest file": (largest, 0o640),
    "read its manifest": (lambda backup: backup.directory / MANIFEST, 0o604),
    "enter its directory": (lambda backup: backup.directory, 0o710),
}
"""What others may do then: of what, and the mode that lets them."""


def lay_open(backup: StoredBackup, what: str) -> None:
    """Let others do something with a stored backup.

    Raises:
        DrillError: no such thing.
    """
    if what not in OPENINGS:
        raise DrillError(f"nobody lets others {what!r}", remedy=f"use one of {', '.join(OPENINGS)}")
    place, mode = OPENINGS[what]
    place(backup).chmod(mode)
