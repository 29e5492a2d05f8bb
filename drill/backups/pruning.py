"""A pruning that is killed half way: what is left of the promise then, and after the run that follows."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from drill.backups import catalogue
from drill.backups.calendar import finished
from drill.backups.catalogue import StoredBackup
from drill.backups.retention import Promise, promised
from drill.commands.execution import end
from drill.commands.runbook import Outcome, Runbook
from drill.errors import DrillError
from drill.inventory.repository import take
from drill.waiting import Patience, eventually


@dataclass(frozen=True, slots=True)
class KilledPruning:
    """What a killed run left, and what came of the next one.

    Attributes:
        killed: what came of the run that was killed.
        damaged: what was in sight after it and did not hold any more: the backup's id, and the kind of its flaw.
        missing: the promised backups that were not there any more, then or after the next run: when each was finished.
        then: what came of the next run.
        left: what that one left that nothing promises: when each was finished.
    """

    killed: Outcome
    damaged: tuple[str, ...]
    missing: tuple[str, ...]
    then: Outcome
    left: tuple[str, ...]


def kill_half_way(original: StoredBackup, *, runbook: Runbook, procedure: str, days: int) -> KilledPruning:
    """Have a backup like ``original`` on each of so many days, and kill the one pruning at their end when it has begun.

    Raises:
        StillWaiting: it never removed anything.
        DrillError: it ended by itself.
    """
    directory = original.directory.parent
    now = original.finished + timedelta(days=days)
    taken = {original.finished}
    with tempfile.TemporaryDirectory(prefix="original-", dir=runbook.repository.parent) as aside:
        kept_aside = catalogue.link(original, Path(aside))
        for day in range(1, days + 1):
            moment = original.finished + timedelta(days=day)
            taken.add(catalogue.restamp(kept_aside, finished=moment, into=directory).finished)
    must = promised(taken, now=now, promise=Promise.of(runbook.policy.retention))
    before = _flaws(directory, now=now)
    killed = _killed(directory, runbook=runbook, procedure=procedure, now=now)
    damaged = _flaws(directory, now=now) - before
    missing = must - finished(directory)
    then = runbook.prune(procedure, now=now)
    return KilledPruning(
        killed,
        damaged=tuple(sorted(damaged)),
        missing=tuple(moment.isoformat() for moment in sorted(missing | (must - finished(directory)))),
        then=then,
        left=tuple(moment.isoformat() for moment in sorted(finished(directory) - must)),
    )


def _flaws(directory: Path, *, now: datetime) -> set[str]:
    (found,) = take(directory.parent, now=now, only=directory.name).sets
    return {f"{entry.id}: {flaw.kind}" for entry in found.entries for flaw in entry.flaws}


def _killed(directory: Path, *, runbook: Runbook, procedure: str, now: datetime) -> Outcome:
    """Run the pruning command and end it with SIGKILL as soon as something of the set has gone."""
    before = set(catalogue.in_sight(directory))

    def kill(process: subprocess.Popen[bytes]) -> None:
        eventually(
            "something to be removed",
            lambda: process.poll() is not None or before - set(catalogue.in_sight(directory)),
            Patience.BACKUP_BEGUN,
        )
        end(process)

    outcome = runbook.prune(procedure, now=now, meanwhile=kill)
    if outcome.status != -signal.SIGKILL:
        raise DrillError(f"not killed half way: {outcome}", remedy="where it was too fast, raise --scale")
    return outcome
