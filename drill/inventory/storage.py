"""What a set's backups take of the storage: as recorded, as it is, and as it will be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from drill.evidence.journal import Kind
from drill.evidence.record import STORAGE
from drill.inventory.entry import Entry
from drill.inventory.repository import SetInventory

_DAY = timedelta(days=1)
_SIZES = {"size-differs", "sum-differs", "file-missing", "file-unlisted", "manifest-missing", "manifest-invalid"}
"""The flaws of an entry whose recorded size is not what is stored."""


@dataclass(frozen=True, slots=True)
class Storage:
    """The storage of one set.

    Attributes:
        backups: how many directories are, or should be, backups.
        recorded: how many of them take exactly as many bytes as their manifest says, file by file.
        stored_bytes: what the backups take.
        log_bytes: what the write-ahead log beside them takes.
        source_bytes: the size of what was backed up, as often as it was.
        growth_per_day: bytes, those of the log among them; None where the backups lie within two days.
        free_bytes: what the file system has left.
    """

    backups: int
    recorded: int
    stored_bytes: int
    source_bytes: int
    growth_per_day: float | None
    free_bytes: int
    log_bytes: int = 0

    @property
    def held_bytes(self) -> int:
        """What backups and log take together."""
        return self.stored_bytes + self.log_bytes

    @property
    def recorded_share(self) -> float:
        """The part of the backups whose size is recorded as it is; none of nothing."""
        return self.recorded / self.backups if self.backups else 0.0

    @property
    def ratio(self) -> float | None:
        """What is stored, as a part of what was backed up; None where nothing was."""
        return self.stored_bytes / self.source_bytes if self.source_bytes else None

    def full_in(self) -> timedelta | None:
        """Return when nothing is left, if it grows on and nothing is removed; None where it does not grow."""
        if not self.growth_per_day:
            return None
        return timedelta(days=min(self.free_bytes / self.growth_per_day, timedelta.max.days))

    def at_end_of(self, term: timedelta) -> float | None:
        """Return the bytes that a whole term of such growth takes; None where the growth is not known."""
        return self.growth_per_day * (term / _DAY) if self.growth_per_day is not None else None

    def event(self, name: str) -> dict[str, Any]:
        """Return what the run record keeps of a set's storage, for ``Journal.event``."""
        facts = {
            "set": name,
            "stored_bytes": self.stored_bytes,
            "source_bytes": self.source_bytes,
            "growth_bytes_per_day": self.growth_per_day,
        }
        return {"kind": Kind.TESTING, "what": STORAGE, **facts}

    def figures(self, term: timedelta) -> Mapping[str, float | int | None]:
        """Return all of it, for the evidence; durations in days."""
        full = self.full_in()
        return {
            "backups": self.backups,
            "recorded": self.recorded,
            "stored_bytes": self.stored_bytes,
            "log_bytes": self.log_bytes,
            "source_bytes": self.source_bytes,
            "ratio": self.ratio,
            "growth_bytes_per_day": self.growth_per_day,
            "bytes_at_end_of_term": self.at_end_of(term),
            "free_bytes": self.free_bytes,
            "full_in_days": full / _DAY if full is not None else None,
        }


def storage(found: SetInventory, *, free_bytes: int) -> Storage:
    """Return what a set takes, by its inventory."""
    entries = found.entries
    return Storage(
        backups=len(entries),
        recorded=sum(map(_recorded, entries)),
        stored_bytes=sum(entry.stored_bytes for entry in entries),
        source_bytes=found.source_bytes,
        growth_per_day=found.growth_per_day,
        free_bytes=free_bytes,
        log_bytes=found.log.stored_bytes if found.log else 0,
    )


def _recorded(entry: Entry) -> bool:
    return not _SIZES & {flaw.kind for flaw in entry.flaws}
