"""The schedule held against the promises: where every procedure stands, and every contradiction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from drill.consistency import promises, routines, secrets, timing
from drill.consistency.contradiction import Contradiction
from drill.consistency.durations import takings
from drill.consistency.standing import Standing, standings
from drill.errors import DrillError
from drill.policy import KnownContradiction, Policy


@dataclass(frozen=True, slots=True)
class Consistency:
    """What came of a check.

    Attributes:
        standings: of every procedure.
        contradictions: all of them, those of the document's own schedule first.
        record: what the policy knows of.
    """

    standings: tuple[Standing, ...]
    contradictions: tuple[Contradiction, ...]
    record: tuple[KnownContradiction, ...]

    def known(self, contradiction: Contradiction) -> KnownContradiction | None:
        """Return what is on record about a contradiction, if anything is."""
        return next((each for each in self.record if each.id == contradiction.id), None)

    @property
    def unknown(self) -> list[Contradiction]:
        """The contradictions that are not on record."""
        return [each for each in self.contradictions if not self.known(each)]

    @property
    def outdated(self) -> list[KnownContradiction]:
        """What is on record and not so."""
        found = {each.id for each in self.contradictions}
        return [each for each in self.record if each.id not in found]

    @property
    def differences(self) -> list[str]:
        """Everything in which record and reality differ; [] says that the record is true."""
        return sorted(
            [
                *(f"not on record: {each.id}" for each in self.unknown),
                *(f"on record, but not so: {each.id}" for each in self.outdated),
            ]
        )

    def standing(self, procedure: str) -> Standing:
        """Return where a procedure stands.

        Raises:
            DrillError: there is none of that name.
        """
        for each in self.standings:
            if each.procedure == procedure:
                return each
        known = ", ".join(each.procedure for each in self.standings)
        raise DrillError(f"no procedure {procedure!r}", remedy=f"use one of: {known}")


def checked(policy: Policy, *, reports: Path | None = None) -> Consistency:
    """Hold the schedule of a policy against its promises.

    Args:
        policy: what is checked.
        reports: where runs leave their evidence; the newest tells how long backups take. None: as long as they may.
    """
    durations = takings(policy, reports=reports)
    return Consistency(
        tuple(standings(policy, durations)),
        (
            *promises.loss_by_the_document(policy, durations),
            *promises.loss(policy, durations),
            *promises.loss_with_the_site(policy, durations),
            *promises.locks(policy),
            *promises.protection(policy),
            *promises.intervals(policy, durations),
            *routines.rare(policy),
            *promises.points(policy),
            *timing.lone_increments(policy),
            *timing.overlaps(policy, durations),
            *timing.clashes(policy),
            *timing.clock_changes(policy),
            *secrets.unencrypted(policy),
        ),
        policy.contradictions,
    )
