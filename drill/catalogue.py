"""Reads what a repository holds from its manifests, and from nothing else: names and file times prove nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from drill.errors import DrillError

MANIFEST = "manifest.json"
SCHEMA = 1


class CatalogueError(DrillError):
    """A stored backup cannot be read."""


class StoredFile(BaseModel):
    """One file of a backup: path relative to the backup's directory, bytes, SHA-256 in hexadecimal."""

    model_config = ConfigDict(frozen=True)

    path: str
    size: int
    sha256: str


class Manifest(BaseModel):
    """What a backup says of itself (design: "Repository"); fields that the suite does not judge are left alone."""

    model_config = ConfigDict(frozen=True)

    schema_version: int = Field(alias="schema")
    id: str
    set: str
    kind: str
    parent: str | None
    started: AwareDatetime
    finished: AwareDatetime
    files: tuple[StoredFile, ...]
    stored_bytes: int
    source_bytes: int


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


def read(directory: Path) -> StoredBackup:
    """Return the backup in a directory.

    Raises:
        CatalogueError: no manifest, or one that is not what a manifest must be.
    """
    try:
        manifest = Manifest.model_validate_json((directory / MANIFEST).read_bytes())
    except (OSError, ValidationError) as error:
        raise CatalogueError(f"{directory}: no valid manifest ({error})", remedy="take a new backup") from error
    if manifest.schema_version != SCHEMA or manifest.id != directory.name:
        raise CatalogueError(
            f"{directory}: manifest of {manifest.id}, schema {manifest.schema_version}", remedy="take a new backup"
        )
    return StoredBackup(directory, manifest)


def backups(directory: Path) -> list[StoredBackup]:
    """Return the complete backups of one set, the oldest first; what has no valid manifest is no backup."""
    return sorted(_readable(directory), key=lambda backup: (backup.finished, backup.id))


def newest(directory: Path) -> StoredBackup:
    """Return the newest restore point of a set.

    Raises:
        CatalogueError: it has none.
    """
    stored = backups(directory)
    if not stored:
        raise CatalogueError(f"{directory}: no complete backup", remedy="take one")
    return stored[-1]


def _readable(directory: Path) -> Iterator[StoredBackup]:
    for candidate in directory.iterdir() if directory.is_dir() else []:
        if candidate.is_dir() and not candidate.name.startswith(".") and (candidate / MANIFEST).is_file():
            try:
                yield read(candidate)
            except CatalogueError:
                continue


def contents(directory: Path) -> dict[str, bytes]:
    """Return every file below a directory with its bytes, to tell whether anything was touched."""
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def restamp(backup: StoredBackup, *, finished: datetime) -> StoredBackup:
    """Store the same artefact once more as the backup of another moment, sharing its bytes.

    It is as restorable as the original; only the manifest is its own, without a checksum of itself, as a backup made by
    other tools. For simulated calendars.
    """
    moment = finished.strftime("%Y%m%dT%H%M%S.%fZ")
    identifier = f"{moment}-{backup.manifest.kind}"
    target = backup.directory.parent / identifier
    for file in backup.manifest.files:
        place = target / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.hardlink_to(backup.directory / file.path)
    later = finished - backup.finished
    stated = json.loads((backup.directory / MANIFEST).read_bytes())
    for name in ("started", "finished", "retain_until"):
        if stated.get(name):
            stated[name] = (datetime.fromisoformat(stated[name]) + later).isoformat()
    stated["id"] = identifier
    stated.pop("manifest_sha256", None)
    (target / MANIFEST).write_text(json.dumps(stated), "utf-8")
    return read(target)
