"""An attack on the estate: what was backed up before it and after it, and which of that was used to recover."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from drill.backups import backup as backups
from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.disasters.estate import Estate
from drill.stores import Store


@dataclass(frozen=True, slots=True)
class Attack:
    """What is known of an attack once it is discovered.

    Attributes:
        estate: as it was just before, beside the newest backups from before it, which the attacker has destroyed.
        at: the last moment that is known to be clean, by the database server's clock.
        poisoned: what the attacker left, beside backups of it; nothing is wrong with their files.
    """

    estate: Estate
    at: datetime
    poisoned: Estate

    def unusable(self, system: str) -> set[str]:
        """Return the ids of a system's backups that must not be used."""
        return {self.estate[system].good.id, self.poisoned[system].good.id}


def backed_up_again(estate: Estate, *, runbook: Runbook) -> Estate:
    """Take one more backup of every system, as the schedule would, and return the estate beside these."""
    return {name: replace(system, good=_taken(system.store, runbook)) for name, system in estate.items()}


def _taken(store: Store, runbook: Runbook) -> Backup:
    backup = backups.take(store, runbook=runbook)
    backup.id  # noqa: B018 - one that failed is told here
    return backup
