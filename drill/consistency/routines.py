"""Routines that come less often than is promised: drills of recovery, audits of a month."""

from __future__ import annotations

from collections.abc import Iterator

from drill.consistency.contradiction import Contradiction
from drill.consistency.promises import CLOCK_PUT_BACK
from drill.policy import Policy
from drill.policy.claims import Ground
from drill.policy.quantity import duration_text

REPEATED: tuple[Ground, ...] = ("audits", "drills")
"""What has to be left on record again and again; how often is the objective of the criterion that it decides."""


def rare(policy: Policy) -> Iterator[Contradiction]:
    """Find criteria that are decided by what no routine leaves on record as often as they say."""
    for criterion in policy.criteria:
        if criterion.decided_by not in REPEATED:
            continue
        interval = criterion.objective.quantity.duration
        found = [each for each in policy.routines if each.leaves == criterion.decided_by]
        gap = found[0].longest_gap(*found[1:]) if found else None
        if gap is None or gap > interval + CLOCK_PUT_BACK:
            yield Contradiction(
                "interval",
                criterion.id,
                (criterion.id, *(f"routines[{each.name}] {each.cron!r}" for each in found)),
                f"{criterion.decided_by} are promised every {duration_text(interval)} and scheduled "
                + (f"every {duration_text(gap)}" if gap else "never"),
                f'add a [[routines]] entry with leaves = "{criterion.decided_by}", or correct the objective',
            )
