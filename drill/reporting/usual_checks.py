"""The same deliberate faults, seen by usual checks: what of a run's record the report tells of that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from drill.reporting.measures import Part

if TYPE_CHECKING:
    from drill.reporting.runs import Ran


class UsualCheck(Part):
    """What a usual check says of the faults that it applies to: which it tells from a whole backup, and which not.

    ``inferred``: it was not run; what it says follows from what the drill found on restoring.
    """

    name: str
    inferred: bool
    noticed: tuple[str, ...]
    missed: tuple[str, ...]


class UsualChecks(Part):
    """The newest comparison: of how many faults usual checks were asked, and which of these the drill missed itself.

    ``kinds`` holds the faults of each kind; records from before it was noted have none.
    """

    run: str
    faults: int
    missed: tuple[str, ...]
    checks: tuple[UsualCheck, ...]
    kinds: dict[str, tuple[str, ...]] = Field(default_factory=dict)


def usual_checks(runs: Sequence[Ran]) -> UsualChecks | None:
    """Return what the newest run says that has asked them."""
    for run in reversed(runs):
        score = run.record.sabotage
        if score is not None and score.usual_checks:
            asked = {fault for each in score.usual_checks for fault in (*each.noticed, *each.missed)}
            return UsualChecks(
                run=run.record.id,
                faults=len(asked),
                missed=tuple(fault for fault in score.missed if fault in asked),
                checks=tuple(
                    UsualCheck(name=each.name, inferred=each.inferred, noticed=each.noticed, missed=each.missed)
                    for each in score.usual_checks
                ),
                kinds=score.kinds,
            )
    return None
