"""Examines the write-ahead log that is kept beside a set's backups: ``wal`` and its checksums, ``stream``."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice, pairwise
from pathlib import Path

from drill.inventory.entry import Flaw

ARCHIVE, STREAM, RECORD, RECEIVED = "wal", "stream", "archive.sha256", "received.sha256"
OWN = (RECORD, RECEIVED, "contents.sha256")
SEGMENT_BYTES = 16 * 1024 * 1024
SEGMENT_SIZES = tuple(1 << power for power in range(20, 31))
"""Bytes; from 1 MB to 1 GB (initdb, ``--wal-segsize``)."""

_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")
_SEGMENT = re.compile(r"([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(?:\.partial)?")
_STORED = re.compile(r"\.gz(\.age)?$")
_LISTED = 5
"""How many holes are told one by one."""


@dataclass(frozen=True, slots=True)
class Span:
    """The segments of one timeline from the first to the last that is there."""

    timeline: int
    first: str
    last: str
    segments: int
    holes: int


@dataclass(slots=True)
class LogInventory:
    """The log of a set.

    Attributes:
        archived: how many files ``wal`` holds.
        streamed: how many ``stream`` holds.
        stored_bytes: the size of all.
        spans: timeline by timeline.
        flaws: what does not hold.
        notes: holes that no backup is cut off by.
    """

    archived: int = 0
    streamed: int = 0
    stored_bytes: int = 0
    spans: tuple[Span, ...] = ()
    flaws: list[Flaw] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Start:
    """Where the log of a backup begins: from here on it has to be without a hole."""

    position: int
    segment_bytes: int


def examine(home: Path, *, starts: Iterable[Start], segment_bytes: int, hashing: bool) -> LogInventory | None:
    """Return what is kept of the log, and what is missing of it; None where nothing is and nothing was."""
    archived, streamed = _names(home / ARCHIVE), _names(home / STREAM)
    recorded, received = dict(_recorded(home / ARCHIVE / RECORD)), dict(_recorded(home / STREAM / RECEIVED))
    if not archived and not streamed and not recorded and not received:
        return None
    log = LogInventory(len(archived), len(streamed), sum(archived.values()) + sum(streamed.values()))
    # What has just been received has no line yet; what was archived had one before the server was told so.
    for name in sorted(archived.keys() - recorded.keys()):
        log.flaws.append(Flaw("log-unrecorded", f"{name} is there and {RECORD} does not know it"))
    _compare(home / ARCHIVE, archived, recorded, log, written="archived", hashing=hashing)
    _compare(home / STREAM, streamed, received, log, written="received", hashing=hashing)
    there: dict[int, set[int]] = defaultdict(set)
    per_log = 0x1_0000_0000 // segment_bytes
    for name in (*(_STORED.sub("", each) for each in archived), *streamed):
        if segment := _SEGMENT.fullmatch(name):
            timeline, high, low = (int(part, 16) for part in segment.groups())
            there[timeline].add(high * per_log + low)
    oldest = min((start.position // segment_bytes for start in starts), default=None)
    log.spans = tuple(_spans(there, per_log, log, oldest))
    return log


def _names(directory: Path) -> dict[str, int]:
    if not directory.is_dir():
        return {}
    return {
        each.name: each.stat().st_size
        for each in directory.iterdir()
        if each.is_file() and each.name not in OWN and not each.name.startswith(".")
    }


def _compare(
    directory: Path, there: dict[str, int], recorded: dict[str, str], log: LogInventory, *, written: str, hashing: bool
) -> None:
    for name in sorted(recorded.keys() - there.keys()):
        log.flaws.append(Flaw("log-missing", f"{name} was {written} and is not there any more"))
    if hashing:
        for name in sorted(there.keys() & recorded.keys()):
            with (directory / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != recorded[name]:
                log.flaws.append(Flaw("log-checksum-differs", f"{name} is not what was {written}"))


def _recorded(record: Path) -> Iterator[tuple[str, str]]:
    """Yield name and checksum of every line; the last one of a name counts."""
    for line in record.read_text("utf-8", "replace").splitlines() if record.is_file() else ():
        if found := _LINE.fullmatch(line):
            yield found[2], found[1]


def _spans(there: dict[int, set[int]], per_log: int, log: LogInventory, oldest: int | None) -> Iterator[Span]:
    for timeline, numbers in sorted(there.items()):
        # As ranges: from the log to a foreign file with some segment's name it may be all the segments that there are.
        holes = [range(before + 1, after) for before, after in pairwise(sorted(numbers))]
        needed = [range(max(hole.start, oldest or 0), hole.stop) for hole in holes]
        missing, missed = sum(map(len, needed)), sum(map(len, holes))
        for number in islice(chain.from_iterable(needed), _LISTED):
            what = f"{_name(timeline, number, per_log)} is missing: no recovery goes past it"
            log.flaws.append(Flaw("log-hole", what))
        if missing > _LISTED:
            log.flaws.append(Flaw("log-hole", f"and {missing - _LISTED} more of timeline {timeline}"))
        if missed > missing:
            log.notes.append(f"{missed - missing} segments are missing from before the oldest backup")
        first, last = _name(timeline, min(numbers), per_log), _name(timeline, max(numbers), per_log)
        yield Span(timeline, first, last, len(numbers), missed)


def _name(timeline: int, number: int, per_log: int) -> str:
    return f"{timeline:08X}{number // per_log:08X}{number % per_log:08X}"
