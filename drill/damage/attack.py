"""An attack on the whole estate: on what its systems hold, the newest backups and, where it gets so far, the log."""

from __future__ import annotations

from drill.backups.catalogue import MANIFEST
from drill.commands.runbook import Runbook
from drill.damage import mistakes
from drill.disasters.attack import Attack
from drill.disasters.estate import DATABASE, Estate, System, back_up_again, database


def carry_out(estate: Estate, done: str, *, segments: int = 0, runbook: Runbook) -> Attack:
    """Make all data of an estate worthless, destroy its newest backups, and back up what is left as the schedule would.

    Args:
        estate: as it has to be again, beside its newest backups.
        done: what becomes of the backups: one of ``mistakes.ATTACKS``.
        segments: so many of the newest segments of the database's archived log are destroyed the same way.
        runbook: whose backup procedures are run.
    """
    store = database(estate, DATABASE)
    at = store.mark("before-the-attack").at
    older = {name: _older(system, runbook) for name, system in estate.items()}
    for system in estate.values():
        mistakes.make_worthless(system.store)
        mistakes.ATTACKS[done](system.good.stored)
    if segments:
        mistakes.attack_log(store, done, newest=segments)
    poisoned = back_up_again(estate, runbook=runbook)
    store.archive_now()
    return Attack(estate, at, poisoned, older)


def _older(system: System, runbook: Runbook) -> str:
    """Return the newest backup of a system that the attacker does not reach."""
    found = sorted(each.name for each in runbook.set_of(system.store).iterdir() if (each / MANIFEST).is_file())
    return max(name for name in found if name < system.good.id)
