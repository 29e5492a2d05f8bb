"""Which backups of a set are complete, and which of them build on which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backup_scripts.contract import Refused, say
from backup_scripts.manifest import Manifest
from backup_scripts.repository import RESERVED, BackupSet

Backups = Mapping[str, Manifest]
Lineage = Mapping[str, Sequence[str]]


def inventory(home: BackupSet) -> tuple[dict[str, Manifest], list[str]]:
    """Return the complete backups and the names of everything else that is in sight."""
    backups, ignored = {}, []
    for name in sorted(path.name for path in home.directory.iterdir()):
        if name.startswith(".") or name in RESERVED:
            continue
        try:
            backup = home.backup(name)
            backup.verify_sizes()
        except Refused as reason:
            say(f"ignored {name}: {reason}")
            ignored.append(name)
        else:
            backups[name] = backup.manifest
    return backups, ignored


def lineages(backups: Backups) -> Lineage:
    """Return id → the ids that it builds on, nearest first; a chain without its beginning is left out."""
    found = {}
    for backup_id, backup in backups.items():
        line: list[str] = []
        parent = backup.parent
        while parent and parent in backups and parent not in line:
            line.append(parent)
            parent = backups[parent].parent
        if parent is None:
            found[backup_id] = line
    return found
