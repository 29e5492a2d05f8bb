"""How a disaster went: what was done when, counted from the moment that it was declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from drill.evidence.journal import Kind
from drill.reporting.reading import Event
from drill.reporting.summary import Step, Timeline

LAST_BACKUP, DECLARED, RESTORED, COMPARED = "last backup", "declared", "restored", "compared"


@dataclass(frozen=True, slots=True)
class Course:
    """One disaster and its recovery."""

    run: str
    scenario: str
    what: str
    declared: datetime
    steps: tuple[Step, ...]

    @property
    def recovered(self) -> float:
        """When the last thing was done, in seconds after the disaster."""
        return max((step.seconds for step in self.steps), default=0.0)

    def timeline(self) -> Timeline:
        """Return it as it is published."""
        return Timeline(run=self.run, what=self.what, scenario=self.scenario, declared=self.declared, steps=self.steps)


def course(run: str, scenario: str, events: Sequence[Event], *, declared: datetime, ended: datetime) -> Course:
    """Return the course of the recovery that is the last of these events.

    Args:
        run: the run's name.
        scenario: the scenario's node.
        events: what the scenario logged up to the recovery.
        declared: when the disaster was.
        ended: when the scenario was over, all that it compares included.
    """
    recovery = events[-1]
    saved = [each.at for each in events if each.kind is Kind.BACKUP and each.done and each.what == recovery.what]
    moments = [
        *((LAST_BACKUP, moment) for moment in saved[-1:] if moment <= declared),
        (DECLARED, declared),
        (RESTORED, recovery.at),
        (COMPARED, ended),
    ]
    steps = tuple(Step(name=name, seconds=round((at - declared).total_seconds(), 3)) for name, at in moments)
    return Course(run, scenario, recovery.what, declared, steps)


def exercises(run: str, scenario: str, events: Sequence[Event]) -> Iterator[Course]:
    """Yield the timeline of every disaster drill in these events: each milestone is an incident with its seconds."""
    found: dict[str, list[Event]] = {}
    for event in events:
        if event.milestone is not None and event.kind is Kind.INCIDENT and event.seconds is not None:
            found.setdefault(str(event.disaster), []).append(event)
    for disaster, passed in found.items():
        yield Course(run, scenario, disaster, passed[0].at, tuple(map(_milestone, passed)))


def _milestone(event: Event) -> Step:
    system = event.system
    return Step(name=str(event.milestone), system=system and str(system), seconds=event.seconds or 0.0)


def declares(event: Event) -> bool:
    """Return whether an event is the declaration of a disaster, a single loss or a whole drill."""
    if event.kind is not Kind.INCIDENT:
        return False
    begins = event.milestone == DECLARED and event.system is None
    return begins or bool(event.declared)
