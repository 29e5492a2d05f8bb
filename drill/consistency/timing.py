"""Schedules that get in their own way: commands at the same moment, backups that overlap, clocks that are changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import combinations, pairwise, takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim

from drill.consistency.contradiction import Contradiction
from drill.consistency.durations import Takings
from drill.policy import Policy, Schedule
from drill.policy.quantity import duration_text
from drill.policy.schedule import FIRST_DAY, LEAST_SPAN, firings

_START = datetime.combine(FIRST_DAY, time(), UTC)
_END = _START + LEAST_SPAN
_DAY, _MINUTE, _SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)


def overlaps(policy: Policy, takings: Takings) -> Iterator[Contradiction]:
    """Find procedures whose next backup begins before the last may have ended."""
    for name, taking in takings.items():
        entries = [*policy.scheduled(name, "backup"), *policy.scheduled(name, "incremental")]
        if not entries or taking.time <= (shortest := _shortest_gap(entries)):
            continue
        yield Contradiction(
            "overlap",
            name,
            (*_keys(policy, entries), taking.source if taking.known == "allowed" else "schedule"),
            f"a backup takes {duration_text(taking.time)} ({taking.known}: {taking.source}), and the next begins "
            f"{duration_text(shortest)} after it; it would find the set busy and not be taken",
            "back up less often, or bound how long a backup may take (time_limit)",
        )


def clashes(policy: Policy) -> Iterator[Contradiction]:
    """Find commands on one set that begin at the same moment: only one can have the set."""
    for home in dict.fromkeys(procedure.set for procedure in policy.procedures.values()):
        entries = [entry for entry in policy.schedule if policy.procedures[entry.procedure].set == home]
        together: list[Schedule] = []
        moments: set[datetime] = set()
        for one, other in combinations(entries, 2):
            if common := _moments(one.cron, one.time_zone) & _moments(other.cron, other.time_zone):
                together += [one, other]
                moments |= common
        if moments:
            yield Contradiction(
                "clash",
                home,
                _keys(policy, list(dict.fromkeys(together))),
                f"{len(moments)} times a year they begin at the same moment, first at {min(moments):%H:%M} UTC; the "
                "first to come has the set, the other fails",
                "let them begin some minutes apart",
            )


def clock_changes(policy: Policy) -> Iterator[Contradiction]:
    """Find times that a clock passes over, or shows twice, when it is changed."""
    for name in policy.procedures:
        for action in dict.fromkeys(entry.action for entry in policy.schedule if entry.procedure == name):
            hit = [entry for entry in policy.scheduled(name, action) if _meets_a_change(entry)]
            if hit:
                zones = ", ".join(dict.fromkeys(entry.time_zone for entry in hit))
                yield Contradiction(
                    "clock-change",
                    f"{name}-{action}",
                    _keys(policy, hit),
                    f"when the clocks of {zones} are changed, that time does not come or comes twice; schedulers "
                    "differ in what they make of it",
                    "take a time at which no clock is changed, or UTC",
                )


def lone_increments(policy: Policy) -> Iterator[Contradiction]:
    """Find increments that are scheduled without the full backups that they build on."""
    for name in policy.procedures:
        increments = policy.scheduled(name, "incremental")
        if increments and not policy.scheduled(name, "backup"):
            yield Contradiction(
                "lone-increment",
                name,
                _keys(policy, increments),
                "increments are scheduled, and no full backup that they could build on",
                'add a [[schedule]] entry with action = "backup"',
            )


def _keys(policy: Policy, entries: list[Schedule]) -> tuple[str, ...]:
    return tuple(
        f"schedule[{number}] {entry.procedure} {entry.action} {entry.cron!r}"
        for number, entry in enumerate(policy.schedule, 1)
        if entry in entries
    )


def _shortest_gap(entries: list[Schedule]) -> timedelta:
    moments = sorted(frozenset().union(*(_moments(entry.cron, entry.time_zone) for entry in entries)))
    return min((later - earlier for earlier, later in pairwise(moments)), default=LEAST_SPAN)


@cache
def _moments(cron: str, time_zone: str) -> frozenset[datetime]:
    return frozenset(takewhile(lambda moment: moment < _END, firings(cron, ZoneInfo(time_zone))))


def _meets_a_change(entry: Schedule) -> bool:
    return not entry.every_hour and any(
        next(CronSim(entry.cron, begin - _SECOND), end) < end for begin, end in _doubtful_hours(entry.time_zone)
    )


@cache
def _doubtful_hours(time_zone: str) -> tuple[tuple[datetime, datetime], ...]:
    """Return the stretches of local time that do not come, or come twice, within the year."""
    zone = ZoneInfo(time_zone)
    found = []
    day = _START
    while day < _END:
        before, after = _offset(day, zone), _offset(day + _DAY, zone)
        if before != after:
            moment = day
            while _offset(moment, zone) == before:
                moment += _MINUTE
            local = moment.replace(tzinfo=None)
            found.append((local + min(before, after), local + max(before, after)))
        day += _DAY
    return tuple(found)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)
