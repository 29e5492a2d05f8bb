"""The span that a report is about: whole days in UTC."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from drill.errors import DrillError

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first moment of a day to the first moment of another one.

    ``judged_on`` is the day whose beginning the state is judged at: the end, or the day of asking where the span is not
    over yet. Days that have not come cannot lack a run.
    """

    since: date
    until: date
    judged_on: date

    @classmethod
    def month(cls, text: str | None, *, today: date) -> Period:
        """Return a month such as ``2026-11``; the last whole one where None is given.

        Raises:
            DrillError: that is no month, or it has not begun.
        """
        if text is None:
            until = today.replace(day=1)
            return cls.between((until - _DAY).replace(day=1), until, today=today)
        if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text) or text.startswith("0000"):
            raise DrillError(f"{text!r} is no month", remedy="write it as in 2026-11")
        since = date(int(text[:4]), int(text[5:]), 1)
        return cls.between(since, (since + 31 * _DAY).replace(day=1), today=today)

    @classmethod
    def between(cls, since: date, until: date, *, today: date) -> Period:
        """Return the days from one up to, and without, another.

        Raises:
            DrillError: there is no day between them, or the first has not come.
        """
        if since >= until:
            raise DrillError(f"no day lies between {since} and {until}", remedy="let --until be later than --since")
        if since > today:
            raise DrillError(f"{since} has not come yet", remedy="ask for a month that has begun")
        return cls(since, until, min(until, today + _DAY))

    @property
    def beginning(self) -> datetime:
        """The first moment that belongs to it."""
        return _midnight(self.since)

    @property
    def end(self) -> datetime:
        """The first moment that does not belong to it, or has not come."""
        return _midnight(self.judged_on)

    @property
    def is_over(self) -> bool:
        """Whether all of its days have come."""
        return self.judged_on == self.until

    @property
    def is_month(self) -> bool:
        """Whether it is one calendar month."""
        return self.since.day == 1 and (self.since + 31 * _DAY).replace(day=1) == self.until

    @property
    def name(self) -> str:
        """What files are called after it."""
        return f"{self.since:%Y-%m}" if self.is_month else f"{self.since}_{self.until}"

    def days(self) -> Iterator[date]:
        """Yield every day that has come."""
        day = self.since
        while day < self.judged_on:
            yield day
            day += _DAY

    def holds(self, moment: datetime) -> bool:
        """Return whether a moment belongs to it."""
        return self.beginning <= moment < self.end


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
