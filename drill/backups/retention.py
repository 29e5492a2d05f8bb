"""What retention promises, judged without the script that keeps it.

The promise "30 days": at any moment now, whatever was backed up within the last 30 days can still be restored, and so
can the state of the moment 30 days ago, which the newest backup at least that old holds. Beyond that so many points are
promised, each the last backup of a day, a week or a month, and the last of a month as a copy of its own term.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from drill.policy import Retention

_FORMATS = {"daily": "%Y-%m-%d", "weekly": "%G-W%V", "monthly": "%Y-%m"}
"""How a local time is written so that all times of a day, a week or a month are the same."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised: everything of the term, so many points, the monthly one for other terms; and whose days."""

    term: timedelta
    points: dict[str, int] = field(default_factory=dict)
    copies: tuple[timedelta, ...] = ()
    zone: str = "UTC"

    @classmethod
    def of(cls, retention: Retention) -> Promise:
        """Return what a policy promises."""
        return cls(retention.minimum, retention.points, tuple(retention.copies.values()), retention.time_zone)


def promised(finished: Iterable[datetime], *, now: datetime, promise: Promise) -> set[datetime]:
    """Return which of the backups ever taken (by the time they were finished) must exist at ``now``."""
    taken = sorted(moment for moment in finished if moment <= now)
    older = [moment for moment in taken if now - moment >= promise.term]
    kept = {moment for moment in taken if now - moment < promise.term} | set(older[-1:])
    for word, number in promise.points.items():
        kept |= set(list(_last_ones(taken, word, promise.zone))[-number:])
    longest = max(promise.copies, default=timedelta(0))
    return kept | {moment for moment in _last_ones(taken, "monthly", promise.zone) if now - moment < longest}


def _last_ones(taken: Iterable[datetime], word: str, zone: str) -> Iterator[datetime]:
    """Yield the last backup of each day, week or month that has one."""
    for _, together in groupby(taken, key=lambda moment: f"{moment.astimezone(ZoneInfo(zone)):{_FORMATS[word]}}"):
        yield list(together)[-1]


def reach(kept: Iterable[datetime], *, now: datetime) -> timedelta:
    """Return how far back the oldest kept backup reaches; zero where nothing is kept."""
    return max((now - moment for moment in kept), default=timedelta(0))
