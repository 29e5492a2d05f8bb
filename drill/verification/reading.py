"""What can be told of a repository without restoring anything: the catalogue, who may read it, and the record."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from drill import inventory
from drill.backups.catalogue import LOG, MANIFEST, Manifest
from drill.inventory import Inventory, SetInventory
from drill.policy import Policy
from drill.policy.encryption import SECRET_KEY
from drill.rehearsal.record import Record, RecordedSet
from drill.verification.finding import Finding

SHOWN = 20
UNGUARDED = "everybody may change what lies there"
AGE = b"age-encryption.org/v1"
"""How everything begins that age has encrypted."""
LARGEST_KEY = 4096
"""Bytes; what is larger is no key file."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What shows that backups were left alone: of every file its path, size, mode and time of change.

    Beside them a repository may go on living: other backups come, and the log grows.
    """

    files: frozenset[tuple[str, int, int, int]]

    @classmethod
    def of(cls, places: Iterable[Path]) -> Stamp:
        """Take one of directories with all that is in them."""
        return cls(frozenset(stamp for place in places for stamp in _stamped(place)))


def of_catalogue(
    repository: Path, *, now: datetime, only: str | None, backup: str | None
) -> tuple[Inventory, list[Finding]]:
    """Return what the catalogue says with every byte read, and its flaws as findings.

    Where one backup alone is asked for, every byte that its restore needs is read, and of others what they are.

    Raises:
        DrillError: there is no such repository or set, or it cannot be read.
    """
    taken = inventory.take(repository, now=now, only=only, hashing=True, restoring=backup)
    return taken, [finding for found in taken.sets for finding in _flaws(found)]


def _flaws(found: SetInventory) -> Iterator[Finding]:
    if not found.backups:
        yield Finding("NO-BACKUPS", found.name, "none of its directories is a complete backup")
    for place, flaws in (
        (found.name, found.flaws),
        *((f"{found.name}/{entry.id}", entry.flaws) for entry in found.entries),
        (f"{found.name}/log", found.log.flaws if found.log else []),
    ):
        for flaw in flaws:
            yield Finding(flaw.kind.upper(), place, flaw.what)


def of_rights(repository: Path, sets: Collection[str]) -> Iterator[Finding]:
    """Tell what others may read or change of the sets, and what leads out of them."""
    if _lets_others_in(_mode(repository)):
        yield Finding("UNGUARDED", str(repository), UNGUARDED)
    for name in sets:
        root = repository / name
        exposed, unguarded = [], []
        entered = {repository}
        for place in (root, *sorted(root.rglob("*"))):
            mode, told = _mode(place), str(place.relative_to(repository))
            if stat.S_ISLNK(mode):
                yield Finding("LINK", told, f"it is a link to {place.readlink()}")
            elif place.parent not in entered:
                continue
            elif stat.S_ISDIR(mode) and mode & stat.S_IXOTH:
                entered.add(place)
                unguarded += [told] if _lets_others_in(mode) else []
            elif stat.S_ISREG(mode):
                unguarded += [told] if mode & stat.S_IWOTH else []
                exposed += [told] if mode & stat.S_IROTH and not _is_mark(place, root) else []
        yield from _each("EXPOSED", exposed, "everybody may read it, and it holds what the source guards", of=name)
        yield from _each("UNGUARDED", unguarded, UNGUARDED, of=name)


def _lets_others_in(mode: int) -> bool:
    """Tell whether everybody may put something else in the place of what is in a directory."""
    return bool(mode & stat.S_IWOTH and mode & stat.S_IXOTH) and not mode & stat.S_ISVTX


def _is_mark(place: Path, home: Path) -> bool:
    """Tell whether it is only a mark of how a set is kept, such as its lock: no such file holds any of the source."""
    return place.parent == home and place.name.startswith(".")


def _each(identifier: str, places: Sequence[str], what: str, *, of: str) -> Iterator[Finding]:
    for each in places[:SHOWN]:
        yield Finding(identifier, each, what)
    if len(places) > SHOWN:
        yield Finding(identifier, of, f"and {len(places) - SHOWN} further places")


def of_secrecy(repository: Path, sets: Collection[str]) -> Iterator[Finding]:
    """Tell what of the sets is not encrypted, where the policy has it encrypted, and which secret key lies there."""
    for place in sorted(repository.glob("*")):
        yield from _key_in(place, repository)
    for name in sets:
        for place in sorted((repository / name).rglob("*")):
            yield from _key_in(place, repository)
            if _holds_data(place, repository / name) and not _is_encrypted(place):
                what = "the policy has backups encrypted, and this is none that age has encrypted"
                yield Finding("UNENCRYPTED", str(place.relative_to(repository)), what)


def _key_in(place: Path, repository: Path) -> Iterator[Finding]:
    if (
        _is_file(place)
        and place.stat().st_size < LARGEST_KEY
        and SECRET_KEY.search(place.read_text("ascii", "replace"))
    ):
        yield Finding("KEY-BESIDE", str(place.relative_to(repository)), "it holds a secret key of age")


def _holds_data(place: Path, home: Path) -> bool:
    """Tell whether a file is one of a backup or a segment of a log, and not what is told of these."""
    parts = place.relative_to(home).parts
    told = place.name == MANIFEST or (parts[0] in LOG and place.suffix == ".sha256")
    return len(parts) > 1 and not parts[0].startswith(".") and not told and _is_file(place)


def _is_encrypted(file: Path) -> bool:
    with file.open("rb") as stored:
        return stored.read(len(AGE)) == AGE


def _is_file(place: Path) -> bool:
    """Tell whether it is a file that can be read; one that cannot is named by who needs it."""
    return stat.S_ISREG(_mode(place)) and os.access(place, os.R_OK)


def _mode(place: Path) -> int:
    """Return of what type a place is and who may do what there; 0 where it has gone."""
    status = _status(place)
    return status.st_mode if status else 0


def _status(place: Path) -> os.stat_result | None:
    """Return what the kernel says of a place; None where it has gone since it was listed: other backups go on."""
    try:
        return place.lstat()
    except FileNotFoundError:
        return None


def of_record(record: Record, taken: Inventory, *, only: str | None) -> Iterator[Finding]:
    """Hold what is there against what was recorded."""
    there = {found.name: found for found in taken.sets}
    for name, recorded in record.sets.items():
        if only not in (None, name):
            continue
        if name not in there:
            yield Finding("SET-LOST", name, f"{len(recorded.backups)} backups were recorded, and there is no such set")
        else:
            yield from _lost(name, recorded, there[name])


def _lost(name: str, recorded: RecordedSet, found: SetInventory) -> Iterator[Finding]:
    entries = {entry.id: entry for entry in found.entries}
    for backup in recorded.backups:
        entry = entries.get(backup.id)
        place = f"{name}/{backup.id}"
        if entry is None:
            yield Finding("BACKUP-LOST", place, "it was recorded and is not there")
        elif entry.is_backup and (entry.kind, entry.parent) != (backup.kind, backup.parent):
            stated = f"{entry.kind} on {entry.parent}"
            yield Finding("BACKUP-DIFFERS", place, f"it was {backup.kind} on {backup.parent}, and says {stated}")
        elif entry.is_backup and entry.finished and entry.finished != backup.finished:
            yield Finding("BACKUP-DIFFERS", place, f"it was finished at {backup.finished}, and says {entry.finished}")


def of_procedures(policy: Policy, record: Record | None, taken: Inventory) -> tuple[list[str], list[Finding]]:
    """Hold the policy's procedures against the sets; return those that nobody asked to be here, and what is missing."""
    there = {found.name for found in taken.sets} | (record.sets.keys() if record else set())
    absent = {each.set: _absence(each.set, record) for each in policy.procedures.values() if each.set not in there}
    unasked = [name for name, why in absent.items() if why is None]
    return unasked, [Finding("SET-MISSING", name, why) for name, why in absent.items() if why is not None]


def _absence(name: str, record: Record | None) -> str | None:
    if record is None:
        return "the policy has a procedure for it, and the repository no such set"
    return record.left_out.get(name, "it was not rehearsed: there was no procedure for it then")


def of_identity(name: str, recorded: RecordedSet, manifest: Manifest) -> Iterator[Finding]:
    """Hold the source that a manifest names against the one that was recorded."""
    known = {backup.id: backup.system_identifier for backup in recorded.backups}.get(manifest.id)
    stated = str(manifest.source.get("system_identifier", ""))
    if known is not None and known != stated:
        yield Finding("SOURCE-DIFFERS", f"{name}/{manifest.id}", f"it is of {stated!r}, recorded was {known!r}")


def _stamped(directory: Path) -> Iterator[tuple[str, int, int, int]]:
    for place in (directory, *directory.rglob("*")):
        if status := _status(place):
            yield (str(place), status.st_size, status.st_mode, status.st_mtime_ns)
