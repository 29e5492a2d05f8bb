"""Times at production's size: what a drill kept at its own size is no proof of them.

Only a projection is, of one run that measured enough sizes of the same procedure on the same servers and kind of
machine. The newest such run counts, not the most favourable one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drill.evidence.record import RunRecord
from drill.evidence.trends import is_duration_below
from drill.evidence.verdict import Verdict, worst
from drill.policy import Criterion, Policy
from drill.policy.quantity import bytes_text, duration_text
from drill.projection.line import Measured
from drill.projection.measurements import Series, of_run
from drill.projection.projection import LEAST_SIZES, Projection, project


def at_production(
    criterion: Criterion, drill: RunRecord, newest_first: Sequence[RunRecord], policy: Policy
) -> tuple[Verdict, str] | None:
    """Say whether a time that a drill has proven is kept at production's size, too; None where it depends on no size.

    Args:
        criterion: what was promised.
        drill: tells which procedures it is promised of: those whose times it measured.
        newest_first: all runs that count, the drill among them.
        policy: says how big production is.
    """
    measured = {series: times for series, times in of_run(drill, policy).items() if series.criterion == criterion.id}
    if not is_duration_below(str(criterion.objective)) or not (measured or criterion.tier):
        return None
    if not measured:
        return Verdict.UNPROVEN, f"{drill.id} holds no time that belongs to a size"
    found = [_of_procedure(series, times, criterion, newest_first, policy) for series, times in measured.items()]
    verdict = worst(verdict for verdict, _ in found)
    return verdict, "; ".join(what for each, what in found if each is verdict)


def _of_procedure(
    series: Series, times: Measured, criterion: Criterion, newest_first: Sequence[RunRecord], policy: Policy
) -> tuple[Verdict, str]:
    name = series.procedure
    size = policy.production.get(name)
    if size is None:
        return Verdict.UNPROVEN, f"{name}: [production] of policy.toml does not say how big it is"
    if (largest := max(point.size for point in times.whole)) >= size:
        return Verdict.PROVEN, f"{name} was measured at {bytes_text(largest)}"
    for run, projection in _projections(series, newest_first, policy):
        return _come_to(name, criterion, run, projection)
    return Verdict.UNPROVEN, f"{name}: {project(times, size=size, rate=policy.production_rates.get(name))}"


def _projections(
    series: Series, newest_first: Sequence[RunRecord], policy: Policy
) -> Iterator[tuple[RunRecord, Projection]]:
    """Yield what each run says that measured enough sizes."""
    size, rate = policy.production[series.procedure], policy.production_rates.get(series.procedure)
    for run in newest_first:
        times = of_run(run, policy).get(series)
        if times and len((projection := project(times, size=size, rate=rate)).groups) >= LEAST_SIZES:
            yield run, projection


def _come_to(name: str, criterion: Criterion, run: RunRecord, projection: Projection) -> tuple[Verdict, str]:
    told = f"{name}: {projection}, by {run.id}"
    result = next((result for result in run.criteria if result.id == criterion.id), None)
    if result is not None and result.verdict is Verdict.DISPROVEN:
        return Verdict.UNPROVEN, f"{told}, which disproved it"
    if projection.bound is None:  # its problem names the next size
        return Verdict.UNPROVEN, told
    if not criterion.objective.met_by(projection.bound):
        return Verdict.UNPROVEN, f"{told}; measure next at about {bytes_text(2 * projection.largest)}"
    size = bytes_text(projection.size)
    return Verdict.PROVEN, f"{name} at most {duration_text(projection.bound)} (95 %) for {size} by {run.id}"
