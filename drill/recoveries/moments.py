"""Moments that a recovery can aim at, and which of the acknowledged writes lie on which side of them."""

from __future__ import annotations

from collections.abc import Callable
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


_HANOI = timezone(timedelta(hours=7))
_HOUR = timedelta(hours=1)
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


def _time(at: datetime) -> str:
    return f"time:{at.isoformat()}"
