"""How a disaster went: what was done when, counted from the moment that it was declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drill.evidence.journal import Kind
from drill.reporting.reading import Event
from drill.reporting.summary import Step, Timeline

LAST_BACKUP, DECLARED, RESTORED, VERIFIED = "last backup", "declared", "restored", "verified"


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


def course(run: str, scenario: str, events: Sequence[Event], *, ended: datetime) -> Course | None:
    """Return the course of the recovery that is the last of these events; None where no disaster was declared.

    Args:
        run: the run's name.
        scenario: the scenario's node.
        events: what the scenario logged up to the recovery.
        ended: when the scenario was over, all that it compares included.
    """
    recovery = events[-1]
    declared = next((each.at for each in reversed(events) if _declares(each)), None)
    if declared is None:
        return None
    saved = [each.at for each in events if each.kind is Kind.BACKUP and each.done and each.what == recovery.what]
    moments = [
        *((LAST_BACKUP, moment) for moment in saved[-1:] if moment <= declared),
        (DECLARED, declared),
        (RESTORED, recovery.at),
        (VERIFIED, ended),
    ]
    steps = tuple(Step(name=name, seconds=round((at - declared).total_seconds(), 3)) for name, at in moments)
    return Course(run, scenario, recovery.what, declared, steps)


def exercise(run: str, scenario: str, event: Event) -> Course | None:
    """Return the timeline that a disaster drill put on record itself; None for any other event.

    It stands in the event's ``timeline``: names of steps with their seconds after the declaration.
    """
    if event.kind not in (Kind.INCIDENT, Kind.RECOVERY):
        return None
    steps = tuple(_steps(event.facts.get("timeline")))
    if not steps:
        return None
    declared = event.facts.get("declared_at")
    at = datetime.fromisoformat(declared) if isinstance(declared, str) else event.at
    return Course(run, scenario, str(event.facts.get("what") or event.what), at, steps)


def _steps(timeline: Any) -> Iterator[Step]:
    pairs = timeline.items() if isinstance(timeline, dict) else ()
    for name, seconds in pairs:
        if isinstance(seconds, int | float) and not isinstance(seconds, bool):
            yield Step(name=str(name), seconds=round(float(seconds), 3))


def _declares(event: Event) -> bool:
    return event.kind is Kind.INCIDENT and bool(event.facts.get("declared"))
