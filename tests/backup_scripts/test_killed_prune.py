"""retention_prune, killed before every single one of its effects: no promise is broken, and the next run finishes."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from drill.backups.catalogue import contents, in_sight
from drill.backups.retention import Promise, promised
from drill.inventory.repository import take
from tests.backup_scripts.interruption import Attempt, Interruption, points
from tests.backup_scripts.operating import Scripts
from tests.repositories import LAST_NIGHT, written

DAY = timedelta(days=1)
TERM = 30 * DAY
CHAINS = ((90, 89, 88), (60, 59), (50, 20), (40,), (31,), (3,))
"""Ages in days of what builds on each other. Those of 90, 60 and 40 go: day 30 needs that of 31, day 20 that of 50."""


@pytest.fixture
def stored(scripts: Scripts) -> Scripts:
    """A set with chains within the term, across its end, and past it."""
    for chain in CHAINS:
        parent = None
        for age in chain:
            parent = written(scripts.home, finished=LAST_NIGHT - age * DAY, parent=parent).id
    return scripts.on({"BACKUP_NOW": LAST_NIGHT.isoformat()})


def copied(stored: Scripts, place: Path) -> Scripts:
    return replace(stored, repository=Path(shutil.copytree(stored.repository, place)))


def taken(scripts: Scripts) -> dict[str, datetime]:
    """Every backup of the set, and when it was finished."""
    (found,) = take(scripts.repository, now=LAST_NIGHT).sets
    return {entry.id: entry.finished for entry in found.backups}


def faults(scripts: Scripts, ever: Mapping[str, datetime]) -> list[str]:
    """What the suite's own oracles find wrong: with what is in sight, with what is promised of all there ever was."""
    (found,) = take(scripts.repository, now=LAST_NIGHT, hashing=True).sets
    due = promised(ever.values(), now=LAST_NIGHT, promise=Promise(TERM))
    sound = {entry.id for entry in found.backups if not entry.flaws}
    broken = [each for each, finished in ever.items() if finished in due and each not in sound]
    return [*(flaw.kind for entry in found.entries for flaw in entry.flaws), *(f"{each} is gone" for each in broken)]


def kills(killing: Interruption, stored: Scripts, place: Path, *command: str) -> Iterator[tuple[Attempt, Scripts]]:
    """Give what every single kill of a pruning leaves, each time of the same set."""
    complete = killing.run(copied(stored, place / "undisturbed"), *command)
    for at in points(complete, most=len(complete.effects)):
        scripts = copied(stored, place / f"{at}")
        killed = killing.killed(scripts, *command, at=at)
        assert killed.killed
        yield killed, scripts


def test_a_pruning_that_is_killed_anywhere_breaks_no_promise_and_is_finished_by_the_next(killing, stored, tmp_path):
    ever, wrong = taken(stored), []
    undisturbed = copied(stored, tmp_path / "pruned")
    pruned = undisturbed.done("retention_prune")
    for killed, scripts in kills(killing, stored, tmp_path, "retention_prune"):
        wrong += [f"{killed}: {fault}" for fault in faults(scripts, ever)]
        wrong += [f"{killed}: {each} is gone" for each in set(pruned["kept"]) - set(in_sight(scripts.home))]
        finished = killing.run(scripts, "retention_prune")
        if finished.status or contents(scripts.home) != contents(undisturbed.home):
            wrong.append(f"{killed}: then {finished.said}{scripts.in_sight()}")

    assert [] == wrong
    assert 6 == len(pruned["removed"])


def test_a_pruning_that_removes_in_place_and_parents_first_would_be_seen(killing, stored, tmp_path):
    ever = taken(stored)
    command = "tests.backup_scripts.careless", *sorted(ever)[:3]
    found = {fault for _, scripts in kills(killing, stored, tmp_path, *command) for fault in faults(scripts, ever)}

    assert {"file-missing", "manifest-missing", "parent-missing"} <= found
