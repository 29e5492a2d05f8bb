"""One entry of a set, and what of it does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct, field


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that does not hold: a stable name for its kind, and what was found."""

    kind: str
    what: str


class Entry(Struct):
    """One directory of a set that is, or should be, a backup.

    There may be a hundred thousand, handed from process to process: it keeps what is shown and no more. ``flaws`` grows
    while the set is examined.

    Attributes:
        id: the directory's name.
        kind: full, incremental, …; None where there is no valid manifest.
        parent: the id of the backup that it builds on.
        started: when it began, by its manifest.
        finished: when it was complete.
        tier: daily, weekly, …
        retain_until: until when it is promised.
        files: how many it has.
        stored_bytes: their size.
        source_bytes: the size of what was backed up.
        flaws: what does not hold.
        last_read: when a verification last read it (see `drill.inventory.reading`).
        found_right: whether that found it right; None where nobody has read it.
        kept_until: until when retention keeps it at least (see `drill.inventory.keeping`); None: as long as something
            speaks for it.
        kept_as: what speaks for it; None where no policy was asked.
    """

    id: str
    kind: str | None = None
    parent: str | None = None
    started: datetime | None = None
    finished: datetime | None = None
    tier: str | None = None
    retain_until: datetime | None = None
    files: int = 0
    stored_bytes: int = 0
    source_bytes: int = 0
    flaws: list[Flaw] = field(default_factory=list)
    last_read: datetime | None = None
    found_right: bool | None = None
    kept_until: datetime | None = None
    kept_as: str | None = None

    def flaw(self, kind: str, what: str) -> None:
        """Note that something does not hold."""
        self.flaws.append(Flaw(kind, what))

    @property
    def is_backup(self) -> bool:
        """Whether it has a valid manifest: without one it is no backup."""
        return self.kind is not None
