"""Which runs are to be believed: those whose evidence holds."""

from __future__ import annotations

from drill.evidence.envelope import Signature
from drill.evidence.finding import UNKNOWN
from drill.evidence.verification import Verification

UNSEALED, FOREIGN = "unsealed", "foreign"


def doubt(run: str, verification: Verification) -> str | None:
    """Return why a run is not to be believed, as the rule that its evidence breaks; None if it is."""
    for finding in verification.findings:
        if finding.rule not in UNKNOWN and finding.where.partition("/")[0] == run:
            return str(finding.rule)
    sealed = verification.sealed.get(run)
    if sealed is None:
        return UNSEALED
    foreign = sealed.signature is Signature.FOREIGN and run not in verification.vouched
    return FOREIGN if foreign else None
