"""Takes the inventory of a repository, set by set."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from msgspec.json import Decoder, encode

from drill.backups import catalogue
from drill.backups.catalogue import CatalogueError, Manifest
from drill.errors import DrillError
from drill.inventory import chains, examination, wal
from drill.inventory.entry import Entry, Flaw
from drill.inventory.wal import ARCHIVE, SEGMENT_BYTES, SEGMENT_SIZES, STREAM, LogInventory, Start

BATCH = 2000
"""So many backups are examined by one process before it is given more."""

Examined = tuple[Entry, Start | None]
Batch = tuple[str, list[str], datetime, bool]
_EXAMINED = Decoder(list[Examined])

_DAY = timedelta(days=1)


@dataclass(slots=True)
class SetInventory:
    """One set.

    Attributes:
        name: of its directory.
        entries: what is, or should be, a backup, the oldest first; what is none comes last.
        chain_lengths: how many backups a restore of each needs.
        log: the write-ahead log beside them; None where there is none.
        flaws: what does not hold of the set as a whole.
        leftovers: what killed runs left, which the next run removes.
    """

    name: str
    entries: list[Entry] = field(default_factory=list)
    chain_lengths: dict[str, int] = field(default_factory=dict)
    log: LogInventory | None = None
    flaws: list[Flaw] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)

    @property
    def backups(self) -> list[Entry]:
        """Those that have a valid manifest."""
        return [entry for entry in self.entries if entry.is_backup]

    @property
    def points(self) -> int:
        """How many moments can be restored: backups of which nothing is known not to hold."""
        return sum(entry.is_backup and not entry.flaws for entry in self.entries)

    @property
    def chains(self) -> int:
        """How many backups build on nothing: each is the beginning of a chain."""
        return sum(entry.is_backup and entry.parent is None for entry in self.entries)

    @property
    def stored_bytes(self) -> int:
        """The size of all backups, and of the log."""
        return sum(entry.stored_bytes for entry in self.entries) + (self.log.stored_bytes if self.log else 0)

    @property
    def source_bytes(self) -> int:
        """The size of everything that was backed up, as often as it was."""
        return sum(entry.source_bytes for entry in self.entries)

    @property
    def growth_per_day(self) -> float | None:
        """How many bytes a day backups and log add, from the first backup to the last; None below two days."""
        finished = [entry.finished for entry in self.entries if entry.finished]
        span = max(finished) - min(finished) if finished else timedelta(0)
        if span < 2 * _DAY:
            return None
        return self.stored_bytes / (span / _DAY)

    @property
    def holds(self) -> bool:
        """Whether nothing was found that does not hold."""
        return not (self.flaws or (self.log and self.log.flaws) or any(entry.flaws for entry in self.entries))


@dataclass(frozen=True, slots=True)
class Inventory:
    """A repository at a moment."""

    repository: Path
    now: datetime
    sets: tuple[SetInventory, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found that does not hold."""
        return all(each.holds for each in self.sets)


def take(
    repository: Path,
    *,
    now: datetime,
    only: str | None = None,
    hashing: bool = False,
    restoring: str | None = None,
) -> Inventory:
    """Take the inventory of a repository.

    Args:
        repository: its directory.
        now: the time by which ages are counted.
        only: the one set to look at; None: all.
        hashing: read every byte and compare checksums.
        restoring: hash only what a restore of this backup needs: itself, what it builds on, its set's log; None: all.

    Raises:
        DrillError: there is no such repository or set, or it cannot be read.
    """
    try:
        homes = sorted(each for each in repository.iterdir() if each.is_dir() and not each.name.startswith("."))
        if only is not None:
            known = ", ".join(each.name for each in homes) or "none"
            homes = [each for each in homes if each.name == only]
            if not homes:
                raise DrillError(f"{repository} holds no set {only!r}", remedy=f"its sets: {known}")
        return Inventory(
            repository, now, tuple(_set(home, now=now, hashing=hashing, restoring=restoring) for home in homes)
        )
    except OSError as error:
        place = error.filename or repository
        raise DrillError(
            f"{place} cannot be read ({error.strerror})", remedy="name a repository that can be"
        ) from error


def _set(home: Path, *, now: datetime, hashing: bool, restoring: str | None) -> SetInventory:
    found = SetInventory(home.name)
    starts: list[Start] = []
    # As they were made, going by their names: what was written one after the other is found faster so.
    names = sorted(_candidates(home, found))
    hashed, listed = (names, []) if hashing else ([], names)
    if hashing and restoring is not None:
        needed = _needed(home, restoring)
        hashed, listed = [each for each in names if each in needed], [each for each in names if each not in needed]
    for entry, start in itertools.chain(
        _examined(home, hashed, now=now, hashing=True), _examined(home, listed, now=now, hashing=False)
    ):
        found.entries.append(entry)
        if start:
            starts.append(start)
    found.entries.sort(key=lambda entry: (entry.finished is None, entry.finished or now, entry.id))
    by_id = {entry.id: entry for entry in found.entries}
    chains.examine(by_id)
    found.chain_lengths = chains.lengths(by_id)
    found.log = wal.examine(
        home,
        starts=starts,
        segment_bytes=starts[-1].segment_bytes if starts else SEGMENT_BYTES,
        hashing=hashing and (restoring is None or bool(hashed)),
    )
    return found


def _needed(home: Path, backup: str) -> frozenset[str]:
    """Return a backup of a set with all that it builds on, as far as there are manifests; nothing if it is none."""
    needed: set[str] = set()
    at: str | None = backup
    while at is not None and at not in needed:
        try:
            parent = catalogue.read(home / at).manifest.parent
        except CatalogueError:
            parent = None
        needed.add(at)
        at = parent
    return frozenset(needed)


def _examined(home: Path, names: list[str], *, now: datetime, hashing: bool) -> Iterator[Examined]:
    """Yield what each directory holds; where there are many, all processors look."""
    batches = [(str(home), names[first : first + BATCH], now, hashing) for first in range(0, len(names), BATCH)]
    if len(batches) == 1:
        yield from _batch(batches[0])
    elif batches:
        # Nothing goes in circles there, and looking for circles would take a sixth of the time.
        with ProcessPoolExecutor(initializer=gc.disable) as processes:
            for sent in processes.map(_sent, batches):
                yield from _EXAMINED.decode(sent) if isinstance(sent, bytes) else sent


def _sent(batch: Batch) -> bytes | list[Examined]:
    """Return a batch as JSON, which takes a third of the time of pickling it; as it is where a name is no UTF-8."""
    examined = _batch(batch)
    try:
        return encode(examined)
    except UnicodeEncodeError:
        return examined


def _batch(batch: Batch) -> list[Examined]:
    home, names, now, hashing = batch
    return [
        (entry, _start(manifest) if manifest else None)
        for entry, manifest in examination.examine(home, names, now=now, hashing=hashing)
    ]


def _candidates(home: Path, found: SetInventory) -> Iterator[str]:
    with os.scandir(home) as places:
        for each in places:
            if each.name.startswith((".partial-", ".expired-")):
                found.leftovers.append(each.name)
            elif each.name.startswith(".") or each.name in (ARCHIVE, STREAM):
                continue
            elif each.is_dir(follow_symlinks=False):
                yield each.name
            else:
                found.flaws.append(Flaw("stray", f"{each.name} is no backup's directory"))


def _start(manifest: Manifest) -> Start | None:
    """Return where the log of a physical PostgreSQL backup begins."""
    high, slash, low = str(manifest.source.get("start_lsn", "")).partition("/")
    if not slash:
        return None
    try:
        size = int(manifest.source.get("wal_segment_size", SEGMENT_BYTES))
        return Start((int(high, 16) << 32) + int(low, 16), size) if size in SEGMENT_SIZES else None
    except (TypeError, ValueError):
        return None
