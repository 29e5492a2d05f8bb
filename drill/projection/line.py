"""The 95 % upper bound of a time, at a size beyond those that it was measured at.

A restore is not linear in size: its rate falls once caches, log and sorts outgrow memory. So only the largest sizes
are fitted, and no projection is less steep than the last stretch that was measured. The bound is the one-sided
prediction limit of linear regression, weighted for errors in proportion to the size (NIST/SEMATECH e-Handbook of
Statistical Methods, section 4.5.1.2): were one more restore made at that size, it would take longer in at most 5 % of
all cases, if the line holds that far.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from statistics import fmean

FITTED = 3
"""So many of the largest sizes are fitted at least."""
ALIKE = 1.25
"""Sizes that differ by less than this factor count as one: what a drill fills a store with varies a little."""
# One-sided 95 % quantiles of Student's t for 1, 2, … degrees of freedom (the same handbook, section 1.3.6.7.2).
_STUDENT = (
    6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753, 1.746,
    1.740, 1.734, 1.729, 1.725, 1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699, 1.697,
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """One measurement: bytes, and the seconds that they took."""

    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Times at several sizes, as a whole and phase by phase; a phase that one did not have took no time in it."""

    whole: tuple[Point, ...]
    phases: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, times: Iterable[tuple[int, float, Mapping[str, float]]]) -> Measured:
        """Return what was measured, given as bytes, seconds, and the seconds of each phase."""
        found = list(times)
        names = dict.fromkeys(name for _, _, phases in found for name in phases)
        return cls(
            whole=tuple(Point(size, seconds) for size, seconds, _ in found),
            phases={name: tuple(Point(size, phases.get(name, 0.0)) for size, _, phases in found) for name in names},
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A line through the largest sizes, and how far the measurements lie from it.

    Times scatter in proportion to the size, so it is the seconds a byte that are fitted, over one byte's share of
    what every restore costs once.

    Attributes:
        slope: seconds a byte, however many there are; never below nought.
        fixed: seconds that do not depend on the size; below nought where the rate falls.
        mean_share: of the measurements, the mean of 1/size.
        spread: the sum of the squared distances of these shares from their mean.
        deviation: the standard deviation of the measurements from the line, in seconds a byte.
        number: of measurements.
        last: the largest size, and the longest that was measured there.
        steepness: seconds a byte between the two largest sizes.
    """

    slope: float
    fixed: float
    mean_share: float
    spread: float
    deviation: float
    number: int
    last: Point
    steepness: float

    def at(self, size: float) -> float:
        """Return how many seconds are to be expected at a size."""
        on_line = self.fixed + self.slope * size
        if size <= self.last.size:
            return on_line
        return max(on_line, self.last.seconds + max(self.steepness, 0.0) * (size - self.last.size))

    def bound(self, size: float) -> float:
        """Return how many seconds it takes at a size at most, with 95 % confidence."""
        quantile = _STUDENT[min(self.number - 2, len(_STUDENT)) - 1]
        away = (1 / size - self.mean_share) ** 2 / self.spread
        return self.at(size) + size * quantile * self.deviation * math.sqrt(1 + 1 / self.number + away)


def sizes(points: Sequence[Point]) -> list[list[Point]]:
    """Return the measurements size by size, the smallest size first; what is nearly the same size is together."""
    groups: list[list[Point]] = []
    for _, same in groupby(sorted(points), key=lambda point: point.size):
        found = list(same)
        if groups and found[0].size < groups[-1][0].size * ALIKE:
            groups[-1] += found
        else:
            groups.append(found)
    return groups


def fit(groups: Sequence[Sequence[Point]]) -> Line:
    """Return the line through the larger half of the sizes, at least ``FITTED`` of them.

    Args:
        groups: measurements by size, the smallest size first; at least ``FITTED`` sizes.
    """
    fitted = groups[-max(FITTED, math.ceil(len(groups) / 2)) :]
    points = [point for group in fitted for point in group]
    shares, paces = [1 / point.size for point in points], [point.seconds / point.size for point in points]
    mean_share, mean_pace = fmean(shares), fmean(paces)
    spread = math.fsum((share - mean_share) ** 2 for share in shares)
    fixed = math.fsum((s - mean_share) * (p - mean_pace) for s, p in zip(shares, paces, strict=True)) / spread
    slope = max(mean_pace - fixed * mean_share, 0.0)
    left = math.fsum((p - slope - fixed * s) ** 2 for s, p in zip(shares, paces, strict=True))
    before, last = _middle(fitted[-2]), _middle(fitted[-1])
    return Line(
        slope=slope,
        fixed=fixed,
        mean_share=mean_share,
        spread=spread,
        deviation=math.sqrt(left / (len(points) - 2)),
        number=len(points),
        last=Point(max(point.size for point in fitted[-1]), max(point.seconds for point in fitted[-1])),
        steepness=(last.seconds - before.seconds) / (last.size - before.size),
    )


def _middle(group: Sequence[Point]) -> Point:
    return Point(round(fmean(point.size for point in group)), fmean(point.seconds for point in group))
