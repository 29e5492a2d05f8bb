"""Backups of files that build on each other: a full one, and the incremental ones on top of it.

An incremental backup's `source` pins its parent: `parent_files` is the SHA-256 of the list of its files. A parent that
was altered and got a new manifest therefore does not fit its children any more.
"""

from __future__ import annotations

import hashlib
import itertools
import json

from backup_scripts.contract import Refused
from backup_scripts.repository import BackupSet, StoredBackup

ENGINE = "files"
SNAPSHOT = "snapshot.snar"
NEEDED = {"paths", "parents", "owners"}
ANOTHER = "restore a backup of another chain, and take a new full backup"


def link(home: BackupSet, backup_id: str) -> StoredBackup:
    """Find one backup of files.

    Raises:
        Refused: ``no-such-backup``, ``manifest-invalid``, ``wrong-kind``.
    """
    stored = home.backup(backup_id)
    if stored.manifest.source.get("engine") != ENGINE or not NEEDED <= stored.manifest.source.keys():
        raise Refused("wrong-kind", f"{stored.directory} was not made by files_archive; use the script that fits it")
    return stored


def ending_at(home: BackupSet, backup_id: str) -> tuple[StoredBackup, ...]:
    """Read a backup and all that it builds on, the full one first; not yet their files.

    Raises:
        Refused: as `link`; ``chain-broken`` where an ancestor is missing or is not the one that its child was made on.
    """
    links = [link(home, backup_id)]
    while (parent := links[0].manifest.parent) is not None:
        if parent in {each.manifest.id for each in links}:
            raise Refused("chain-broken", f"{home.directory / parent} builds on itself; {ANOTHER}")
        try:
            links.insert(0, link(home, parent))
        except Refused as error:
            raise Refused("chain-broken", f"{links[0].manifest.id} builds on {parent}: {error}; {ANOTHER}") from None
    if links[0].manifest.kind != "full":
        raise Refused("chain-broken", f"{links[0].manifest.id} names no backup that it builds on; {ANOTHER}")
    for older, newer in itertools.pairwise(links):
        if newer.manifest.source.get("parent_files") != pin(older):
            what = f"{older.manifest.id} is not what {newer.manifest.id} was made on: it was altered"
            raise Refused("chain-broken", f"{what}; {ANOTHER}")
    return tuple(links)


def pin(backup: StoredBackup) -> str:
    """Return what a child records of its parent."""
    listed = json.dumps([file._asdict() for file in backup.manifest.files], separators=(",", ":"))
    return hashlib.sha256(listed.encode()).hexdigest()


def newest(home: BackupSet) -> StoredBackup | None:
    """Return the newest backup of files in a set; what is none, or has no valid manifest, is passed over."""
    names = [path.name for path in home.directory.iterdir()] if home.directory.is_dir() else []
    found = []
    for name in names:
        try:
            found.append(link(home, name))
        except Refused:
            continue
    return max(found, key=lambda each: (each.manifest.finished, each.manifest.id), default=None)
