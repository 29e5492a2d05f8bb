"""What a benchmark found: one value beside its limit, and the samples that it is the median of."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One line of the report.

    Attributes:
        what: what was measured, in words.
        runtime: ``embedded`` or ``docker``; ``none`` where no server is needed.
        value: the median, or the worst where ``what`` says so; None where it could not be measured, and the detail says
            why.
        unit: ``s``, ``ms``, ``×``, ``%`` or ``MB``, of the value and of the limit.
        limit: the largest value that is good enough; None where none is demanded and the value is to be known.
        detail: where the value comes from, with the spread of the samples.
    """

    what: str
    runtime: str
    value: float | None
    unit: str
    limit: float | None
    detail: str

    @property
    def within(self) -> bool | None:
        """Tell whether the value is good enough; None where there is none, or no limit."""
        return None if self.value is None or self.limit is None else self.value <= self.limit


def seconds(action: Callable[[], object]) -> float:
    """Return how long the action takes, by the monotonic clock."""
    started = time.monotonic()
    action()
    return time.monotonic() - started


def alternating(
    ours: Callable[[], float], theirs: Callable[[], float], *, rounds: int
) -> tuple[list[float], list[float]]:
    """Sample both in turns, the other one first in every second round, so that a drift of the machine hits both."""
    pairs = []
    for number in range(rounds):
        if number % 2:
            second, first = theirs(), ours()
        else:
            first, second = ours(), theirs()
        pairs.append((first, second))
    return [first for first, _ in pairs], [second for _, second in pairs]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the pairs' ratios."""
    return median(mine / other for mine, other in zip(ours, theirs, strict=True))


def spread(samples: Sequence[float]) -> str:
    """Return the median in seconds, and the extremes where there are several samples."""
    middle = f"{median(samples):.2f} s"
    return middle if len(samples) == 1 else f"{middle} ({min(samples):.2f} to {max(samples):.2f})"


def peak_megabytes() -> float:
    """Return this process's largest resident size; getrusage would count the parent's too, from before the exec."""
    facts = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines())
    return int(facts["VmHWM"].split()[0]) * 1024 / 1e6
