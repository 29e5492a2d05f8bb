"""What measurements at several sizes say of production's size, and when they say nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import fmean

from drill.evidence.verdict import Verdict
from drill.policy import Objective
from drill.policy.quantity import bytes_text, duration_text
from drill.projection.line import FITTED, Line, Measured, Point, fit, sizes

LEAST_SIZES = 4
LONGEST = timedelta(days=3650)
"""What takes longer than ten years is told as ten years."""
CHECKED = 0.05
"""So large a share of the whole a phase has, or its check is left out: milliseconds scatter more than any line says."""
_FARTHEST = 1e9
_HALVINGS = 100
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Projection:
    """A time at production's size: that of the whole, or the sum of its phases, whichever is longer.

    Each phase grows in its own way, and what one of them does is lost in how much the whole varies: see
    docs/decisions/0045.

    Attributes:
        size: production's, in bytes.
        groups: the measurements, size by size, the smallest first.
        line: fitted to the largest of them; None where nothing can be said.
        problem: why nothing can be said; empty where something can.
        rate: bytes a second of the user's own hardware, where the policy names it.
        phases: the line of each phase, fitted in the same way; empty where there are none, or nothing can be said.
    """

    size: int
    groups: tuple[tuple[Point, ...], ...]
    line: Line | None
    problem: str = ""
    rate: int | None = None
    phases: Mapping[str, Line] = field(default_factory=dict)

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
        if self.rate is None or size <= self.largest:
            return self._foretold(size)
        expected, bound = self._foretold(self.largest)
        beyond = (size - self.largest) / self.rate
        return expected + beyond, bound + beyond

    def of_phases(self) -> dict[str, tuple[timedelta, timedelta]]:
        """Return how long each phase is to be expected to take at production's size, and takes at most.

        That is from measurements alone: a rate of the user's own is of the whole.
        """
        return {
            name: (_duration(line.at(self.size)), _duration(line.bound(self.size)))
            for name, line in self.phases.items()
        }

    def _foretold(self, size: float) -> tuple[float, float]:
        assert self.line is not None
        phases = self.phases.values()
        return (
            max(self.line.at(size), sum(phase.at(size) for phase in phases)),
            max(self.line.bound(size), sum(phase.bound(size) for phase in phases)),
        )

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


def project(measured: Measured, *, size: int, rate: int | None = None) -> Projection:
    """Return what measurements say of a size.

    They say nothing where they are of fewer than ``LEAST_SIZES`` sizes, and where the smaller sizes did not foretell
    the largest one, as a whole or in one of its phases: a projection that fails where it can be checked is not to be
    trusted where it cannot. Where a size as large was measured, nothing is foretold, and there is nothing to check.

    Args:
        measured: how long it took, and its phases.
        size: production's, in bytes.
        rate: bytes a second of production's own hardware; it takes the place of the slope beyond the largest size.
    """
    groups = tuple(tuple(group) for group in sizes(measured.whole))
    phases = {name: sizes(points) for name, points in measured.phases.items()}
    if problem := _problem(groups, phases, size):
        return Projection(size, groups, None, problem, rate)
    return Projection(size, groups, fit(groups), rate=rate, phases={name: fit(each) for name, each in phases.items()})


def _problem(groups: Sequence[Sequence[Point]], phases: Mapping[str, Sequence[Sequence[Point]]], size: int) -> str:
    largest = max((point.size for group in groups for point in group), default=0)
    if len(groups) < LEAST_SIZES:
        further = f", next at about {bytes_text(4 * largest)}" if largest else ""
        return f"{LEAST_SIZES} sizes are needed{further}"
    if size <= largest:
        return ""
    least = CHECKED * _mean(groups[-1])
    checked = {name: each for name, each in phases.items() if _mean(each[-1]) >= least}
    problems = (_not_foretold(each, name) for name, each in {"": groups, **checked}.items())
    return next(filter(None, problems), "")


def _not_foretold(groups: Sequence[Sequence[Point]], phase: str) -> str:
    """Return that the smaller sizes did not foretell the largest, of the whole or of a phase; empty where they did."""
    *smaller, last = groups
    assert len(smaller) >= FITTED
    # The bound is that of one restore. The longest of several would exceed it the more often, the more there are.
    foretold, took = fit(smaller).bound(last[0].size), _mean(last)
    if foretold >= took * (1 - _ROUNDING):
        return ""
    of = f" of the phase {phase}" if phase else ""
    return (
        f"the smaller sizes foretold at most {foretold:.3g} s{of} for {bytes_text(last[0].size)}, and it took "
        f"{took:.3g} s: its rate still falls; measure next at about {bytes_text(2 * last[-1].size)}"
    )


def _mean(group: Sequence[Point]) -> float:
    return fmean(point.seconds for point in group)


def _duration(seconds: float) -> timedelta:
    return min(timedelta(seconds=min(seconds, LONGEST.total_seconds())), LONGEST)
