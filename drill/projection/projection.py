"""What measurements at several sizes say of production's size, and when they say nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean

from drill.evidence.verdict import Verdict
from drill.policy import Objective
from drill.policy.quantity import bytes_text, duration_text
from drill.projection.line import FITTED, Line, Point, fit, sizes

LEAST_SIZES = 4
LONGEST = timedelta(days=3650)
"""What takes longer than ten years is told as ten years."""
_FARTHEST = 1e9
_HALVINGS = 100
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Projection:
    """A time at production's size.

    Attributes:
        size: production's, in bytes.
        groups: the measurements, size by size, the smallest first.
        line: fitted to the largest of them; None where nothing can be said.
        problem: why nothing can be said; empty where something can.
        rate: bytes a second of the user's own hardware, where the policy names it.
    """

    size: int
    groups: tuple[tuple[Point, ...], ...]
    line: Line | None
    problem: str = ""
    rate: int | None = None

    @property
    def largest(self) -> int:
        """The largest size that was measured, in bytes."""
        return max((point.size for point in self.groups[-1]), default=0) if self.groups else 0

    @property
    def factor(self) -> float:
        """How many times the largest measured size production's is."""
        return self.size / self.largest if self.largest else float("inf")

    @property
    def expected(self) -> timedelta | None:
        """How long it is to be expected to take; None where nothing can be said."""
        return None if self.line is None else _duration(self.seconds(self.size)[0])

    @property
    def bound(self) -> timedelta | None:
        """How long it takes at most, with 95 % confidence; None where nothing can be said."""
        return None if self.line is None else _duration(self.seconds(self.size)[1])

    def verdict(self, objective: Objective) -> Verdict:
        """Return proven only if the bound meets the objective; disproven if not even the expected time does."""
        if self.expected is None or self.bound is None:
            return Verdict.UNPROVEN
        if objective.met_by(self.bound):
            return Verdict.PROVEN
        return Verdict.UNPROVEN if objective.met_by(self.expected) else Verdict.DISPROVEN

    def within(self, limit: timedelta) -> int:
        """Return the largest size, in bytes, whose bound is within a time; 0 where nothing can be said."""
        low, high = 0.0, self.largest * _FARTHEST
        if self.line is None or self.seconds(self.largest)[1] > limit.total_seconds():
            return 0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if self.seconds(middle)[1] <= limit.total_seconds():
                low = middle
            else:
                high = middle
        return int(low)

    def seconds(self, size: float) -> tuple[float, float]:
        """Return how many seconds are to be expected at a size, and the bound; only where something can be said."""
        assert self.line is not None
        if self.rate is None or size <= self.largest:
            return self.line.at(size), self.line.bound(size)
        beyond = (size - self.largest) / self.rate
        return self.line.at(self.largest) + beyond, self.line.bound(self.largest) + beyond

    def __str__(self) -> str:
        measured = (
            f"{sum(map(len, self.groups))} measurements at {len(self.groups)} sizes up to {bytes_text(self.largest)}"
        )
        if self.expected is None or self.bound is None:
            return f"not projected to {bytes_text(self.size)}: {self.problem} ({measured})"
        beyond = f"beyond that by the rate that policy.toml gives, {bytes_text(self.rate)}/s" if self.rate else ""
        return (
            f"{duration_text(self.expected)} expected and at most {duration_text(self.bound)} (95 %) "
            f"for {bytes_text(self.size)}, {self.factor:.3g} times the largest measured ({measured})"
            f"{', ' + beyond if beyond else ''}"
        )


def project(points: Sequence[Point], *, size: int, rate: int | None = None) -> Projection:
    """Return what the measurements say of a size.

    They say nothing where they are of fewer than ``LEAST_SIZES`` sizes, and where the smaller sizes did not foretell
    the largest one: a projection that fails where it can be checked is not to be trusted where it cannot.

    Args:
        points: measurements.
        size: production's, in bytes.
        rate: bytes a second of production's own hardware; it takes the place of the slope beyond the largest size.
    """
    groups = tuple(tuple(group) for group in sizes(points))
    problem = _problem(groups)
    return Projection(size, groups, None if problem else fit(groups), problem, rate)


def _problem(groups: Sequence[Sequence[Point]]) -> str:
    if len(groups) < LEAST_SIZES:
        largest = max((point.size for group in groups for point in group), default=0)
        further = f", next at about {bytes_text(4 * largest)}" if largest else ""
        return f"{LEAST_SIZES} sizes are needed{further}"
    *smaller, last = groups
    # The bound is that of one restore. The longest of several would exceed it the more often, the more there are.
    foretold, took = fit(smaller).bound(last[0].size), fmean(point.seconds for point in last)
    if foretold < took * (1 - _ROUNDING):
        return (
            f"the smaller sizes foretold at most {foretold:.3g} s for {bytes_text(last[0].size)}, and it took "
            f"{took:.3g} s: its rate still falls; measure next at about {bytes_text(2 * last[-1].size)}"
        )
    assert len(smaller) >= FITTED
    return ""


def _duration(seconds: float) -> timedelta:
    return min(timedelta(seconds=min(seconds, LONGEST.total_seconds())), LONGEST)
