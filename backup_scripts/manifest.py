"""The manifest: what a backup says about itself, `manifest.json` in its directory.

Schema 1, one JSON object::

    schema        1
    id            sortable UTC time and kind: 20261123T020000.000000Z-full; the directory's name
    set, kind     the set's name; full, incremental, wal, snapshot, aof, archive or mirror
    parent        the id of the backup that this one builds on, or null; without it this one cannot be restored
    started, finished, retain_until   RFC 3339 in UTC
    source        engine, system identifier, server version and what else names the origin; of a physical
                  PostgreSQL backup also timeline, start_lsn, stop_lsn, stop_time (the server's clock),
                  wal_segment_size, data_checksums, tablespaces (OID → location), and of an incremental one
                  parent_manifest, the SHA-256 of the parent's stored backup_manifest, and parent_files, that of
                  the list of all its files
    tool          name and version of the program that made it
    files         [{path, size, sha256}], paths relative to the backup's directory
    stored_bytes, source_bytes        the sum of the files; the size of the origin
    encryption    null, or how the files are encrypted: age X25519, each file's name then ending in .age
    tier          hourly, daily, weekly, monthly: how often such a backup is due, by the schedule that had it taken
    manifest_sha256   SHA-256 of the other fields as compact JSON with sorted keys; a backup made by
                      other tools may leave it out
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, NamedTuple

NAME = "manifest.json"
SCHEMA = 1
_NOWHERE = frozenset({"", ".", ".."})
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class ManifestInvalid(Exception):
    """The text is no manifest that can be trusted; says why."""


class StoredFile(NamedTuple):
    """One file of a backup: path relative to its directory, size in bytes, SHA-256 in hexadecimal."""

    path: str
    size: int
    sha256: str

    @property
    def plain_path(self) -> str:
        """The name that the file had before it was encrypted, if it was."""
        return self.path.removesuffix(".age")


class Manifest(NamedTuple):
    """What a backup says about itself; the fields are described above."""

    id: str
    set: str
    kind: str
    parent: str | None
    started: datetime
    finished: datetime
    source: Mapping[str, Any]
    tool: Mapping[str, str]
    files: tuple[StoredFile, ...]
    stored_bytes: int
    source_bytes: int
    encryption: str | None
    tier: str
    retain_until: datetime | None

    def as_json(self) -> dict[str, object]:
        """Return the JSON object, with its own checksum."""
        fields: dict[str, Any] = {"schema": SCHEMA} | self._asdict()
        fields["files"] = [file._asdict() for file in self.files]
        for name in ("started", "finished", "retain_until"):
            fields[name] = fields[name] and fields[name].isoformat()
        return fields | {"manifest_sha256": digest(fields)}


def digest(fields: Mapping[str, object]) -> str:
    """Return the checksum of a manifest's fields; the checksum itself is not among them."""
    return hashlib.sha256(_CANONICAL.encode(fields).encode()).hexdigest()


def parse(text: bytes) -> Manifest:
    """Read a manifest and mistrust it.

    Raises:
        ManifestInvalid: it is not JSON, not of this schema, was altered, lacks a field, or names a
            file outside the backup's directory.
    """
    try:
        fields = json.loads(text)
        if fields["schema"] != SCHEMA:
            raise ManifestInvalid(f"its schema is {fields['schema']!r}, these scripts read {SCHEMA}")
        if "manifest_sha256" in fields and fields.pop("manifest_sha256") != digest(fields):
            raise ManifestInvalid("manifest_sha256 is not the checksum of its fields: it was altered")
        return _manifest(fields)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ManifestInvalid(f"it cannot be read ({error})") from None
    except KeyError as error:
        raise ManifestInvalid(f"it lacks {error}") from None


def _manifest(fields: Mapping[str, Any]) -> Manifest:
    return Manifest(
        id=str(fields["id"]),
        set=str(fields["set"]),
        kind=str(fields["kind"]),
        parent=_parent(fields["parent"]),
        started=_aware(fields["started"]),
        finished=_aware(fields["finished"]),
        source=dict(fields["source"]),
        tool=dict(fields["tool"]),
        files=tuple([_stored_file(file) for file in fields["files"]]),
        stored_bytes=int(fields["stored_bytes"]),
        source_bytes=int(fields["source_bytes"]),
        encryption=fields["encryption"],
        tier=str(fields["tier"]),
        retain_until=fields["retain_until"] and _aware(fields["retain_until"]),
    )


def _parent(stated: object) -> str | None:
    if stated is None or (isinstance(stated, str) and stated):
        return stated
    raise ManifestInvalid(f"{stated!r} is no backup that it can build on")


def _aware(text: str) -> datetime:
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ManifestInvalid(f"{text!r} names no offset from UTC")
    return parsed


def _stored_file(fields: Mapping[str, Any]) -> StoredFile:
    path = fields["path"]
    if not _NOWHERE.isdisjoint(path.split("/")):
        plain = PurePosixPath(path)
        if plain.is_absolute() or ".." in plain.parts or not plain.parts:
            raise ManifestInvalid(f"{path!r} is outside the backup's directory")
        path = str(plain)
    return StoredFile(path, int(fields["size"]), str(fields["sha256"]))
