"""What answers for each heading of the document and for each control, and what a pass of that does not show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

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
        yield _covered(
            heading,
            None,
            policy,
            standings,
            attested,
            lambda claim, heading=heading: any(place.heading == heading for place in claim.citations),
        )


def controls(
    policy: Policy, standings: Mapping[str, Standing], attested: Mapping[str, Attested]
) -> Iterator[Covered]:
    """Yield every control that something of the policy serves, in the order of the standards."""
    for control, title in CONTROLS.items():
        covered = _covered(
            control, title, policy, standings, attested, lambda claim, control=control: control in claim.controls
        )
        if covered.criteria or covered.attestations:
            yield covered


def _covered(
    name: str,
    title: str | None,
    policy: Policy,
    standings: Mapping[str, Standing],
    attested: Mapping[str, Attested],
    answers: Callable[[Claim], bool],
) -> Covered:
    criteria: list[Criterion] = [each for each in policy.criteria if answers(each)]
    attestations: list[Attestation] = [each for each in policy.attestations if answers(each)]
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
