"""Objectives: the comparison that decides, ``< 4 h`` or ``= 0 differences``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from drill.policy.problems import UnreadableValue
from drill.policy.quantity import Quantity, Value


class Comparison(StrEnum):
    """How a measured value has to stand to the limit; the strict ones do not allow the limit itself."""

    BELOW = "<"
    AT_MOST = "<="
    EXACTLY = "="
    AT_LEAST = ">="
    ABOVE = ">"

    def holds(self, value: Value, limit: Value) -> bool:
        """Return whether the value stands to the limit as demanded."""
        return _HOLDS[self](value, limit)


_HOLDS: dict[Comparison, Callable[[Any, Any], bool]] = {
    Comparison.BELOW: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.EXACTLY: operator.eq,
    Comparison.AT_LEAST: operator.ge,
    Comparison.ABOVE: operator.gt,
}
_WRITTEN = re.compile(r"([<>=]*)\s*(.*)", re.DOTALL)
_MOST_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class Objective:
    """What a criterion demands of the value that a drill measures.

    A measured value is a ``timedelta`` for a duration, a number for a ratio (1.0 is all) and an ``int`` for a
    count; any other type is a ``TypeError``.
    """

    comparison: Comparison
    quantity: Quantity

    @classmethod
    def parse(cls, text: object) -> Objective:
        """Return the objective that a policy wrote, such as ``>= 30 d``.

        Raises:
            UnreadableValue: no text, no comparison, or an unreadable quantity.
        """
        comparison, quantity = split(text)
        return cls(comparison, Quantity.parse(quantity))

    def met_by(self, value: Value) -> bool:
        """Return whether the measured value is as demanded."""
        Quantity.measured(value, self.quantity.unit)
        return self.comparison.holds(value, self.quantity.value)

    def margin(self, value: Value) -> Value:
        """Return how far the value is on the good side of the limit; negative on the bad side."""
        Quantity.measured(value, self.quantity.unit)
        limit: Any = self.quantity.value
        margin: Value
        match self.comparison:
            case Comparison.BELOW | Comparison.AT_MOST:
                margin = limit - value
            case Comparison.ABOVE | Comparison.AT_LEAST:
                margin = value - limit
            case Comparison.EXACTLY:
                margin = -abs(value - limit)
        return margin

    def text(self, value: Value) -> str:
        """Write a measured value in the objective's unit, or a smaller one where that reads better.

        Never rounds across the limit: 3.99996 h is not written as 4 h under ``< 4 h``.
        """
        exact = Quantity.measured(value, self.quantity.unit).readable()
        verdict = self.met_by(value)
        for decimals in range(1, _MOST_DECIMALS):
            shown = exact.rounded(decimals)
            if self.met_by(shown.value) == verdict:
                return str(shown)
        return str(exact)

    def __str__(self) -> str:
        return f"{self.comparison} {self.quantity}"


def split(text: object) -> tuple[Comparison, str]:
    """Return the comparison of an objective and what stands behind it.

    Raises:
        UnreadableValue: it is no text, or begins with no comparison.
    """
    remedy = f'begin with one of {" ".join(Comparison)}, as in "< 4 h"'
    if not isinstance(text, str):
        raise UnreadableValue(f"{text!r} is no objective", remedy=remedy)
    written = _WRITTEN.fullmatch(text.strip())
    if written is None or written[1] not in list(Comparison):
        raise UnreadableValue(f"{text!r} has no comparison", remedy=remedy)
    return Comparison(written[1]), written[2]
