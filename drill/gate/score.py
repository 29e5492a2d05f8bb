"""The score of sabotage that the gate demands: how many of the faults were noticed, and of how many known ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from drill.evidence.record import RunRecord
from drill.evidence.verdict import Verdict
from drill.evidence.verification import Verification
from drill.gate.check import Check
from drill.policy import Policy

SCORE = "SABOTAGE-SCORE"
NONE_DEMANDED = "no minimum score of sabotage is demanded (minimum_sabotage of [gate])"


def earlier(policy: Policy, verification: Verification, runs: Iterable[RunRecord]) -> Iterator[RunRecord]:
    """Yield the runs before the last full drill, which is short and tries few faults, where a number is demanded."""
    if policy.gate.minimum_faults is not None:
        yield from (run for run in runs if not policy.gate.signed or run.id in verification.vouched)


def checks(policy: Policy, newest_first: Sequence[RunRecord]) -> Iterator[Check]:
    """Hold the newest score of sabotage against the one that is demanded; a score that is too old is not among them.

    A newer score of fewer faults does not take the place of one of more: it may lack just those that were missed.
    """
    minimum, enough = policy.gate.minimum_sabotage, policy.gate.minimum_faults
    if minimum is None and enough is None:
        return
    scores = [(run.id, run.sabotage) for run in newest_first if run.sabotage is not None]
    if not scores:
        yield Check(SCORE, Verdict.UNPROVEN, "no run that counts has tried whether faults are noticed")
        return
    run, best = max(scores, key=lambda scored: scored[1].faults)
    known = f"of {best.known} known faults tried" if best.known is not None else "tried, of as many as were known then"
    what = f"{best.caught + best.refused} of {best.faults} faults noticed in {run}, {best.tried} {known}"
    alarms = f"; accused though healthy: {', '.join(best.false_alarms)}" if best.false_alarms else ""
    missed = f"; missed: {', '.join(best.missed)}" if best.missed else ""
    few = enough is not None and best.tried < enough
    fewer = f"; {enough} have to be tried (minimum_faults of [gate])" if few else ""
    kept = (minimum is None or best.noticed >= minimum) and not best.false_alarms
    verdict = Verdict.DISPROVEN if not kept else Verdict.UNPROVEN if few else Verdict.PROVEN
    yield Check(SCORE, verdict, what + missed + alarms + fewer)
