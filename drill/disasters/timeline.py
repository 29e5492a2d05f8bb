"""What happened when after a disaster was declared: the incident log of the document, to the millisecond."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from drill.evidence.attachments import attach_csv
from drill.evidence.journal import Journal, Kind
from drill.policy.quantity import duration_text
from drill.progress import tell


class Milestone(StrEnum):
    """The moments of a disaster, in the order in which they come for each system.

    ``RESTORING`` is passed when the first is done for a system that waits for those that the policy puts before it: its
    backup is fetched, or its restore begun. What it is restored onto may be there long before.
    """

    DECLARED = "declared"
    ASSESSED = "assessed"
    NOTIFIED = "notified"
    PROVISIONED = "provisioned"
    RESTORING = "restoring"
    FETCHED = "fetched"
    RESTORED = "restored"
    REPLAYED = "replayed"
    VERIFIED = "verified"
    COMMUNICATED = "communicated"


BEGINNINGS = {"fetch": Milestone.RESTORING, "restore": Milestone.RESTORING}
"""The milestone that the beginning of a recovery's phase is, unless it was passed before."""
ENDS = {
    "provision": Milestone.PROVISIONED,
    "fetch": Milestone.FETCHED,
    "restore": Milestone.RESTORED,
    "replay": Milestone.REPLAYED,
}
"""The milestone that the end of a recovery's phase is; that of ``verify`` is one only where the answer is right."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A milestone that was passed.

    Attributes:
        milestone: which.
        system: the procedure of the system that passed it; None where it is of the disaster as a whole.
        after: the time since the disaster was declared.
    """

    milestone: Milestone
    system: str | None
    after: timedelta


class Timeline:
    """Notes milestones from any thread; each is said at once, so that a long recovery is seen to move."""

    def __init__(self, disaster: str, *, journal: Journal) -> None:
        """Start the clock: the disaster is declared now."""
        self.disaster = disaster
        self.declared = datetime.now(UTC)
        self.passed: list[Passed] = []
        self._journal = journal
        self._clock = time.monotonic()
        self._turn = threading.Lock()
        self.pass_(Milestone.DECLARED)

    def pass_(self, milestone: Milestone, system: str | None = None, **facts: object) -> None:
        """Note that a milestone is passed just now.

        Args:
            milestone: which.
            system: whose it is; None: of the disaster as a whole.
            facts: what else the incident log keeps of it.
        """
        with self._turn:
            after = self.so_far
            self.passed.append(Passed(milestone, system, after))
            self._journal.event(
                Kind.INCIDENT,
                disaster=self.disaster,
                milestone=milestone,
                system=system,
                seconds=round(after.total_seconds(), 3),
                **facts,
            )
        tell(f"{after.total_seconds():7.2f} s  {milestone} {system or ''}".rstrip())

    @property
    def so_far(self) -> timedelta:
        """How long it is by now since the disaster was declared."""
        return self.since_declared(time.monotonic())

    @property
    def took(self) -> str:
        """How long it is by now since the disaster was declared, for people."""
        return duration_text(self.so_far)

    def since_declared(self, moment: float) -> timedelta:
        """Return how long after the declaration a moment of the monotonic clock was."""
        return timedelta(seconds=moment - self._clock)

    def moment(self, milestone: Milestone, system: str | None = None) -> timedelta | None:
        """Return when a milestone was passed; None if it never was."""
        moments = (each.after for each in self.passed if (each.milestone, each.system) == (milestone, system))
        return next(moments, None)

    def came_before(self, earlier: tuple[Milestone, str | None], later: tuple[Milestone, str | None]) -> bool:
        """Tell whether both were passed, the one no later than the other."""
        first, second = self.moment(*earlier), self.moment(*later)
        return first is not None and second is not None and first <= second

    def systems_past(self, milestone: Milestone) -> set[str | None]:
        """Return the systems that have passed a milestone."""
        return {each.system for each in self.passed if each.milestone is milestone}

    def rows(self) -> Iterable[tuple[str, str, str]]:
        """Return it as a table: seconds, milestone, system."""
        return [(f"{each.after.total_seconds():.3f}", each.milestone, each.system or "") for each in self.passed]

    def show(self) -> None:
        """Attach it to the evidence, and put the whole of it on record for whoever reports."""
        self._journal.event(
            Kind.INCIDENT,
            what=self.disaster,
            declared_at=self.declared.isoformat(),
            timeline={f"{each.milestone} {each.system or ''}".rstrip(): each.after for each in self.passed},
        )
        attach_csv(f"timeline: {self.disaster}", [("seconds", "milestone", "system"), *self.rows()])
