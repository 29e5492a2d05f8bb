"""Which backups of a set are complete, and which of them build on which.

There may be a hundred thousand of them, to be told within seconds: only what is needed of each is kept, and where there
are many, all processors look.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple, Protocol

from backup_scripts import files, manifest, processors
from backup_scripts.contract import Refused, say
from backup_scripts.manifest import Manifest, ManifestInvalid
from backup_scripts.repository import RESERVED, BackupSet

MANY = 4000
"""From so many on it pays to have other processors look, too."""
TOGETHER = 32
"""So many are read before the first of them is judged: one by one, the system's work and ours drive each other out of
the processor's caches, which took a tenth of the time and more.
"""


class Linked(Protocol):
    """Whatever says what it builds on."""

    @property
    def parent(self) -> str | None:
        """The id of what it builds on; None where that is nothing."""


class Point(NamedTuple):
    """What is kept of a complete backup's manifest."""

    finished: datetime
    parent: str | None
    retain_until: datetime | None

    def __reduce__(self) -> tuple[Callable[..., Point], tuple[str | None, ...]]:
        """Go from process to process as text, which takes a fifth of the time."""
        until = self.retain_until.isoformat() if self.retain_until else None
        return _point, (self.finished.isoformat(), self.parent, until)

    @classmethod
    def of(cls, stated: Manifest) -> Point:
        """Return that of a manifest."""
        return cls(stated.finished, stated.parent, stated.retain_until)


def _point(finished: str, parent: str | None, until: str | None) -> Point:
    return Point(datetime.fromisoformat(finished), parent, datetime.fromisoformat(until) if until else None)


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
    seen: list[tuple[str, Point | str]] = []
    for first in range(0, len(in_sight), TOGETHER):
        some = in_sight[first : first + TOGETHER]
        plain = _plain(home, [name for name, is_directory in some if is_directory])
        seen += [(name, plain.get(name) or _seen(home, name)) for name, _ in some]
    return seen


def _seen(home: BackupSet, name: str) -> Point | str:
    try:
        backup = home.backup(name)
        backup.verify_sizes()
    except Refused as reason:
        return str(reason)
    return Point.of(backup.manifest)


def _plain(home: BackupSet, names: Sequence[str]) -> dict[str, Point]:
    """Return those that are plainly complete, in half of the time; of the others let `_seen` judge."""
    place, set_name = str(home.directory), home.directory.name
    texts = [_content(f"{place}/{name}/{manifest.NAME}") for name in names]
    listed = [files.sizes(f"{place}/{name}", without=manifest.NAME) for name in names]
    points: dict[str, Point] = {}
    for name, text, there in zip(names, texts, listed, strict=True):
        try:
            found = manifest.parse(text)
        except ManifestInvalid:
            continue
        told = {file.path: file.size for file in found.files}
        if (found.id, found.set, there) == (name, set_name, told):
            points[name] = Point.of(found)
    return points


def _content(path: str) -> bytes:
    """Return what is in a manifest; nothing, which is none, where it cannot be read."""
    try:
        return files.content(path)
    except OSError:
        return b""


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
