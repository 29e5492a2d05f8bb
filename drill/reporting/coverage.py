"""What answers for each heading of the document and for each control, and what a pass of that does not show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from drill.evidence.verdict import worst
from drill.policy import Attestation, Criterion, Policy
from drill.policy.claims import Claim
from drill.policy.controls import CONTROLS
from drill.reporting.summary import Attested, Covered, Standing

OF_PEOPLE = "Not more than somebody's word for it: nothing was measured."
"""What an attestation does not show."""
UNSERVED = "Nothing of it: nothing of the policy serves it, and whether it holds is not looked at."
"""What is not shown of a control that no criterion and no attestation names."""
ONLY_HOLDS = "Not that all below it holds: it promises nothing itself, and only what stands below it has a verdict."
"""What is not shown of a heading that only holds others."""
PROMISES_NOTHING = "Nothing: it introduces the document, and says nothing that a test could find true or false."
"""What is not shown of a heading that holds no other one and that nothing of the policy cites."""


def headings(
    policy: Policy,
    document: Mapping[str, Sequence[str]],
    standings: Mapping[str, Standing],
    attested: Mapping[str, Attested],
) -> Iterator[Covered]:
    """Yield every heading of the document, in its order; ``document`` has the headings directly below each."""
    for heading, below in document.items():
        criteria = [each for each in policy.criteria if _cites(each, heading)]
        attestations = [each for each in policy.attestations if _cites(each, heading)]
        if criteria or attestations:
            yield _covered(heading, None, criteria, attestations, standings, attested)
        else:
            yield _silent(heading, holds=below, shows_not=ONLY_HOLDS if below else PROMISES_NOTHING)


def controls(policy: Policy, standings: Mapping[str, Standing], attested: Mapping[str, Attested]) -> Iterator[Covered]:
    """Yield every known control, in the order of the standards; nothing answers for one that nothing serves."""
    for control, title in CONTROLS.items():
        criteria = [each for each in policy.criteria if control in each.controls]
        attestations = [each for each in policy.attestations if control in each.controls]
        if criteria or attestations:
            yield _covered(control, title, criteria, attestations, standings, attested)
        else:
            yield _silent(control, title, shows_not=UNSERVED)


def _cites(claim: Claim, heading: str) -> bool:
    return any(place.heading == heading for place in claim.citations)


def _covered(
    name: str,
    title: str | None,
    criteria: Sequence[Criterion],
    attestations: Sequence[Attestation],
    standings: Mapping[str, Standing],
    attested: Mapping[str, Attested],
) -> Covered:
    verdicts = [standings[each.id].verdict for each in criteria] + [attested[each.id].verdict for each in attestations]
    limits = [each.shows_not for each in criteria] + ([OF_PEOPLE] if attestations else [])
    return Covered(
        name=name,
        title=title,
        verdict=worst(verdicts),
        criteria=tuple(each.id for each in criteria),
        attestations=tuple(each.id for each in attestations),
        shows_not=tuple(dict.fromkeys(limits)),
    )


def _silent(name: str, title: str | None = None, *, shows_not: str, holds: Sequence[str] = ()) -> Covered:
    return Covered(
        name=name, title=title, verdict=None, criteria=(), attestations=(), holds=tuple(holds), shows_not=(shows_not,)
    )
