"""How long a scenario waits for a server of its own."""

from __future__ import annotations

from statistics import median

from bench.measurement import Measurement, seconds, spread
from drill.runtimes import Runtime
from drill.servers.postgres import PostgresClusters

LIMITS = {"embedded": 0.4, "docker": 1.2}


def blank_start(runtime: Runtime, clusters: PostgresClusters, *, rounds: int) -> Measurement:
    """Measure from the wish for a blank Postgres to its first answer, the template cluster being there."""
    clusters.blank().discard()
    samples = [_start(clusters) for _ in range(2 * rounds + 1)]
    return Measurement(
        what="a blank Postgres answers",
        runtime=runtime.name,
        value=median(samples),
        unit="s",
        limit=LIMITS[runtime.name],
        detail=f"{spread(samples)}, {len(samples)} starts",
    )


def _start(clusters: PostgresClusters) -> float:
    servers = []
    took = seconds(lambda: servers.append(clusters.blank()))
    servers[0].discard()
    return took
