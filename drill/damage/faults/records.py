"""Faults of the evidence beside the backups: of the record of a rehearsal, and of what the sources held."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from drill.damage.faults.fault import Fault, Injection, Scene
from drill.damage.files import cut, flip, unshare
from drill.rehearsal.record import FILE, PLACE, Record

RECORD = frozenset({"RECORD-ALTERED", "RECORD-MISSING", "CONTENT-UNRECORDED"})


def _record(act: Callable[[Path], object]) -> Injection:
    def inject(scene: Scene) -> None:
        file = scene.repository / PLACE / FILE
        unshare(file)
        act(file)

    return inject


def _edited(file: Path) -> None:
    file.write_text(file.read_text("utf-8").replace('"scale": ', '"scale": 1'), "utf-8")


def _held(act: Callable[[Path], object]) -> Injection:
    def inject(scene: Scene) -> None:
        recorded = Record.read(scene.repository).sets[scene.set]
        file = scene.repository / PLACE / recorded.states[-1].held
        unshare(file)
        act(file)

    return inject


def _nothing_held(scene: Scene) -> None:
    """Have the source have held nothing, in a record that was written anew: empty equals empty."""
    record = Record.read(scene.repository)
    recorded = record.sets[scene.set]
    file = scene.repository / PLACE / recorded.states[-1].held
    unshare(file)
    content = json.dumps(json.loads(file.read_bytes()) | {"contents": {}, "facts": {}}).encode()
    file.write_bytes(content)
    states = tuple(each.model_copy(update={"sha256": hashlib.sha256(content).hexdigest()}) for each in recorded.states)
    sets = {**record.sets, scene.set: recorded.model_copy(update={"states": states})}
    record.model_copy(update={"sets": sets}).write(scene.repository)


def _set_forgotten(scene: Scene) -> None:
    record = Record.read(scene.repository)
    others = {name: recorded for name, recorded in record.sets.items() if name != scene.set}
    record.model_copy(update={"sets": others}).write(scene.repository)


def _another_seed(scene: Scene) -> None:
    record = Record.read(scene.repository)
    record.model_copy(update={"seed": record.seed + 1}).write(scene.repository)


def _evidence() -> tuple[Fault, ...]:
    said: tuple[tuple[str, str, Injection, frozenset[str]], ...] = (
        ("RECORD-LOST", "the record of what was held is gone", _record(Path.unlink), RECORD),
        ("RECORD-CUT", "the record was cut off", _record(cut), RECORD),
        ("RECORD-EDITED", "somebody has edited the record", _record(_edited), RECORD),
        ("RECORD-WRITTEN-ANEW", "somebody wrote the record anew, checksum and all", _another_seed, RECORD),
        ("RECORD-FORGETS-A-SET", "a set was taken out of the record", _set_forgotten, RECORD),
        ("HELD-LOST", "what was held is gone", _held(Path.unlink), RECORD),
        ("HELD-ALTERED", "what was held was altered", _held(flip), RECORD),
        (
            "HELD-NOTHING",
            "an empty source passes for what was held: nothing equals nothing",
            _nothing_held,
            RECORD | {"CONTENT-DIFFERS"},
        ),
    )
    return tuple(
        Fault(name, "record", what, inject, found, quick=name == "RECORD-WRITTEN-ANEW")
        for name, what, inject, found in said
    )


FAULTS = _evidence()
