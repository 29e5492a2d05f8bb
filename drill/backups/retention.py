"""What retention promises, judged without the script that keeps it.

The promise "30 days": at any moment now, whatever was backed up within the last 30 days can still be restored, and so
can the state of the moment 30 days ago, which the newest backup at least that old holds. Beyond that so many points are
promised, each the last backup of a day, a week or a month, and the last of a month as a copy of its own term. A backup
that is known not to hold keeps no promise; the newest that is known to hold is kept, however old it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
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


@dataclass(frozen=True, slots=True)
class Keeping:
    """Why a backup must exist, and until when at least; None: until others have taken its place."""

    reason: str
    until: datetime | None = None


def promised(
    finished: Iterable[datetime],
    *,
    now: datetime,
    promise: Promise,
    rotten: Collection[datetime] = (),
    proven: Collection[datetime] = (),
) -> set[datetime]:
    """Return which of the backups ever taken must exist at a moment; the arguments are those of `keepings`."""
    return set(keepings(finished, now=now, promise=promise, rotten=rotten, proven=proven))


def keepings(
    finished: Iterable[datetime],
    *,
    now: datetime,
    promise: Promise,
    rotten: Collection[datetime] = (),
    proven: Collection[datetime] = (),
) -> dict[datetime, Keeping]:
    """Return why each backup must exist that must; each is named by the time at which it was finished.

    Args:
        finished: all that were ever taken.
        now: the moment.
        promise: what is promised of them.
        rotten: those that are known not to hold, or to build on one that does not.
        proven: those that were read and found to hold, with all that they build on.
    """
    taken = sorted(moment for moment in finished if moment <= now and moment not in rotten)
    kept: dict[datetime, Keeping] = {}
    _keep(kept, (moment for moment in taken if now - moment < promise.term), "within the term", promise.term)
    older = [moment for moment in taken if now - moment >= promise.term]
    _keep(kept, older[-1:], "the newest beyond the term")
    for word, number in promise.points.items():
        _keep(kept, list(_last_ones(taken, word, promise.zone))[-number:], f"one of the last {number} {word} points")
    longest = max(promise.copies, default=timedelta(0))
    of_months = [moment for moment in _last_ones(taken, "monthly", promise.zone) if now - moment < longest]
    *ended, _this = _last_ones([*of_months, now], "monthly", promise.zone)
    _keep(kept, ended, "the copy of its month", longest)
    _keep(kept, of_months[len(ended) :], "the newest of this month")
    _keep(kept, [moment for moment in taken if moment in proven][-1:], "the newest that was found right")
    return kept


def _keep(
    kept: dict[datetime, Keeping], moments: Iterable[datetime], reason: str, term: timedelta | None = None
) -> None:
    """Note why moments are kept; a day until which they are tells more than their place, and a later one more still."""
    for moment in moments:
        until = moment + term if term else None
        former = kept.get(moment)
        if former is None or (until and (former.until is None or former.until < until)):
            kept[moment] = Keeping(reason, until)


def _last_ones(taken: Iterable[datetime], word: str, zone: str) -> Iterator[datetime]:
    """Yield the last backup of each day, week or month that has one."""
    for _, together in groupby(taken, key=lambda moment: f"{moment.astimezone(ZoneInfo(zone)):{_FORMATS[word]}}"):
        yield list(together)[-1]


def reach(kept: Iterable[datetime], *, now: datetime) -> timedelta:
    """Return how far back the oldest kept backup reaches; zero where nothing is kept."""
    return max((now - moment for moment in kept), default=timedelta(0))
