"""Several ways of keeping the same data, put through one disaster and compared."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from drill.backups.backup import Backup, take
from drill.commands.runbook import Runbook
from drill.evidence.attachments import attach_csv, attach_json
from drill.losses.ledger import Loss, Writer
from drill.losses.unannounced import let_pass
from drill.losses.worst_loss import WorstLoss, worst_loss
from drill.policy import Objective, Policy
from drill.policy.quantity import duration_text
from drill.recoveries.comparison import written
from drill.recoveries.recovery import lose_and_recover
from drill.servers.receiver import WalReceiver
from drill.stores import ClusterStore, DatabaseStore, Store

DUMPED, ARCHIVED, STREAMED = "dumped", "archived", "streamed"
MORE = 200
"""How many writes only the log has."""
UNTIL_DISASTER = timedelta(seconds=2)
"""How long it takes at the longest until disaster strikes; nobody knows when."""


@dataclass(frozen=True, slots=True)
class WayLoss:
    """What one way of keeping the data lost in the disaster, and what it can lose at worst.

    ``secured`` is how many of the writes it had for sure when disaster struck: none of these may be missing.
    """

    procedure: str
    loss: Loss
    worst: WorstLoss
    secured: int

    @property
    def is_whole(self) -> bool:
        """Whether it has what it had for sure, nothing is missing before what is there, and nothing is made up."""
        return self.loss.spares(self.secured) and not self.loss.holes and not self.loss.invented

    def meets(self, objective: Objective) -> bool:
        """Tell whether both the measured loss and the worst case are within the objective."""
        return objective.met_by(max(self.loss.window, self.worst.window))


class Ways:
    """One server whose data is dumped, whose log is archived and whose log is streamed, all at once."""

    def __init__(self, archived: ClusterStore, receiver: WalReceiver, streamed: ClusterStore) -> None:
        self.stores: Mapping[str, Store] = {
            DUMPED: DatabaseStore(archived.server, name=archived.name),
            ARCHIVED: archived,
            STREAMED: streamed,
        }
        self._archived = archived
        self._receiver = receiver
        self._streamed = streamed
        self._secured: dict[str, int] = {}
        self._archiving_takes = timedelta(0)
        self._backups: dict[str, Backup] = {}

    def back_up(self, *, runbook: Runbook, writer: Writer) -> None:
        """Take a backup in every way, have more written, and see that the log that is kept has that."""
        for way, store in self.stores.items():
            self._secured[way] = len(writer.ledger)
            self._backups[way] = take(store, runbook=runbook, acknowledged=self._secured[way])
        writer.wait_for(MORE)
        self._secured |= dict.fromkeys((ARCHIVED, STREAMED), len(writer.ledger))
        started = time.monotonic()
        self._archived.archive_now()
        self._archiving_takes = timedelta(seconds=time.monotonic() - started)
        self._streamed.keep_now()

    def lose_and_recover(self, *, runbook: Runbook, writer: Writer, policy: Policy, seed: int) -> dict[str, WayLoss]:
        """Lose the server once, at a moment that chance draws; recover from what each way kept, one after the other."""
        after = let_pass(writer, at_most=UNTIL_DISASTER, seed=seed)
        self.stores[ARCHIVED].lose()
        lost_at = time.monotonic()
        self._receiver.stop()
        losses: dict[str, WayLoss] = {}
        for way, store in self.stores.items():
            backup = self._backups[way]
            lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook)
            loss = writer.ledger.loss(written(store), disaster_at=lost_at)
            delay = self._archiving_takes if way == ARCHIVED else loss.window
            worst = worst_loss(policy, store.procedure, backup_takes=backup.outcome.took, delay=delay)
            losses[way] = WayLoss(store.procedure, loss, worst, self._secured[way])
        table = _table(losses, objective=policy.criterion("RPO-DB").objective, rate=writer.ledger.rate)
        attach_csv("data loss, way by way", table)
        attach_json("the disaster, seconds after all was kept", {"after": after.total_seconds(), "seed": seed})
        return losses


def missed(losses: Mapping[str, WayLoss], objective: Objective, *, ways: Iterable[str]) -> list[str]:
    """Return, of each of these ways that misses the objective, how much it can lose at worst and why."""
    return [str(losses[way].worst) for way in ways if not losses[way].meets(objective)]


def _table(losses: Mapping[str, WayLoss], *, objective: Objective, rate: float) -> Iterable[Sequence[object]]:
    promise = f"RPO-DB {objective}"
    yield ("kept", "procedure", "lost (ms)", "missing writes", "of", "writes a second", "at worst", "because", promise)
    for way, found in losses.items():
        yield (
            way,
            found.procedure,
            found.loss.window // timedelta(milliseconds=1),
            found.loss.missing,
            found.loss.acknowledged,
            round(rate),
            duration_text(found.worst.window),
            found.worst.because,
            "met" if found.meets(objective) else "missed",
        )
