"""When procedures run: cron expressions, and the longest time that passes between two firings."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, Field, model_validator

from drill.policy.command import TAKING, Kind
from drill.policy.fields import Section, Words
from drill.policy.problems import UnreadableValue
from drill.policy.quantity import duration_text

FIRST_DAY = date(2028, 1, 1)
"""Gaps are looked for from here on: a leap year, fixed so that the same policy always gives the same answer."""

LEAST_SPAN = timedelta(days=366)
"""At least so long; a rarer schedule is followed until it has fired twice."""

FREQUENCIES = {
    "hourly": timedelta(hours=1),
    # An hour more than the word says: the clock may be put back once.
    "daily": timedelta(days=1, hours=1),
    "weekly": timedelta(days=7, hours=1),
    "monthly": timedelta(days=31, hours=1),
}
"""The longest gap that each word allows."""

_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)
_SECOND = timedelta(seconds=1)


def _cron(expression: str) -> str:
    remedy = 'write minute, hour, day of month, month and day of week, as in "0 2 * * *"'
    if len(expression.split()) != 5:
        raise UnreadableValue(f"{expression!r} does not have five fields", remedy=remedy)
    try:
        next(CronSim(expression, datetime.combine(FIRST_DAY, time(), UTC)))
    except (CronSimError, AssertionError, StopIteration, ValueError) as error:
        raise UnreadableValue(f"{expression!r} names no time ({error or 'it never fires'})", remedy=remedy) from error
    return expression


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnreadableValue(
            f"{name!r} is no known time zone",
            remedy='write its IANA name, as in "Asia/Ho_Chi_Minh"; a machine without any needs the package tzdata',
        ) from error
    return name


TimeZone = Annotated[str, AfterValidator(_zone)]
"""A time zone by its IANA name."""


class Timetable(Section):
    """When something runs, how often that is at least, and who says so."""

    cron: Annotated[str, AfterValidator(_cron)] = Field(examples=["0 2 * * *"])
    time_zone: TimeZone = Field(examples=["Asia/Ho_Chi_Minh"])
    frequency: Literal["hourly", "daily", "weekly", "monthly"] = Field(
        examples=["daily"], description="at least so often"
    )
    origin: Literal["document", "added"] = Field(examples=["document"])
    reason: Words | None = Field(None, description="why it was added to what the document says")

    def longest_gap(self, *others: Timetable) -> timedelta:
        """Return the longest time between two firings, of this schedule and the others taken together.

        Real elapsed time: a day on which the clock is put back has 25 hours. At least a year is looked at.
        A backup that starts now still has to finish, so what can be lost is the gap and the backup's duration.

        Raises:
            UnreadableValue: they fire less than twice in fifty years.
        """
        return _longest_gap(frozenset((each.cron, each.time_zone) for each in (self, *others)))

    @property
    def every_hour(self) -> bool:
        """Whether it runs in every hour of every day, so often as ever when a clock is changed."""
        minute, hour, *_ = self.cron.split()
        parts = CronSim(self.cron, datetime.combine(FIRST_DAY, time()))
        # With numbers in both, cron takes care that it runs just once in an hour that comes twice.
        real_time = minute.startswith("*") or hour.startswith("*")
        return real_time and _is_daily(parts) and set(range(24)) <= parts.hours

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.origin == "added") != (self.reason is not None):
            raise UnreadableValue(
                f"origin = {self.origin!r} {'lacks a' if self.reason is None else 'has a'} reason",
                remedy='what is "added" to the document needs a reason, and nothing else has one',
            )
        return self

    @model_validator(mode="after")
    def _keeps_its_word(self) -> Self:
        gap = self.longest_gap()
        if gap > FREQUENCIES[self.frequency]:
            raise UnreadableValue(
                f"{self.cron!r} leaves {duration_text(gap)} between two firings, which is not {self.frequency}",
                remedy="correct the cron expression, or the word",
            )
        return self


class Schedule(Timetable):
    """When one command of a procedure runs."""

    procedure: Words = Field(examples=["postgres"])
    action: Kind = Field("backup", examples=["backup"])

    @property
    def tier(self) -> str | None:
        """What a backup says of its place in the schedule, where this takes one: the contract's BACKUP_TIER."""
        return self.frequency if self.action in TAKING else None


@cache
def _longest_gap(timetables: frozenset[tuple[str, str]]) -> timedelta:
    if times := _every_day(timetables):
        return max(later - earlier for earlier, later in pairwise([*times, times[0] + _DAY]))
    span = 2 * _WEEK if all(_repeats_weekly(cron, zone) for cron, zone in timetables) else LEAST_SPAN
    until = datetime.combine(FIRST_DAY, time(), UTC) + span
    longest = timedelta(0)
    for earlier, later in pairwise(heapq.merge(*(firings(cron, ZoneInfo(zone)) for cron, zone in timetables))):
        longest = max(longest, later - earlier)
        if later > until and longest:
            return longest
    raise UnreadableValue("the schedule fires less than twice in fifty years", remedy="correct its cron expression")


def _every_day(timetables: Iterable[tuple[str, str]]) -> list[timedelta]:
    """Return the times of day, in UTC, that all days have alike; none where a clock is changed or a day left out.

    Stepping through a year takes a thousand times as long.
    """
    start = datetime.combine(FIRST_DAY, time(), UTC)
    times: set[timedelta] = set()
    for cron, name in timetables:
        zone = ZoneInfo(name)
        midnight = _midnight(FIRST_DAY, zone)
        parts = CronSim(cron, _just_before(midnight))
        if _changes_its_clock(name) or not _is_daily(parts):
            return []
        into_the_day = _elapsed(start, midnight)
        within = (timedelta(hours=hour, minutes=minute) for hour in parts.hours for minute in parts.minutes)
        times |= {(into_the_day + at) % _DAY for at in within}
    return sorted(times)


@cache
def _changes_its_clock(zone: str) -> bool:
    start = datetime.combine(FIRST_DAY, time(), UTC)
    # Whatever changes a clock lasts for longer than a day.
    days = (start + number * _DAY for number in range(LEAST_SPAN // _DAY + 2))
    return len({day.astimezone(ZoneInfo(zone)).utcoffset() for day in days}) > 1


def _is_daily(cron: CronSim) -> bool:
    weekdays = {day for day in cron.weekdays if isinstance(day, int)}
    return _asks_weekdays_alone(cron) and set(range(7)) <= weekdays


def _repeats_weekly(cron: str, zone: str) -> bool:
    """Tell whether one week is like any other: stepping through the rest of a year would show nothing new."""
    parts = CronSim(cron, datetime.combine(FIRST_DAY, time()))
    # The third Monday, or the last, is not one of each week.
    plain = all(isinstance(day, int) for day in parts.weekdays)
    return plain and _asks_weekdays_alone(parts) and not _changes_its_clock(zone)


def _asks_weekdays_alone(cron: CronSim) -> bool:
    return set(range(1, 32)) <= cron.days and set(range(1, 13)) <= cron.months


def firings(cron: str, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the instants of firing from ``FIRST_DAY`` on, in UTC, without end.

    Cronsim takes 25 µs for each: 0.9 s for a year of quarter hours. A day whose clock runs evenly fires at the same
    times as any other such day, so one of them is stepped through and then repeated; and where every day is one of
    firing, none has to be looked for.
    """
    even_day: list[timedelta] = []
    every_day = cron.split()[2:] == ["*", "*", "*"]
    day = FIRST_DAY
    while True:
        start, end = _midnight(day, zone), _midnight(day + _DAY, zone)
        if not every_day:
            first = next(CronSim(cron, _just_before(start)), None)
            if first is None:
                return
            if first >= end:
                day = first.date()
                continue
        if _elapsed(start, end) == _DAY:
            even_day = even_day or _firings_within(cron, start, end)
            within = even_day
        else:
            within = _firings_within(cron, start, end)
        yield from map(start.astimezone(UTC).__add__, within)
        day += _DAY


def _firings_within(cron: str, start: datetime, end: datetime) -> list[timedelta]:
    within = []
    for firing in CronSim(cron, _just_before(start)):
        if _elapsed(firing, end) <= timedelta(0):
            break
        within.append(_elapsed(start, firing))
    return within


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _just_before(moment: datetime) -> datetime:
    return (moment.astimezone(UTC) - _SECOND).astimezone(moment.tzinfo)


def _elapsed(start: datetime, end: datetime) -> timedelta:
    """Return the real time between two instants; Python subtracts the wall clock where the zone is the same."""
    return end.astimezone(UTC) - start.astimezone(UTC)
