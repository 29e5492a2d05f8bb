"""A pruning that is killed half way, or is not the only one: what is left of the promise then."""

from __future__ import annotations

import signal
import subprocess
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


@dataclass(frozen=True, slots=True)
class TwoPrunings:
    """What came of two runs of which the second began while the first was at work.

    Attributes:
        first: what came of the one that came first.
        second: what came of the other one.
        missing: the promised backups that were not there any more in the end: when each was finished.
    """

    first: Outcome
    second: Outcome
    missing: tuple[str, ...]


def prune_twice(original: StoredBackup, *, runbook: Runbook, procedure: str, days: int) -> TwoPrunings:
    """Have a backup like ``original`` on each of so many days, and prune them while a pruning is half way.

    The first one is stopped where it is, and goes on when the second has ended.

    Raises:
        StillWaiting: it never removed anything.
    """
    directory, now = original.directory.parent, original.finished + timedelta(days=days)
    taken = _daily(original, days=days)
    before, second = set(catalogue.in_sight(directory)), list[Outcome]()

    def prune_again(process: subprocess.Popen[bytes]) -> None:
        _wait_for_removal(process, directory, before)
        process.send_signal(signal.SIGSTOP)
        try:
            second.append(runbook.prune(procedure, now=now))
        finally:
            process.send_signal(signal.SIGCONT)

    first = runbook.prune(procedure, now=now, meanwhile=prune_again)
    missing = promised(taken, now=now, promise=Promise.of(runbook.policy.retention)) - finished(directory)
    return TwoPrunings(first, second[0], tuple(moment.isoformat() for moment in sorted(missing)))


def kill_half_way(original: StoredBackup, *, runbook: Runbook, procedure: str, days: int) -> KilledPruning:
    """Have a backup like ``original`` on each of so many days, and kill the one pruning at their end when it has begun.

    Raises:
        StillWaiting: it never removed anything.
        DrillError: it ended by itself.
    """
    directory = original.directory.parent
    now = original.finished + timedelta(days=days)
    taken = _daily(original, days=days)
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


def _daily(original: StoredBackup, *, days: int) -> set[datetime]:
    """Have a backup like ``original`` on each of the days after it; return when each was finished, its own too."""
    moments = [original.finished + timedelta(days=day) for day in range(1, days + 1)]
    copies = [catalogue.restamp(original, finished=each, into=original.directory.parent) for each in moments]
    return {original.finished, *(each.finished for each in copies)}


def _flaws(directory: Path, *, now: datetime) -> set[str]:
    (found,) = take(directory.parent, now=now, only=directory.name).sets
    return {f"{entry.id}: {flaw.kind}" for entry in found.entries for flaw in entry.flaws}


def _killed(directory: Path, *, runbook: Runbook, procedure: str, now: datetime) -> Outcome:
    """Run the pruning command and end it with SIGKILL as soon as something of the set has gone."""
    before = set(catalogue.in_sight(directory))

    def kill(process: subprocess.Popen[bytes]) -> None:
        _wait_for_removal(process, directory, before)
        end(process)

    outcome = runbook.prune(procedure, now=now, meanwhile=kill)
    if outcome.status != -signal.SIGKILL:
        raise DrillError(f"not killed half way: {outcome}", remedy="where it was too fast, raise --scale")
    return outcome


def _wait_for_removal(process: subprocess.Popen[bytes], directory: Path, before: set[str]) -> None:
    eventually(
        "something to be removed",
        lambda: process.poll() is not None or before - set(catalogue.in_sight(directory)),
        Patience.BACKUP_BEGUN,
    )
