"""What the recovery times of one run say of each tier at production's size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from drill.evidence.record import MeasurementRecord, TierRecord
from drill.policy import Policy
from drill.projection.line import Measured
from drill.projection.projection import project
from drill.projection.tiers import tiers


def tier_records(measurements: Iterable[MeasurementRecord], policy: Policy) -> tuple[TierRecord, ...]:
    """Return what a run says of each tier; nothing where it says nothing of any of the steps.

    Args:
        measurements: of the run; those that belong to no tier's time count for nothing.
        policy: says which times are a tier's, what waits for what, and how big production is.
    """
    limited = {criterion.id for criterion in policy.criteria if criterion.tier is not None}
    times: dict[str, list[tuple[int, float, Mapping[str, float]]]] = {}
    for each in measurements:
        if each.criterion in limited and each.procedure in policy.production:
            times.setdefault(each.procedure, []).append((each.source_bytes, each.measured, each.phases))
    projections = {
        name: project(Measured.of(found), size=policy.production[name], rate=policy.production_rates.get(name))
        for name, found in times.items()
    }
    if all(each.line is None for each in projections.values()):
        return ()
    return tuple(
        TierRecord(
            tier=each.tier,
            limit=each.limit.total_seconds(),
            verdict=each.verdict,
            projected=None if each.unknown else each.bound.took.total_seconds(),
            way=each.bound.steps,
            unknown=each.unknown,
            projection=str(each),
        )
        for each in tiers(policy, projections)
    )
