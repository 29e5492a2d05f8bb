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


def headings(
    policy: Policy,
    document: Mapping[str, Sequence[str]],
    standings: Mapping[str, Standing],
    attested: Mapping[str, Attested],
) -> Iterator[Covered]:
    """Yield every heading of the document, in its order."""
    for heading in document:
        criteria = [each for each in policy.criteria if _cites(each, heading)]
        attestations = [each for each in policy.attestations if _cites(each, heading)]
        yield _covered(heading, None, criteria, attestations, standings, attested)


def controls(policy: Policy, standings: Mapping[str, Standing], attested: Mapping[str, Attested]) -> Iterator[Covered]:
    """Yield every control that something of the policy serves, in the order of the standards."""
    for control, title in CONTROLS.items():
        criteria = [each for each in policy.criteria if control in each.controls]
        attestations = [each for each in policy.attestations if control in each.controls]
        if criteria or attestations:
            yield _covered(control, title, criteria, attestations, standings, attested)


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
        verdict=worst(verdicts) if verdicts else None,
        criteria=tuple(each.id for each in criteria),
        attestations=tuple(each.id for each in attestations),
        shows_not=tuple(dict.fromkeys(limits)),
    )
