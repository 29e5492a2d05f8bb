"""One backup of one machine, taken once and drilled many times: a machine takes long to start and to read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from drill.backups import backup as backups
from drill.backups import catalogue
from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.machines.machine import Machine
from drill.machines.store import MachineStore
from drill.runtimes import Runtime


@dataclass(frozen=True, slots=True)
class BackedUpMachine:
    """A machine, and the backup that was taken of it while it ran."""

    store: MachineStore
    backup: Backup

    @classmethod
    def taken(cls, runtime: Runtime, runbook: Runbook) -> BackedUpMachine:
        """Start the machine and back it up."""
        store = MachineStore(Machine.running(runtime))
        return cls(store, backups.take(store, runbook=runbook))

    def backup_in(self, directory: Path) -> Backup:
        """Return the backup as one of another set, sharing its bytes; what damages it there damages nothing here."""
        catalogue.link(self.backup.stored, directory / self.backup.id)
        return replace(self.backup, repository=directory)
