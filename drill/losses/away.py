"""What is lost where a server is lost with all that is kept beside it, and the other site has its log."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from drill.backups import offsite
from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.evidence.journal import Kind
from drill.losses.ledger import Writer
from drill.recoveries.recovery import Recovery, provision, recover
from drill.sites import Site
from drill.stores import ClusterStore

MORE = 200
"""How many writes are acknowledged before the log is copied."""


@dataclass(frozen=True, slots=True)
class LogCopy:
    """The log of a server as the other site has it.

    Attributes:
        writes: how many of the ledger's writes had been acknowledged before the copy began: they have to be in it.
        took: from then on until the site had all of it.
    """

    writes: int
    took: timedelta


def copy_log(store: ClusterStore, writer: Writer, *, site: Site, runbook: Runbook) -> LogCopy:
    """Copy a store's backups and its log while it is written to.

    Raises:
        Disproof: something was not copied.
    """
    offsite.copied(store, site=site, runbook=runbook)
    writer.wait_for(MORE)
    with writer.paused() as writes:
        started = time.monotonic()
    store.keep_now()
    offsite.log_copied(store, site=site, runbook=runbook)
    return LogCopy(writes, timedelta(seconds=time.monotonic() - started))


def lose_site_and_recover(
    store: ClusterStore, backup: Backup, *, site: Site, runbook: Runbook, as_of: datetime | None = None
) -> Recovery:
    """Lose a server with all that is kept here, and recover it to the end of what the other site has, or had then."""
    store.lose()
    if store.receiver is not None:
        store.receiver.lose()
    recovery = Recovery()
    runbook.journal.event(Kind.INCIDENT, what=f"{store.procedure} lost with all that is kept here", declared=True)
    runbook.lose_backups(store)
    provision(store, recovery)
    recover(
        store,
        recovery,
        healthy=backup.healthy,
        backup_id=backup.id,
        runbook=runbook,
        fetch=lambda: runbook.fetch_from_site(store, site, backup.id, as_of=as_of),
    )
    return recovery
