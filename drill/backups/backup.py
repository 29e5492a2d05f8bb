"""A backup that a scenario took, with what the store held at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from drill.backups import catalogue
from drill.backups.catalogue import CatalogueError, StoredBackup
from drill.commands.runbook import DONE, Outcome, Runbook
from drill.errors import DrillError
from drill.evidence.attachments import attach_file, attach_text
from drill.evidence.verdict import Disproof
from drill.fingerprints import Fingerprint, differences
from drill.stores import Store

WRITES = 50
"""Between two backups with different content."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What came of a backup command, beside what it should have caught.

    Attributes:
        outcome: what the command said.
        held: the store's fingerprint just before.
        healthy: the application's first question, answered just before.
        source_bytes: the store's size just before.
        acknowledged: how many ledger writes had been acknowledged when it began.
        repository: the directory of its set.
    """

    outcome: Outcome
    held: Fingerprint
    healthy: tuple[object, ...]
    source_bytes: int
    acknowledged: int
    repository: Path

    @property
    def id(self) -> str:
        """The backup's id.

        Raises:
            Disproof: the command failed, or did not tell.
        """
        if self.outcome.status != DONE or "id" not in self.outcome.result:
            raise Disproof(f"no backup was taken: {self.outcome}", remedy="correct the procedure in policy.toml")
        return str(self.outcome.result["id"])

    @property
    def stored(self) -> StoredBackup:
        """The backup as the repository has it.

        Raises:
            Disproof: it is not there, or not readable, although the command said that it was done.
        """
        try:
            return catalogue.read(self.repository / self.id)
        except CatalogueError as error:
            raise Disproof(error.what, remedy=error.remedy) from error


def take(
    store: Store, *, runbook: Runbook, acknowledged: int = 0, parent: Backup | None = None, now: datetime | None = None
) -> Backup:
    """Note what the store holds and run its backup procedure; with a parent, the incremental one.

    ``now`` is the clock that a full one goes by, where it is not the machine's.
    """
    held, healthy, source_bytes = store.fingerprint(), store.health(), store.size()
    outcome = runbook.back_up_changes(store, parent=parent.id) if parent else runbook.back_up(store, now=now)
    backup = Backup(outcome, held, healthy, source_bytes, acknowledged, runbook.set_of(store))
    attach_text("backup command", str(outcome))
    if outcome.status == DONE and "id" in outcome.result:
        attach_file("manifest", backup.repository / backup.id / catalogue.MANIFEST)
    return backup


def take_two(store: Store, *, runbook: Runbook) -> tuple[Backup, Backup]:
    """Take two backups of a store that is written to in between, so that each holds something else.

    Raises:
        DrillError: what it holds did not change.
    """
    first = take(store, runbook=runbook)
    with store.writer() as writer:
        writer.wait_for(WRITES)
    second = take(store, runbook=runbook)
    if not differences(first.held, second.held):
        raise DrillError(f"{store.procedure} holds the same as before it was written to", remedy="look at its writer")
    return first, second
