"""The score of sabotage that the gate demands: how many of the faults were noticed, and of how many known ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drill.evidence.record import RunRecord, SabotageRecord
from drill.evidence.verdict import Verdict, worst
from drill.gate.check import Check
from drill.policy import Policy

SCORE = "SABOTAGE-SCORE"
NONE_DEMANDED = "no minimum score of sabotage is demanded (minimum_sabotage of [gate])"


def checks(policy: Policy, newest_first: Sequence[RunRecord], *, earlier: Sequence[RunRecord]) -> Iterator[Check]:
    """Hold the largest score of sabotage against the one that is demanded; a score that is too old is not among them.

    A newer score of fewer faults does not take the place of one of more: it may lack just those that were missed. It
    can only make things worse, as every run after a full drill.

    Args:
        policy: says what is demanded.
        newest_first: the last full drill and the runs after it.
        earlier: the runs before it, which is short and tries few faults; they count where a number is demanded.
    """
    minimum, enough = policy.gate.minimum_sabotage, policy.gate.minimum_faults
    if minimum is None and enough is None:
        return
    counted = newest_first if enough is None else [*newest_first, *earlier]
    scores = [(run.id, run.sabotage) for run in counted if run.sabotage is not None]
    if not scores:
        yield Check(SCORE, Verdict.UNPROVEN, "no run that counts has tried whether faults are noticed")
        return
    largest = max(scores, key=lambda scored: scored[1].faults)
    newer = scores[: scores.index(largest)]
    run, score = next((each for each in newer if _come_to(each[1], minimum) is Verdict.DISPROVEN), largest)
    few = enough is not None and largest[1].tried < enough
    fewer = f"; {enough} have to be tried (minimum_faults of [gate])" if few else ""
    verdict = worst([_come_to(score, minimum), *([Verdict.UNPROVEN] if few else [])])
    yield Check(SCORE, verdict, _told(run, score) + fewer)


def _come_to(score: SabotageRecord, minimum: float | None) -> Verdict:
    """Return disproven only where what was not tried could not have made up for what was missed."""
    if score.false_alarms:
        return Verdict.DISPROVEN
    if minimum is None or score.noticed >= minimum:
        return Verdict.PROVEN
    at_best = score.caught + score.refused + len(score.not_tried)
    return Verdict.UNPROVEN if not score.faults or at_best / score.faults >= minimum else Verdict.DISPROVEN


def _told(run: str, score: SabotageRecord) -> str:
    known = (
        f"of {score.known} known faults tried" if score.known is not None else "tried, of as many as were known then"
    )
    what = f"{score.caught + score.refused} of {score.faults} faults noticed in {run}, {score.tried} {known}"
    named = {
        "missed": [fault for fault in score.missed if fault not in score.not_tried],
        "could not be tried": score.not_tried,
        "accused though healthy": score.false_alarms,
    }
    return "; ".join([what, *(f"{how}: {', '.join(names)}" for how, names in named.items() if names)])
