"""Physical backups that build on each other: a full one, and the incremental ones on top of it.

An incremental backup's `source` pins its parent: `parent_manifest` is the SHA-256 of the parent's stored
`backup_manifest`, `parent_files` that of the whole list of its files. A parent that was altered and got a new
manifest therefore does not fit its children any more.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from backup_scripts import postgres, postgres_lsn
from backup_scripts.contract import Refused
from backup_scripts.manifest import Manifest
from backup_scripts.repository import RESERVED, BackupSet, StoredBackup

TOOL = "pg_basebackup"
BACKUP_MANIFEST = "backup_manifest"
SAME = ("system_identifier", "data_checksums", "wal_segment_size")
ANOTHER = "restore a backup of another chain, and take a new full backup"


class Link(NamedTuple):
    """One physical backup, and what its manifest says of its origin."""

    stored: StoredBackup

    @property
    def id(self) -> str:
        """The backup's id."""
        return self.stored.manifest.id

    @property
    def source(self) -> dict[str, Any]:
        """What the manifest says of the origin."""
        return dict(self.stored.manifest.source)

    @property
    def start(self) -> int:
        """Where its write-ahead log begins."""
        return self._position("start_lsn")

    @property
    def stop(self) -> int:
        """Where it is consistent: the end of its own write-ahead log."""
        return self._position("stop_lsn")

    @property
    def major(self) -> int:
        """The major version of the server."""
        return postgres.major(str(self.source["server_version"]))

    @property
    def tablespaces(self) -> dict[str, Path]:
        """OID → location of the tablespaces: where they were, or below RESTORE_TABLESPACES."""
        if elsewhere := os.environ.get("RESTORE_TABLESPACES"):
            return {oid: Path(elsewhere).absolute() / oid for oid in dict(self.source["tablespaces"])}
        return {oid: Path(place) for oid, place in dict(self.source["tablespaces"]).items()}

    def pins(self) -> dict[str, str]:
        """Return what a child records of this backup."""
        found = self.stored.manifest.files
        inner = next((file.sha256 for file in found if file.plain_path == BACKUP_MANIFEST), "")
        listed = json.dumps([file._asdict() for file in found], separators=(",", ":"))
        return {"parent_manifest": inner, "parent_files": hashlib.sha256(listed.encode()).hexdigest()}

    def _position(self, name: str) -> int:
        position = postgres_lsn.parse(str(self.source[name]))
        if position is None:
            raise Refused("manifest-invalid", f"{self.stored.directory}: {name} is no LSN; {ANOTHER}")
        return position


class Chain(NamedTuple):
    """The links that one backup is restored from, the full one first."""

    links: tuple[Link, ...]

    @classmethod
    def ending_at(cls, home: BackupSet, backup_id: str) -> Chain:
        """Read a backup and all that it builds on, and check that they fit together; not yet their files.

        Raises:
            Refused: ``no-such-backup``, ``manifest-invalid``, ``wrong-kind``; ``chain-broken`` where an ancestor is
                missing or is not the one that its child was made on.
        """
        links = [link(home, backup_id)]
        while (parent := links[0].stored.manifest.parent) is not None:
            if parent in {each.id for each in links}:
                raise Refused("chain-broken", f"{home.directory / parent} builds on itself; {ANOTHER}")
            try:
                links.insert(0, link(home, parent))
            except Refused as error:
                raise Refused("chain-broken", f"{links[0].id} builds on {parent}: {error}; {ANOTHER}") from None
        if links[0].stored.manifest.kind != "full":
            raise Refused("chain-broken", f"{links[0].id} names no backup that it builds on; {ANOTHER}")
        for older, newer in itertools.pairwise(links):
            _refuse_unfit(older, newer)
        return cls(tuple(links))

    @property
    def last(self) -> Link:
        """The backup that is restored."""
        return self.links[-1]

    @property
    def ids(self) -> list[str]:
        """The ids, the full one first."""
        return [each.id for each in self.links]

    def verify_sizes(self) -> None:
        """Check that every link has exactly its files.

        Raises:
            Refused: as `StoredBackup.verify_sizes`.
        """
        for each in self.links:
            each.stored.verify_sizes()


def link(home: BackupSet, backup_id: str) -> Link:
    """Find one physical backup.

    Raises:
        Refused: ``no-such-backup``, ``manifest-invalid``, ``wrong-kind``.
    """
    stored = home.backup(backup_id)
    if not _is_physical(stored.manifest):
        advice = "use the script that fits it"
        raise Refused("wrong-kind", f"{stored.directory} was not made by postgres_basebackup; {advice}")
    _refuse_strange_tablespaces(stored)
    return Link(stored)


def newest_first(home: BackupSet) -> Iterator[Link]:
    """Give the physical backups of a set; what is none, or has no valid manifest, is passed over."""
    names = [path.name for path in home.directory.iterdir()] if home.directory.is_dir() else []
    found = []
    for name in names:
        if name.startswith(".") or name in RESERVED:
            continue
        try:
            found.append(link(home, name))
        except Refused:
            continue
    yield from sorted(found, key=lambda each: (each.stored.manifest.finished, each.id), reverse=True)


def _refuse_strange_tablespaces(stored: StoredBackup) -> None:
    """Check that the tablespaces have OIDs, which become names of files, and places that are paths from the root."""
    stated = stored.manifest.source["tablespaces"]
    if not isinstance(stated, dict) or not all(
        oid.isascii() and oid.isdigit() and str(place).startswith("/") for oid, place in stated.items()
    ):
        raise Refused("manifest-invalid", f"{stored.directory} has tablespaces that cannot be: {stated!r}; {ANOTHER}")


def _is_physical(found: Manifest) -> bool:
    needed = {"server_version", "start_lsn", "stop_lsn", "stop_time", "timeline", "tablespaces", *SAME}
    return (
        found.tool.get("name") == TOOL
        and found.source.get("engine") == postgres.ENGINE
        and needed <= found.source.keys()
    )


def _refuse_unfit(older: Link, newer: Link) -> None:
    for name in SAME:
        if older.source[name] != newer.source[name]:
            what = f"{name} is {older.source[name]} in {older.id} and {newer.source[name]} in {newer.id}"
            raise Refused("chain-broken", f"{what}; {ANOTHER}")
    if older.major != newer.major or older.start > newer.start:
        raise Refused("chain-broken", f"{newer.id} cannot come after {older.id}; {ANOTHER}")
    for name, sha256 in older.pins().items():
        if newer.source.get(name) != sha256:
            what = f"{older.id} is not what {newer.id} was made on: its {name.removeprefix('parent_')} was altered"
            raise Refused("chain-broken", f"{what}; {ANOTHER}")
