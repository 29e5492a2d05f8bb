"""What retention keeps of a set, and why; what nothing speaks for may go.

A point is the newest backup of a local day, week (from Monday) or month. Days, weeks and months without a backup do not
count: whoever wants nine weekly points gets nine, however long the job has failed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backup_scripts import contract
from backup_scripts.contract import Refused, WrongArguments, positive
from backup_scripts.lineage import Backups, Lineage

PERIODS: Mapping[str, Callable[[datetime], object]] = {
    "daily": lambda local: local.date(),
    "weekly": lambda local: local.isocalendar()[:2],
    "monthly": lambda local: (local.year, local.month),
}
HOLD, PINS = ".legal-hold", ".pinned"


class Terms(NamedTuple):
    """What is kept beyond the term.

    Attributes:
        term: within it everything is kept.
        points: how many daily, weekly and monthly points are kept.
        copies: for how long the monthly point is kept as which copy: archive, compliance, …
        zone: whose days, weeks and months they are.
    """

    term: timedelta
    points: Mapping[str, int] = MappingProxyType({})
    copies: Mapping[str, timedelta] = MappingProxyType({})
    zone: tzinfo = UTC

    @classmethod
    def from_environment(cls, term: timedelta) -> Terms:
        """Return the term with what RETENTION_DAILY, …, RETENTION_COPIES and RETENTION_TIME_ZONE say.

        Raises:
            WrongArguments: one of them says something that cannot be.
        """
        points = {
            word: positive(os.environ[name], where=name)
            for word in PERIODS
            if os.environ.get(name := f"RETENTION_{word.upper()}")
        }
        stated = os.environ.get("RETENTION_COPIES", "")
        named = [_copy(text) for text in stated.split()]
        copies = dict(named)
        if len(copies) < len(named):
            raise WrongArguments("wrong-copies", f"RETENTION_COPIES is {stated!r}; give each copy one term")
        zone = os.environ.get("RETENTION_TIME_ZONE")
        try:
            return cls(term, points, copies, ZoneInfo(zone) if zone else UTC)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            message = f"RETENTION_TIME_ZONE is {zone!r}; give an IANA name, as Asia/Ho_Chi_Minh"
            raise WrongArguments("wrong-zone", message) from None


def reasons_to_keep(
    backups: Backups,
    lineage: Lineage,
    *,
    now: datetime,
    terms: Terms,
    pins: Mapping[str, str],
    proven: Collection[str],
) -> dict[str, str]:
    """Return id → why it is kept; what is not in it may go.

    Args:
        backups: the complete ones, without those that are known not to hold.
        lineage: what each builds on, and what those do that are known not to hold: they stay, with all of it.
        now: the present moment.
        terms: what is kept.
        pins: id → why somebody wants it kept.
        proven: the ids of those that a verification has read and found to be right.
    """
    oldest_first = sorted(backups, key=lambda backup_id: (backups[backup_id].finished, backup_id))
    days = terms.term.days
    old = [backup_id for backup_id in oldest_first if backups[backup_id].finished <= now - terms.term]
    if len(old) == len(oldest_first):
        return dict.fromkeys(old, f"no backup is younger than {days} days; have the backups stopped?")
    reasons = dict.fromkeys(oldest_first[len(old) :], f"younger than {days} days")
    reasons |= dict.fromkeys(old[-1:], f"the newest that is at least {days} days old")
    finished = {backup_id: backups[backup_id].finished for backup_id in oldest_first}
    for backup_id, reason in _points(finished, now=now, terms=terms):
        reasons.setdefault(backup_id, reason)
    for backup_id in reversed(oldest_first):
        if backup_id in proven and all(each in proven for each in lineage[backup_id]):
            reasons.setdefault(backup_id, "the newest that a verification has found right, with all that it builds on")
            break
    for backup_id in old:
        promise = backups[backup_id].retain_until
        if promise and promise > now:
            reasons.setdefault(backup_id, f"promised until {promise.isoformat()}")
        if backup_id in pins:
            reasons.setdefault(backup_id, f"pinned: {pins[backup_id]}")
    for backup_id in (*reasons, *(lineage.keys() - backups.keys())):
        for ancestor in lineage[backup_id]:
            if ancestor in backups:
                reasons.setdefault(ancestor, f"{backup_id} builds on it")
    return reasons


def held(home: Path) -> str | None:
    """Return why nothing of a set may go, as its ``.legal-hold`` says; None where there is none."""
    file = home / HOLD
    return _reason(file) if os.path.lexists(file) else None


def pinned(home: Path) -> dict[str, str]:
    """Return id → why somebody wants it kept: the files of ``.pinned``, each named after a backup.

    Raises:
        Refused: ``pins-unreadable``: what is pinned cannot be told.
    """
    place = home / PINS
    if not os.path.lexists(place):
        return {}
    try:
        return {each.name: _reason(each) for each in place.iterdir()}
    except OSError as error:
        advice = "mount what it leads to, or make it a directory that this user may read"
        raise Refused("pins-unreadable", f"{place}: {error.strerror}; {advice}") from None


def _reason(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip() or "no reason given"
    except OSError as error:  # a link to a place that is not mounted, perhaps: it holds all the same
        return f"its reason cannot be read ({error.strerror})"


def _points(finished: Mapping[str, datetime], *, now: datetime, terms: Terms) -> Iterable[tuple[str, str]]:
    """Yield the points that are kept; ``finished`` has the oldest first."""
    if not terms.points and not terms.copies:
        return
    local = {backup_id: moment.astimezone(terms.zone) for backup_id, moment in finished.items()}
    for word, number in terms.points.items():
        for backup_id in _newest_of_each(local, word)[-number:]:
            yield backup_id, f"one of the last {number} {word} points"
    monthly = _newest_of_each(local, "monthly") if terms.copies else []
    for name, term in terms.copies.items():
        for backup_id in monthly:
            if finished[backup_id] > now - term:
                yield backup_id, f"the {name} copy of its month, for {term.days} days"


def _newest_of_each(local: Mapping[str, datetime], word: str) -> Sequence[str]:
    newest = {PERIODS[word](moment): backup_id for backup_id, moment in local.items()}
    return list(newest.values())


def _copy(text: str) -> tuple[str, timedelta]:
    name, _, days = text.partition("=")
    return name, contract.term(days, where=f"the term of {name} in RETENTION_COPIES")
