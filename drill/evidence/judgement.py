"""What the scenarios of one criterion come to: the worst verdict beside the worst value."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from drill.evidence.record import CriterionRecord, MeasurementRecord, ScenarioRecord, plain
from drill.evidence.trends import is_duration_below
from drill.evidence.verdict import Verdict, worst
from drill.policy import Criterion, Policy, Value
from drill.projection.line import Measured, sizes
from drill.projection.projection import LEAST_SIZES, LONGEST, Projection, project


@dataclass(frozen=True, slots=True)
class ScenarioReport:
    """What one scenario came to, and what it wrote down."""

    record: ScenarioRecord
    events: list[dict[str, Any]] = field(default_factory=list)
    measurements: list[dict[str, Any]] = field(default_factory=list)
    server_log: str = ""


def judge(
    criterion: Criterion, reports: Sequence[ScenarioReport], *, unreported: int, scenarios: int, policy: Policy
) -> CriterionRecord:
    """Judge one criterion: the worst of its scenarios, and disproven where a value misses the objective all the same.

    Where nothing was measured, it is unproven although every check held: a refusal, or too few tries, is no number.

    Args:
        criterion: what was promised.
        reports: of its scenarios that came to an end.
        unreported: how many more were selected and did not; one is enough to leave the criterion unproven.
        scenarios: how many the features hold, selected or not.
        policy: says how big production is.
    """
    objective = criterion.objective
    notes = [note for report in reports for note in report.measurements if note["criterion"] == criterion.id]
    measured = _worst_value(criterion, [note["measured"] for note in notes])
    projected = _worst_value(criterion, [note["projected"] for note in notes])
    decisive = [value for value in (measured, projected) if value is not None]
    verdicts = [report.record.verdict for report in reports] + [Verdict.UNPROVEN] * unreported
    if not all(map(objective.met_by, decisive)):
        verdicts.append(Verdict.DISPROVEN)
    if not decisive:
        verdicts.append(Verdict.UNPROVEN)
    timed = _measured(criterion, notes)
    projections = _projections(timed, policy)
    of_enough_sizes = [each for each in projections.values() if len(each.groups) >= LEAST_SIZES]
    verdicts += [each.verdict(objective) for each in of_enough_sizes]
    bounds = [each.bound for each in of_enough_sizes if each.bound]
    decisive += bounds
    foretold: list[Value] = [*bounds, *([] if projected is None else [projected])]
    projected = min(foretold, key=objective.margin, default=None)
    source_bytes = [note["source_bytes"] for note in notes if note["source_bytes"] is not None]
    return CriterionRecord(
        id=criterion.id,
        statement=criterion.statement,
        objective=str(objective),
        verdict=worst(verdicts),
        measured=plain(measured),
        measured_text=None if measured is None else objective.text(measured),
        projected=plain(projected),
        projected_text=None if projected is None else objective.text(projected),
        margin=plain(min(map(objective.margin, decisive))) if decisive else None,
        source_bytes=max(source_bytes, default=None),
        selected=len(reports) + unreported,
        scenarios=scenarios,
        seconds=round(sum(report.record.seconds for report in reports), 3),
        shows_not=criterion.shows_not,
        projection=_told(projections),
        unprojected=_unprojected(timed, policy),
    )


def measurements(reports: Iterable[ScenarioReport]) -> tuple[MeasurementRecord, ...]:
    """Return the times that were measured on a known amount of data."""
    return tuple(
        MeasurementRecord(**{name: note[name] for name in MeasurementRecord.model_fields})
        for report in reports
        for note in report.measurements
        if note.get("procedure") and note["source_bytes"] and note["measured"] is not None
    )


def _measured(criterion: Criterion, notes: Iterable[dict[str, Any]]) -> dict[str, Measured]:
    """Return the times of one run that a criterion limits, procedure by procedure, as far as they belong to a size."""
    times: dict[str, list[tuple[int, float, Mapping[str, float]]]] = {}
    if is_duration_below(str(criterion.objective)):
        for note in notes:
            if note.get("procedure") and note["source_bytes"]:
                of_procedure = times.setdefault(note["procedure"], [])
                of_procedure.append((note["source_bytes"], note["measured"], note["phases"]))
    return {name: Measured.of(each) for name, each in times.items()}


def _projections(measured: Mapping[str, Measured], policy: Policy) -> dict[str, Projection]:
    return {
        name: project(each, size=policy.production[name], rate=policy.production_rates.get(name))
        for name, each in measured.items()
        if name in policy.production
    }


def _told(projections: Mapping[str, Projection]) -> str | None:
    """Return what the projections say, the least favourable first; each names its procedure where there are several."""
    if len(projections) < 2:
        return next(map(str, projections.values()), None)
    by_bound = sorted(projections.items(), key=lambda item: item[1].bound or LONGEST, reverse=True)
    return "; ".join(f"{name}: {each}" for name, each in by_bound)


def _unprojected(measured: Mapping[str, Measured], policy: Policy) -> dict[str, int]:
    """Return the largest size of each procedure that was measured at too few, and at none as large as production's."""
    largest = {
        name: max(point.size for point in each.whole)
        for name, each in measured.items()
        if len(sizes(each.whole)) < LEAST_SIZES
    }
    return {name: size for name, size in largest.items() if size < policy.production.get(name, math.inf)}


def _worst_value(criterion: Criterion, numbers: Iterable[float | int | None]) -> Value | None:
    is_duration = isinstance(criterion.objective.quantity.value, timedelta)
    values: list[Value] = [
        timedelta(seconds=number) if is_duration else number for number in numbers if number is not None
    ]
    return min(values, key=criterion.objective.margin, default=None)
