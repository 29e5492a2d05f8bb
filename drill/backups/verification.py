"""The verify command put to the test: a month of backups, what the command says of each, and what is so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from drill import inventory
from drill.backups import catalogue
from drill.backups.catalogue import StoredBackup
from drill.commands.runbook import Outcome, Runbook
from drill.evidence.attachments import attach_text
from drill.inventory import punctuality
from drill.stores import Store

MONTH = 30
_ID = re.compile(r"\d{8}T\d{6}(?:\.\d+)?Z-\w+")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of one run of the command.

    Attributes:
        outcome: what it said.
        accused: the backups that it named as wrong, sorted.
        flawed: those that are wrong by the suite's own reading of every byte, sorted.
        there: all that are there, sorted.
    """

    outcome: Outcome
    accused: tuple[str, ...]
    flawed: tuple[str, ...]
    there: tuple[str, ...]


def month_of(original: StoredBackup) -> list[StoredBackup]:
    """Store a backup once more as that of each of the days before it, and return all of them, the oldest first."""
    home = original.directory.parent
    days = [original.finished - number * _DAY for number in range(MONTH - 1, 0, -1)]
    return [*(catalogue.restamp(original, finished=day, into=home) for day in days), original]


def verified(store: Store, *, runbook: Runbook, now: datetime) -> Verification:
    """Run the verify command of a store's procedure, and read the set without it."""
    outcome = runbook.verify(store.procedure, now=now)
    attach_text("verify command", str(outcome))
    home = runbook.set_of(store)
    (found,) = inventory.take(runbook.repository, now=now, only=home.name, hashing=True).sets
    errors = [line for line in outcome.diagnostics.splitlines() if line.startswith("error: ")]
    return Verification(
        outcome,
        accused=tuple(sorted({each[0] for line in errors if (each := _ID.search(line))})),
        flawed=tuple(sorted(entry.id for entry in found.entries if entry.flaws)),
        there=tuple(sorted(entry.id for entry in found.entries)),
    )


def noticed(store: Store, *, runbook: Runbook, now: datetime) -> list[str]:
    """Return the kinds of what the catalogue notices of a store's set at a time, held against the schedule."""
    home = runbook.set_of(store)
    taken = inventory.take(runbook.repository, now=now, only=home.name)
    punctuality.hold(taken, runbook.policy)
    return [flaw.kind for each in taken.sets for flaw in each.flaws]
