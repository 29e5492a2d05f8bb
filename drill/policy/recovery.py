"""The order of a whole recovery: what has to be back before what."""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from pydantic import Field

from drill.policy.fields import Section, Words
from drill.policy.problems import UnreadableValue


class RecoveryStep(Section):
    """One procedure's place in the recovery of everything."""

    procedure: Words = Field(examples=["postgres"], description="whose restore is run")
    after: tuple[Words, ...] = Field((), examples=[["configuration"]], description="what has to be back before")
    tier: Words = Field(examples=["critical"], description="within whose recovery time it has to be back")


def ordered(steps: Iterable[RecoveryStep]) -> tuple[RecoveryStep, ...]:
    """Return the steps so that each comes after all that it waits for, and otherwise in the order of the file.

    Raises:
        UnreadableValue: they wait for each other.
    """
    places = {step.procedure: (number, step) for number, step in enumerate(steps)}
    # A name that is no step's own is another problem, told with all references.
    waiting = {name: [each for each in step.after if each in places] for name, (_, step) in places.items()}
    sorter = TopologicalSorter(waiting)
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise UnreadableValue(
            f"these wait for each other: {circle}", remedy="take one of the names out of its after = […]"
        ) from error
    found: list[RecoveryStep] = []
    ready = set(sorter.get_ready())
    while ready:
        first = min(ready, key=lambda name: places[name][0])
        ready.remove(first)
        found.append(places[first][1])
        sorter.done(first)
        ready |= set(sorter.get_ready())
    return tuple(found)
