"""What a cache loses of its acknowledged writes, protection by protection and disaster by disaster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from drill.backups import backup as backups
from drill.commands.runbook import Runbook
from drill.datasets import cache
from drill.errors import DrillError
from drill.evidence.attachments import attach_csv
from drill.losses.ledger import Loss
from drill.losses.protection import Protection, protection
from drill.losses.worst_loss import worst_loss
from drill.policy.quantity import duration_text
from drill.recoveries.comparison import written
from drill.recoveries.recovery import Recovery, lose_and_recover
from drill.servers.redis import RedisServers
from drill.stores import CacheStore

DISK_LOST = "its disk is lost"
KILLED = "its server is killed"
WRITES = 2500
"""How many writes are acknowledged before the backup, and after it."""
SECURED = timedelta(milliseconds=500)
"""For how long writes are acknowledged that a killed server has to have."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """What one disaster took from a cache that is kept in one way.

    Attributes:
        protection: the way's name.
        disaster: ``DISK_LOST`` or ``KILLED``.
        rate: how many writes a second had been acknowledged.
        loss: what is missing of them.
        worst: how much can be lost at worst, by the schedule or by how often the file is flushed.
        secured: how many of the writes cannot be lost: acknowledged before the backup, or longer ago than that.
    """

    protection: str
    disaster: str
    rate: float
    loss: Loss
    worst: timedelta
    secured: int

    @property
    def within(self) -> bool:
        """Whether no more is missing than may be, nothing before what is there, and nothing was made up."""
        whole = self.loss.spares(self.secured) and not self.loss.holes and not self.loss.invented
        return whole and self.loss.window <= self.worst


def exposed(pairs: Sequence[Sequence[str]], *, servers: RedisServers, runbook: Runbook) -> list[Exposure]:
    """Put each protection to the test by its disaster and show all of them in one table.

    Args:
        pairs: protections and disasters by their names.
        servers: makes the servers that are lost.
        runbook: whose procedures are run.
    """
    tried = [_exposed(name, disaster, servers=servers, runbook=runbook) for name, disaster in pairs]
    found = [each for each in tried if each is not None]
    attach_csv(
        "data loss by protection",
        [
            ("protection", "disaster", "acknowledged a second", "lost", "writes missing", "at worst"),
            *(
                (name, disaster, "this server cannot say what is on its disk", "", "", "")
                for (name, disaster), each in zip(pairs, tried, strict=True)
                if each is None
            ),
            *(
                (
                    each.protection,
                    each.disaster,
                    round(each.rate),
                    _text(each.loss.window),
                    each.loss.missing,
                    _text(each.worst),
                )
                for each in found
            ),
        ],
    )
    return found


def _exposed(name: str, disaster: str, *, servers: RedisServers, runbook: Runbook) -> Exposure | None:
    kept = protection(name)
    store = kept.store(servers, at_full_speed=True)
    with store.server.client() as client:
        if kept.flushed and not cache.tells_what_is_flushed(client):
            return None
    trial = {DISK_LOST: _lose_disk, KILLED: _kill}[disaster]
    return trial(name, kept, store, runbook)


def _lose_disk(name: str, kept: Protection, store: CacheStore, runbook: Runbook) -> Exposure:
    with store.writer() as writer:
        writer.wait_for(WRITES)
        backup = backups.take(store, runbook=runbook, acknowledged=len(writer.ledger))
        writer.wait_for(WRITES)
        recovery = lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook)
    loss = writer.ledger.loss(written(store), disaster_at=recovery.declared_at)
    worst = worst_loss(runbook.policy, kept.procedure, backup_takes=backup.outcome.took)
    return Exposure(name, DISK_LOST, writer.ledger.rate, loss, worst.window, backup.acknowledged)


def _kill(name: str, kept: Protection, store: CacheStore, _: Runbook) -> Exposure:
    if kept.kept is None:
        raise DrillError(f"{name}: a killed server keeps nothing of its own", remedy="lose its disk and restore")
    with store.writer() as writer:
        writer.wait_for(2 * WRITES)
        # Otherwise whoever loses everything loses no more than may be lost.
        writer.wait_to_span(kept.kept + SECURED)
        store.server.kill()
        declared = Recovery().declared_at
    store.server.start()
    loss = writer.ledger.loss(written(store), disaster_at=declared)
    secured = writer.ledger.acknowledged_by(declared - kept.kept.total_seconds())
    return Exposure(name, KILLED, writer.ledger.rate, loss, kept.kept, secured)


def _text(span: timedelta) -> str:
    return duration_text(span) if span else "nothing"
