"""Which backups of a set are complete, and which of them build on which.

There may be a hundred thousand of them, to be told within seconds: only what is needed of each is kept, and where there
are many, all processors look.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple, Protocol

from backup_scripts import files, manifest, processors
from backup_scripts.contract import Refused, say
from backup_scripts.manifest import Manifest, ManifestInvalid
from backup_scripts.repository import RESERVED, BackupSet

MANY = 4000
"""From so many on it pays to have other processors look, too."""


class Linked(Protocol):
    """Whatever says what it builds on."""

    @property
    def parent(self) -> str | None:
        """The id of what it builds on; None where that is nothing."""


class Point(NamedTuple):
    """What is kept of a complete backup's manifest; a plain tuple, because it goes from process to process."""

    finished: datetime
    parent: str | None
    retain_until: datetime | None

    @classmethod
    def of(cls, stated: Manifest) -> Point:
        """Return that of a manifest."""
        return cls(stated.finished, stated.parent, stated.retain_until)


Backups = Mapping[str, Point]
Lineage = Mapping[str, Sequence[str]]


def inventory(home: BackupSet) -> tuple[dict[str, Point], list[str]]:
    """Return the complete backups and the names of everything else that is in sight."""
    backups: dict[str, Point] = {}
    ignored: list[str] = []
    with os.scandir(home.directory) as places:
        in_sight = sorted(
            (each.name, each.is_dir(follow_symlinks=False))
            for each in places
            if not each.name.startswith(".") and each.name not in RESERVED
        )
    for seen in processors.spread(partial(_all_seen, home), in_sight, at_least=MANY):
        for name, found in seen:
            if isinstance(found, Point):
                backups[name] = found
            else:
                say(f"ignored {name}: {found}")
                ignored.append(name)
    return backups, ignored


def _all_seen(home: BackupSet, in_sight: Sequence[tuple[str, bool]]) -> Sequence[tuple[str, Point | str]]:
    """Return each name with its point, or with the reason why there is none.

    Args:
        home: the set.
        in_sight: names, and whether they are those of directories.
    """
    place, set_name = str(home.directory), home.directory.name
    return [
        (name, (is_directory and _plain(place, set_name, name)) or _seen(home, name)) for name, is_directory in in_sight
    ]


def _seen(home: BackupSet, name: str) -> Point | str:
    try:
        backup = home.backup(name)
        backup.verify_sizes()
    except Refused as reason:
        return str(reason)
    return Point.of(backup.manifest)


def _plain(home: str, set_name: str, name: str) -> Point | None:
    """Return the point of a backup that is plainly complete, in half of the time; of any other let `_seen` judge."""
    place = f"{home}/{name}"
    try:
        found = manifest.parse(files.content(f"{place}/{manifest.NAME}"))
    except (OSError, ManifestInvalid):
        return None
    there = files.sizes(place, without=manifest.NAME)
    told = {file.path: file.size for file in found.files}
    return Point.of(found) if (found.id, found.set, there) == (name, set_name, told) else None


def lineages(backups: Mapping[str, Linked]) -> Lineage:
    """Return id → the ids that it builds on, nearest first; a chain without its beginning is left out."""
    found: dict[str, list[str] | None] = {}
    for backup_id in backups:
        trail: list[str] = []
        current: str | None = backup_id
        while current is not None and current in backups and current not in found:
            found[current] = None  # until its beginning is found, which a circle never has
            trail.append(current)
            current = backups[current].parent
        line = [] if current is None else _line_through(current, found)
        for each in reversed(trail):
            found[each] = line
            line = None if line is None else [each, *line]
    return {backup_id: line for backup_id, line in found.items() if line is not None}


def _line_through(backup_id: str, found: Mapping[str, list[str] | None]) -> list[str] | None:
    line = found.get(backup_id)
    return None if line is None else [backup_id, *line]
