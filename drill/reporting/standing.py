"""What each criterion has come to at the end of a span: the same notion as the gate's, for one criterion at a time.

The newest run that tested a criterion in whole counts, and whatever disproved it since. A proof is no longer one where
it is older than the gate allows, or was against another objective.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from drill.evidence.verdict import Verdict
from drill.policy import Criterion, Policy
from drill.policy.objective import Comparison
from drill.reporting.measures import Measured
from drill.reporting.period import Period
from drill.reporting.reading import Result
from drill.reporting.runs import Ran
from drill.reporting.summary import Standing, Why


@dataclass(frozen=True, slots=True)
class Tested:
    """A criterion's result in one run."""

    run: str
    finished: datetime
    result: Result


def tests(runs: Sequence[Ran]) -> Mapping[str, list[Tested]]:
    """Return the results of every criterion, the oldest first."""
    found: dict[str, list[Tested]] = defaultdict(list)
    for run in runs:
        for result in (*run.record.criteria, *run.record.decided):
            found[result.id].append(Tested(run.record.id, run.record.finished, result))
    return found


def standing(
    criterion: Criterion, tested: Sequence[Tested], *, policy: Policy, period: Period, earlier: datetime | None
) -> Standing:
    """Return what a criterion has come to.

    Args:
        criterion: as the policy has it.
        tested: its results in the runs that count, the oldest first.
        policy: says how old a proof may be.
        period: at whose end it is judged.
        earlier: when it was last proven before the span.
    """
    verdict, why = _come_to(criterion, tested, policy=policy, period=period)
    proofs = [each for each in tested if each.result.whole and each.result.verdict is Verdict.PROVEN]
    worst, projected = _worst(criterion, tested, "measured"), _worst(criterion, tested, "projected")
    margins = [each.result.margin for each in tested if each.result.margin is not None]
    return Standing(
        id=criterion.id,
        statement=criterion.statement,
        objective=str(criterion.objective),
        verdict=verdict,
        why=why,
        heading=criterion.heading,
        controls=criterion.controls,
        worst=worst,
        projected=projected,
        margin=min(margins, default=None),
        projection=_how_projected(tested, projected),
        source_bytes=max((each.result.source_bytes or 0 for each in tested), default=0) or None,
        tests=len(tested),
        scenarios=max((each.result.scenarios for each in tested), default=0),
        disproofs=sum(each.result.verdict is Verdict.DISPROVEN for each in tested),
        unjudged=sum(each.result.verdict is Verdict.UNPROVEN for each in tested),
        last_proven=proofs[-1].finished if proofs else None,
        last_proven_run=proofs[-1].run if proofs else None,
        previously_proven=None if proofs else earlier,
        gap=criterion.gap,
        because=tested[-1].result.because if tested else None,
        unprojected=proofs[-1].result.unprojected if verdict is Verdict.PROVEN else {},
        shows_not=criterion.shows_not,
    )


def _come_to(criterion: Criterion, tested: Sequence[Tested], *, policy: Policy, period: Period) -> tuple[Verdict, Why]:
    whole = next((place for place in reversed(range(len(tested))) if tested[place].result.whole), None)
    since = tested if whole is None else tested[whole:]
    if any(each.result.verdict is Verdict.DISPROVEN for each in since):
        return Verdict.DISPROVEN, Why.DISPROVEN
    if whole is None:
        return Verdict.UNPROVEN, _untested(criterion, tested)
    newest = tested[whole]
    if newest.result.verdict is not Verdict.PROVEN:
        return Verdict.UNPROVEN, Why.UNJUDGED
    if newest.result.objective != str(criterion.objective):
        return Verdict.UNPROVEN, Why.OBJECTIVE_CHANGED
    if newest.finished < period.end - policy.gate.max_age:
        return Verdict.UNPROVEN, Why.TOO_OLD
    return Verdict.PROVEN, Why.PROVEN


def _untested(criterion: Criterion, tested: Sequence[Tested]) -> Why:
    if tested:
        return Why.IN_PART
    return Why.GAP if criterion.gap else Why.NOT_RUN


def _worst(criterion: Criterion, tested: Sequence[Tested], name: str) -> Measured | None:
    """Return the value that is least on the good side of the objective, and the first run that had it."""
    values = [
        (value, text, each.run)
        for each in tested
        if (value := getattr(each.result, name)) is not None and (text := getattr(each.result, f"{name}_text"))
    ]
    if not values:
        return None
    value, text, run = _least_good(criterion, values)
    return Measured(value=value, text=text, run=run)


def _how_projected(tested: Sequence[Tested], projected: Measured | None) -> str | None:
    """Return how the bound that is shown was come by; where there is none, why the newest run has none."""
    of_bound = (each.result.projection for each in tested if projected and each.run == projected.run)
    newest = (each.result.projection for each in reversed(tested) if each.result.projection)
    return next(of_bound if projected else newest, None)


def _least_good(criterion: Criterion, values: Sequence[tuple[float, str, str]]) -> tuple[float, str, str]:
    match criterion.objective.comparison:
        case Comparison.BELOW | Comparison.AT_MOST:
            return max(values, key=itemgetter(0))
        case Comparison.ABOVE | Comparison.AT_LEAST:
            return min(values, key=itemgetter(0))
        case Comparison.EXACTLY:
            limit = plain(criterion.objective.quantity.value)
            return max(values, key=lambda each: abs(each[0] - limit))


def plain(value: object) -> float:
    """Return an objective's value as evidence has it: seconds for a duration."""
    seconds = getattr(value, "total_seconds", None)
    return float(seconds() if seconds else value)  # type: ignore[arg-type]
