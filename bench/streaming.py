"""What is lost of acknowledged writes when a server is killed whose log is streamed, and how it comes back."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.measurement import Measurement, spread
from drill.backups.backup import take
from drill.commands.runbook import Runbook
from drill.datasets import database
from drill.evidence.journal import Journal
from drill.losses.ledger import Loss
from drill.policy import Policy
from drill.recoveries.comparison import written
from drill.recoveries.recovery import Recovery, lose_and_recover
from drill.runtimes import Runtime
from drill.servers.postgres import PostgresClusters, PostgresServer
from drill.servers.receiver import WalReceiver
from drill.servers.wal_keeping import WalKeeping
from drill.stores import ClusterStore

LIMIT = 1.0
PROCEDURE = "postgres-streaming"
WRITES = 1000
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Disaster:
    """One server that was killed under load and recovered."""

    loss: Loss
    rate: float
    recovery: Recovery


def loss_window(
    runtime: Runtime, clusters: PostgresClusters, policy: Policy, *, rounds: int, checkout: Path
) -> Measurement:
    """Measure from the oldest lost acknowledgement to the kill, on the drill's own database at its smallest."""
    disasters = [_disaster(runtime, clusters, policy, checkout) for _ in range(rounds)]
    windows = [each.loss.window.total_seconds() for each in disasters]
    missing = sum(each.loss.missing for each in disasters)
    acknowledged = sum(each.loss.acknowledged for each in disasters)
    phases = ", ".join(
        f"{name} {median(each.recovery.phases[name].total_seconds() for each in disasters):.2f} s"
        for name in disasters[0].recovery.phases
    )
    return Measurement(
        what="acknowledged writes lost at most with a server whose log is streamed",
        runtime=runtime.name,
        value=max(windows),
        unit="s",
        limit=LIMIT,
        detail=f"the oldest lost was acknowledged {spread(windows)} before the kill, {rounds} kills; "
        f"{missing} of {acknowledged} writes lost, {median(each.rate for each in disasters):.0f} a second; {phases}",
    )


def _disaster(runtime: Runtime, clusters: PostgresClusters, policy: Policy, checkout: Path) -> Disaster:
    repository = runtime.workspace.make(f"streamed-{next(_numbers)}")
    runbook = Runbook(policy, repository=repository, directory=checkout, journal=Journal())
    keeping = WalKeeping.prepared(policy, PROCEDURE, repository=repository, workspace=runtime.workspace)
    store = ClusterStore(clusters.seeded("estate", _seed, keeping=[keeping]), keeping)
    try:
        with WalReceiver(store.server, keeping, runtime=runtime) as receiver:
            backup = take(store, runbook=runbook)
            with store.writer() as writer:
                writer.wait_for(WRITES)
                store.server.kill()
                killed_at = time.monotonic()
            receiver.stop()
        recovery = lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook)
        if not recovery.has_answered:
            raise RuntimeError(f"the server was not recovered: {recovery.outcome}")
        return Disaster(writer.ledger.loss(written(store), disaster_at=killed_at), writer.ledger.rate, recovery)
    finally:
        store.server.discard()


def _seed(server: PostgresServer) -> None:
    server.create_database(database.NAME)
    with server.connect(database.NAME) as connection:
        database.seed(connection, seed=1, scale=1)
