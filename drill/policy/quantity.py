"""Quantities with their unit: what a policy writes (``4 h``, ``99 %``) and what a drill measures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from drill.policy.problems import UnreadableValue

Value = timedelta | float | int

DURATIONS = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "min": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86400),
}
"""Seconds in each unit of time, shortest first."""

PERCENT = "%"
COUNTS = ("differences", "findings", "placeholders")

UNITS_IN_WORDS = f"{', '.join(DURATIONS)} for a duration, {PERCENT} for a ratio, {', '.join(COUNTS)} for a count"

# Nine digits of days are the most that a timedelta holds; an hour needs eleven decimals to say a microsecond.
_WRITTEN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,12})?)\s*([^\s0-9.].*)")
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of something: time, a ratio, or things counted."""

    amount: Decimal
    unit: str

    @classmethod
    def parse(cls, text: object) -> Quantity:
        """Return the quantity that a policy wrote as a number and a unit.

        Raises:
            UnreadableValue: no text, no number, an unknown unit, or a fraction of things that are counted.
        """
        remedy = f"write a number and one of: {UNITS_IN_WORDS}"
        if not isinstance(text, str):
            raise UnreadableValue(f"{text!r} is a bare {type(text).__name__} without a unit", remedy=remedy)
        written = _WRITTEN.fullmatch(text.strip())
        if written is None:
            raise UnreadableValue(f"{text!r} is no number with a unit", remedy=remedy)
        amount, unit = Decimal(written[1]), written[2]
        if unit not in (*DURATIONS, PERCENT, *COUNTS):
            raise UnreadableValue(f"{text!r} has the unknown unit {unit!r}", remedy=remedy)
        if unit in COUNTS and amount % 1:
            raise UnreadableValue(f"{text!r} counts a part of something", remedy="write a whole number")
        return cls(amount, unit)

    @classmethod
    def measured(cls, value: Value, unit: str) -> Quantity:
        """Return a measured value in the given unit, not rounded.

        Raises:
            TypeError: the value is no timedelta for a duration, no number for a ratio, no int for a count.
        """
        kind = "duration" if unit in DURATIONS else "ratio" if unit == PERCENT else "count"
        match kind, value:
            case "duration", timedelta():
                seconds = Decimal(value // timedelta(microseconds=1)) / _MICROSECONDS
                return cls(seconds / DURATIONS[unit], unit)
            case (("count" | "ratio"), bool()):
                pass
            case "ratio", int() | float():
                return cls(Decimal(repr(value)) * 100, unit)
            case "count", int():
                return cls(Decimal(value), unit)
        raise TypeError(f"a {kind} ({unit}) cannot be compared with {value!r}")

    @property
    def value(self) -> Value:
        """The same as a measurement has it: a timedelta, a ratio (1.0 is all), or a count."""
        if self.unit in DURATIONS:
            microseconds = self.amount * DURATIONS[self.unit] * _MICROSECONDS
            return timedelta(microseconds=int(microseconds.to_integral_value()))
        if self.unit == PERCENT:
            return float(self.amount / 100)
        return int(self.amount)

    @property
    def duration(self) -> timedelta:
        """The value of a duration.

        Raises:
            UnreadableValue: the quantity is a ratio or a count.
        """
        if isinstance(self.value, timedelta):
            return self.value
        raise UnreadableValue(f"'{self}' is no duration", remedy=f"write it in {', '.join(DURATIONS)}")

    @property
    def ratio(self) -> float:
        """The value of a ratio, 1.0 for all.

        Raises:
            UnreadableValue: the quantity is a duration or a count.
        """
        if self.unit == PERCENT:
            return float(self.amount / 100)
        raise UnreadableValue(f"'{self}' is no ratio", remedy="write it in %, such as 99 %")

    def rounded(self, decimals: int) -> Quantity:
        """Return the quantity with at most so many decimals, without trailing zeros; no zero is negative."""
        return Quantity(round(self.amount, decimals) + 0, self.unit)

    def readable(self) -> Quantity:
        """Return a duration in the largest unit, up to its own, in which it is at least one: 36 min, not 0.6 h."""
        if self.unit not in DURATIONS or not self.amount:
            return self
        seconds = self.amount * DURATIONS[self.unit]
        units = list(DURATIONS)
        smaller = reversed(units[: units.index(self.unit) + 1])
        unit = next((unit for unit in smaller if abs(seconds) >= DURATIONS[unit]), units[0])
        return Quantity(seconds / DURATIONS[unit], unit)

    def __str__(self) -> str:
        number = f"{self.amount:f}"
        if "." in number:
            number = number.rstrip("0").rstrip(".")
        return f"{number} {self.unit}"


def duration_text(value: timedelta) -> str:
    """Write a duration as a policy does, in the largest unit in which it is at least one."""
    return str(Quantity.measured(value, "d").readable().rounded(1))


def bytes_text(size: float) -> str:
    """Write a number of bytes as people do: 1.5 GB."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            return f"{size:.3g} {unit}"
        size /= 1000
    raise AssertionError("unreachable")
