"""Reads what a repository holds from its manifests, and from nothing else: names and file times prove nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from msgspec import DecodeError, Meta, Struct, field
from msgspec.json import Decoder

from drill.errors import DrillError

MANIFEST = "manifest.json"
SCHEMA = 1
LOG = ("wal", "stream")
"""Where a set keeps a server's log (design: "Repository")."""


class CatalogueError(DrillError):
    """A stored backup cannot be read."""


class StoredFile(Struct, frozen=True):
    """One file of a backup: path relative to the backup's directory, bytes, SHA-256 in hexadecimal."""

    path: str
    size: Annotated[int, Meta(ge=0)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]

    def __post_init__(self) -> None:
        # By hand: a repository may have a hundred thousand manifests, and path objects would double their reading.
        parts = self.path.split("/")
        if not self.path.strip("/.") or ".." in parts or not parts[0]:
            raise ValueError(f"{self.path!r} is outside the backup's directory")


class Manifest(Struct, frozen=True, rename={"schema_version": "schema"}):
    """What a backup says of itself (design: "Repository"); fields that the suite does not judge are left alone."""

    schema_version: int
    id: str
    set: str
    kind: str
    parent: str | None
    started: Annotated[datetime, Meta(tz=True)]
    finished: Annotated[datetime, Meta(tz=True)]
    files: tuple[StoredFile, ...]
    stored_bytes: int
    source_bytes: int
    source: dict[str, Any] = field(default_factory=dict)
    tier: str | None = None
    retain_until: Annotated[datetime, Meta(tz=True)] | None = None

    def __post_init__(self) -> None:
        if self.finished < self.started:
            raise ValueError(f"finished at {self.finished}, before it started at {self.started}")


_MANIFEST = Decoder(Manifest)


class StoredBackup:
    """One backup in a repository."""

    def __init__(self, directory: Path, manifest: Manifest) -> None:
        self.directory = directory
        self.manifest = manifest

    @property
    def id(self) -> str:
        """The backup's id."""
        return self.manifest.id

    @property
    def finished(self) -> datetime:
        """When the backup was complete."""
        return self.manifest.finished


def parse(text: bytes) -> Manifest:
    """Return a manifest, from the bytes of its file.

    Raises:
        CatalogueError: it is not what a manifest must be.
    """
    try:
        return _MANIFEST.decode(text)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CatalogueError(str(error), remedy="take a new backup") from error


def read(directory: Path) -> StoredBackup:
    """Return the backup in a directory, ``<repository>/<set>/<id>``.

    Raises:
        CatalogueError: no manifest, one that is not what a manifest must be, or that of another backup or set.
    """
    try:
        manifest = parse((directory / MANIFEST).read_bytes())
    except (OSError, CatalogueError) as error:
        raise CatalogueError(f"{directory}: no valid manifest ({error})", remedy="take a new backup") from error
    if (manifest.schema_version, manifest.set, manifest.id) != (SCHEMA, directory.parent.name, directory.name):
        raise CatalogueError(
            f"{directory}: manifest of {manifest.set}/{manifest.id}, schema {manifest.schema_version}",
            remedy="take a new backup",
        )
    return StoredBackup(directory, manifest)


def backups(directory: Path) -> list[StoredBackup]:
    """Return the complete backups of one set, the oldest first; what has no valid manifest is no backup."""
    return sorted(_readable(directory), key=lambda backup: (backup.finished, backup.id))


def in_sight(directory: Path) -> list[str]:
    """Return the names of all that somebody who looks into a set would take for a backup, complete or not."""
    names = (path.name for path in directory.iterdir()) if directory.is_dir() else ()
    return sorted(name for name in names if not name.startswith(".") and name not in LOG)


def newest(directory: Path) -> StoredBackup:
    """Return the newest restore point of a set.

    Raises:
        CatalogueError: it has none.
    """
    stored = backups(directory)
    if not stored:
        raise CatalogueError(f"{directory}: no complete backup", remedy="take one")
    return stored[-1]


def contents(directory: Path) -> dict[str, bytes]:
    """Return every file below a directory with its bytes, to tell whether anything was touched."""
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def link(backup: StoredBackup, directory: Path) -> StoredBackup:
    """Store the same backup in one more directory of the same file system, sharing its bytes."""
    _share(backup, directory, [MANIFEST, *(file.path for file in backup.manifest.files)])
    return StoredBackup(directory, backup.manifest)


def restamp(backup: StoredBackup, *, finished: datetime, into: Path) -> StoredBackup:
    """Store the same artefact once more as the backup of another moment, sharing its bytes. For simulated calendars.

    It is as restorable as the original; only the manifest is its own, without a checksum of itself, as a backup made by
    other tools.

    Args:
        backup: what is stored again; it may lie outside the set.
        finished: the moment that the copy claims to be of.
        into: the directory of the set, on the same file system.
    """
    identifier = f"{finished.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{backup.manifest.kind}"
    _share(backup, into / identifier, [file.path for file in backup.manifest.files])
    took = backup.manifest.finished - backup.manifest.started
    stated = json.loads((backup.directory / MANIFEST).read_bytes())
    stated |= {"id": identifier, "started": (finished - took).isoformat(), "finished": finished.isoformat()}
    stated.pop("manifest_sha256", None)
    (into / identifier / MANIFEST).write_text(json.dumps(stated), "utf-8")
    return read(into / identifier)


def _share(backup: StoredBackup, directory: Path, paths: Iterable[str]) -> None:
    for path in paths:
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.hardlink_to(backup.directory / path)


def _readable(directory: Path) -> Iterator[StoredBackup]:
    for candidate in directory.iterdir() if directory.is_dir() else []:
        with suppress(CatalogueError):
            yield read(candidate)
