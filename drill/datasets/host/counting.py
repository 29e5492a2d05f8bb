"""The counting application itself, as far as its state goes: where it stands in the stream of events, and the totals.

Both are in one file, so that they always fit each other; events come again from the cameras until they are counted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from drill.datasets.host.planting import Planting

STATE = "var/lib/counting/state.json"
EVENTS = 900
GATES = 12


@dataclass(frozen=True, slots=True)
class State:
    """How many events are counted, and how many went through each gate."""

    position: int = 0
    totals: Sequence[int] = field(default_factory=lambda: [0] * GATES)


def plant_state(planting: Planting) -> None:
    """Make the state after a third of all events."""
    planting.directory("var/lib/counting", owner="counting", mode=0o750)
    planting.file(STATE, _text(_after(State(), EVENTS // 3)), owner="counting", mode=0o640)


def state(root: Path) -> State:
    """Read the state of a host's application.

    Raises:
        FileNotFoundError: it has none.
    """
    return State(**json.loads((root / STATE).read_bytes()))


def carry_on(root: Path, upto: int = EVENTS) -> State:
    """Count from where the state stands up to an event, and keep the new state."""
    counted = _after(state(root), upto)
    new = root / f"{STATE}.new"
    new.write_text(_text(counted), "ascii")
    new.replace(root / STATE)
    return counted


def mix_up(root: Path) -> None:
    """Put totals and place of different moments together, as two backups that are not one do."""
    found = state(root)
    (root / STATE).write_text(_text(State(found.position // 2, found.totals)), "ascii")


def true_totals(upto: int = EVENTS) -> list[int]:
    """Return what whoever counts every event exactly once comes to."""
    return [sum(1 for event in range(upto) if _gate(event) == gate) for gate in range(GATES)]


def _after(state: State, upto: int) -> State:
    totals = list(state.totals)
    for event in range(state.position, upto):
        totals[_gate(event)] += 1
    return State(max(state.position, upto), totals)


def _gate(event: int) -> int:
    return event * event % GATES


def _text(state: State) -> str:
    return json.dumps(asdict(state)) + "\n"
