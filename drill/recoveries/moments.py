"""Moments that a recovery can aim at, and which of the acknowledged writes lie on which side of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from drill.errors import DrillError

END = "end"
"""The recovery target that means everything there is (design: "The command contract")."""
BACKUP_END = "immediate"
"""The recovery target that means what the backup itself holds, and none of the log after it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment between two writes.

    Attributes:
        name: of the restore point that the server set then.
        at: the server's clock.
        lsn: where its write-ahead log stood.
        before: how many ledger writes had been committed by then.
        written: how many had been committed in the end.
    """

    name: str
    at: datetime
    lsn: str
    before: int
    written: int

    def target(self, kind: str) -> str:
        """Return the recovery target that means this moment, as the contract writes it.

        Args:
            kind: one of ``KINDS``.

        Raises:
            DrillError: no such kind.
        """
        if kind not in KINDS:
            raise DrillError(f"no recovery target {kind!r}", remedy=f"use one of {', '.join(KINDS)}")
        return KINDS[kind](self)


def within_backup(source: Mapping[str, object], kind: str) -> str:
    """Return a recovery target between the start and the end of a backup, where its copy is of no single moment.

    Args:
        source: what the backup's manifest says of its source.
        kind: one of ``WITHIN``.

    Raises:
        DrillError: no such kind, or the manifest does not say.
    """
    if kind not in WITHIN:
        raise DrillError(f"no recovery target {kind!r}", remedy=f"use one of {', '.join(WITHIN)}")
    try:
        return WITHIN[kind](source)
    except KeyError as error:
        raise DrillError(
            f"the backup's manifest has no {error} in source", remedy="have the backup command write it there"
        ) from None


_HANOI = timezone(timedelta(hours=7))
_HOUR = timedelta(hours=1)
_MILLISECOND = timedelta(milliseconds=1)
KINDS: dict[str, Callable[[Moment], str]] = {
    "time": lambda moment: _time(moment.at),
    "time in another zone": lambda moment: _time(moment.at.astimezone(_HANOI)),
    "time without a zone": lambda moment: _time(moment.at.replace(tzinfo=None)),
    "restore point": lambda moment: f"name:{moment.name}",
    "log position": lambda moment: f"lsn:{moment.lsn}",
    "lies before the backup": lambda moment: _time(moment.at - _HOUR),
    "lies after the end of the archive": lambda moment: _time(moment.at + _HOUR),
    "was never marked": lambda moment: f"name:not-{moment.name}",
}
"""How a moment is named to a recovery, rightly or wrongly."""


WITHIN: dict[str, Callable[[Mapping[str, object]], str]] = {
    "time": lambda source: _time(datetime.fromisoformat(str(source["stop_time"])) - _MILLISECOND),
    "log position": lambda source: f"lsn:{_halfway(str(source['start_lsn']), str(source['stop_lsn']))}",
}
"""How a moment within a backup is named to a recovery, which has to refuse it: the copy is whole from its end on."""


def _halfway(start: str, stop: str) -> str:
    """Return the position of the log in the middle of two."""
    middle = sum(int(high, 16) << 32 | int(low, 16) for high, low in (start.split("/"), stop.split("/"))) // 2
    return f"{middle >> 32:X}/{middle & 0xFFFFFFFF:08X}"


def _time(at: datetime) -> str:
    return f"time:{at.isoformat()}"
