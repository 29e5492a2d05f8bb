"""What somebody leaves beside backups so that pruning keeps them, as retention_prune's manual has it."""

from __future__ import annotations

from drill.backups.catalogue import StoredBackup

HOLD, PINS = ".legal-hold", ".pinned"


def pin(backup: StoredBackup) -> None:
    """Have one backup kept."""
    pins = backup.directory.parent / PINS
    pins.mkdir()
    (pins / backup.id).write_text("an audit wants it", "utf-8")


def hold(backup: StoredBackup) -> None:
    """Have every backup of its set kept."""
    (backup.directory.parent / HOLD).write_text("a court wants them", "utf-8")
