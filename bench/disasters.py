"""How long a disaster of the whole estate takes: the site lost, and recoveries side by side or one after another."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench.laboratory import run
from bench.measurement import Measurement, alternating, ratio, seconds, spread
from drill.commands.runbook import Runbook
from drill.disasters import estate as estates
from drill.disasters.estate import Estate
from drill.disasters.plan import WORKERS, Disaster, handle
from drill.disasters.timeline import Milestone
from drill.evidence.journal import Journal
from drill.notifications import Messenger
from drill.policy import Policy
from drill.rehearsal import Sources
from drill.runtimes import Runtime
from drill.servers.postgres import PostgresClusters
from drill.stores import Store

SITE_LOSS = "features/disaster_recovery/site_loss.feature"
SITE_LOSS_SECONDS = 60.0
SIDE_BY_SIDE = 1 / 1.5
"""Of the time that one after another takes: 1.5 times as fast."""


def site_loss(runtime: str, *, rounds: int, checkout: Path) -> Measurement:
    """Measure the drill of a lost site, from the first process to the last: servers, backups and copies included."""
    with tempfile.TemporaryDirectory(prefix="site-loss-") as reports:
        command = [sys.executable, "-m", "pytest", SITE_LOSS, "-k", "every_server", "--quiet", f"--runtime={runtime}"]
        command += [f"--reports={reports}", "-p", "no:cacheprovider"]
        taken = [seconds(lambda: run(command, environment=os.environ, directory=checkout)) for _ in range(rounds)]
    return Measurement(
        what="the drill of a lost site, of the default estate",
        runtime=runtime,
        value=median(taken),
        unit="s",
        limit=SITE_LOSS_SECONDS,
        detail=f"{spread(taken)}, {len(taken)} runs",
    )


def side_by_side(runtime: Runtime, clusters: PostgresClusters, policy: Policy, *, rounds: int) -> Measurement:
    """Measure the recovery of the whole estate with all workers against one, from declaration to the last answer."""
    repository = runtime.workspace.make("disasters")
    sources = Sources(policy, runtime, clusters, repository=repository, seed=policy.estate.seed, scale=1)
    runbook = Runbook(policy, repository=repository, directory=policy.directory.absolute(), journal=Journal())
    with ExitStack() as open_:
        stores: dict[str, Store] = {}
        for procedure in (policy.procedures[step.procedure] for step in policy.recovery):
            # One by one: each host is a machine of its own, as in the drill. Whole machines take minutes in emulation.
            if procedure.engine != "machine":
                stores |= open_.enter_context(sources.opened([procedure]))
        estate = estates.back_up(policy, stores, runbook=runbook)
        together, in_turn = alternating(
            lambda: _recovered(estate, runbook, workers=WORKERS),
            lambda: _recovered(estate, runbook, workers=1),
            rounds=rounds,
        )
    return Measurement(
        what="recovering the whole estate side by side : one after another",
        runtime=runtime.name,
        value=ratio(together, in_turn),
        unit="×",
        limit=SIDE_BY_SIDE,
        detail=f"{spread(together)} : {spread(in_turn)}, {rounds} pairs, {os.cpu_count()} cores",
    )


def _recovered(estate: Estate, runbook: Runbook, *, workers: int) -> float:
    disaster = Disaster.strike("all of it is lost", estate, estate)
    with Messenger((), channels={}) as messenger:
        handling = handle(disaster, estate, runbook=runbook, messenger=messenger, workers=workers)
    ended = handling.timeline.moment(Milestone.VERIFIED)
    if ended is None:
        raise RuntimeError(f"not recovered: {set(estate) - set(handling.recovered)}")
    return ended.total_seconds()
