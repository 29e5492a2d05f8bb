"""An attack on the whole estate: on what its systems hold, the newest backups and, where it gets so far, the log."""

from __future__ import annotations

from drill.backups import catalogue
from drill.backups.catalogue import MANIFEST
from drill.commands.runbook import Runbook
from drill.damage import mistakes
from drill.disasters.attack import Attack
from drill.disasters.estate import DATABASE, Estate, System, back_up_again, database
from drill.sites import Site, versions


def carry_out(estate: Estate, done: str, *, segments: int = 0, site: Site | None = None, runbook: Runbook) -> Attack:
    """Make all data of an estate worthless, destroy its newest backups, and back up what is left as the schedule would.

    Args:
        estate: as it has to be again, beside its newest backups.
        done: what becomes of the backups: one of ``mistakes.ATTACKS``.
        segments: so many of the newest segments of the database's archived log are destroyed the same way.
        site: where the attacker hides all that there is; and no backup here is spared.
        runbook: whose backup procedures are run.
    """
    store = database(estate, DATABASE)
    if site:
        versions.wait_for_clock(ticks=2)  # or what has been copied is not certainly older than the attack
    at = store.mark("before-the-attack").at
    older = {} if site else {name: _older(system, runbook) for name, system in estate.items()}
    for system in estate.values():
        mistakes.make_worthless(system.store)
        for backup in catalogue.backups(runbook.set_of(system.store)) if site else [system.good.stored]:
            mistakes.ATTACKS[done](backup)
    if segments:
        mistakes.attack_log(store, done, newest=segments)
    if site:
        versions.hide(site)
    poisoned = back_up_again(estate, runbook=runbook)
    store.archive_now()
    return Attack(estate, at, poisoned, older)


def _older(system: System, runbook: Runbook) -> str:
    """Return the newest backup of a system that the attacker does not reach."""
    found = sorted(each.name for each in runbook.set_of(system.store).iterdir() if (each / MANIFEST).is_file())
    return max(name for name in found if name < system.good.id)
