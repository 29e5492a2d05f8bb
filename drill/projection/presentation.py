"""What projections say, as lines for people and as data for programs."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

from drill.policy import Objective
from drill.policy.quantity import bytes_text, duration_text
from drill.projection.line import Measured, Point, sizes
from drill.projection.measurements import Series
from drill.projection.projection import Projection
from drill.projection.tiers import TierProjection


def lines(measured: Measured, projection: Projection, objective: Objective) -> Iterator[str]:
    """Yield what a projection says, the phases of each size and of production's, and what would fit into the time."""
    yield str(projection)
    for size, phases in phases_by_size(measured):
        told = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in phases.items())
        yield f"{bytes_text(size)}: {told}"
    if projection.line is not None:
        if projection.phases:
            bounds = ", ".join(f"{name} {duration_text(bound)}" for name, (_, bound) in projection.of_phases().items())
            yield f"{bytes_text(projection.size)}, at most: {bounds}"
        within = bytes_text(projection.within(objective.quantity.duration))
        yield f"within {objective.quantity.readable()}, up to {within} (95 %)"
    yield f"promised: {objective}"


def data(series: Series, measured: Measured, projection: Projection, objective: Objective) -> dict[str, object]:
    """Return a projection and what it is made from."""
    foretold = projection.of_phases()
    return {
        "criterion": series.criterion,
        "procedure": series.procedure,
        "servers": series.servers,
        "objective": str(objective),
        "verdict": projection.verdict(objective),
        "size": projection.size,
        "largest_measured": projection.largest,
        "factor": round(projection.factor, 3),
        "expected_seconds": projection.expected.total_seconds() if projection.expected else None,
        "bound_seconds": projection.bound.total_seconds() if projection.bound else None,
        "within_objective": projection.within(objective.quantity.duration),
        "problem": projection.problem,
        "measurements": _pairs(measured.whole),
        "phases": {
            name: {
                "expected_seconds": foretold[name][0].total_seconds() if name in foretold else None,
                "bound_seconds": foretold[name][1].total_seconds() if name in foretold else None,
                "measurements": _pairs(points),
            }
            for name, points in measured.phases.items()
        },
    }


def tier_data(runtime: str, tier: TierProjection) -> dict[str, object]:
    """Return what projections say of a tier."""
    return {
        "tier": tier.tier,
        "runtime": runtime,
        "limit_seconds": tier.limit.total_seconds(),
        "verdict": tier.verdict,
        "unknown": tier.unknown,
        "way": tier.bound.steps,
        "bound_seconds": None if tier.unknown else tier.bound.took.total_seconds(),
        "known_bound_seconds": tier.bound.took.total_seconds(),
        "one_at_a_time_seconds": None if tier.unknown else tier.in_turn.total_seconds(),
    }


def phases_by_size(measured: Measured) -> Iterator[tuple[float, dict[str, float]]]:
    """Yield each size, and how many seconds each phase took there in the mean; nothing where there are no phases."""
    phases = {name: sizes(points) for name, points in measured.phases.items()}
    for place, group in enumerate(sizes(measured.whole) if phases else ()):
        yield (
            fmean(point.size for point in group),
            {name: fmean(point.seconds for point in groups[place]) for name, groups in phases.items()},
        )


def _pairs(points: tuple[Point, ...]) -> list[list[float]]:
    return [[point.size, point.seconds] for point in points]
