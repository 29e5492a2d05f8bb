"""How long the promises take that the whole drill stands on, from the first process to the last.

Their limits were set for ``pytest features/`` when these were all of it: back in time, little lost, nothing altered,
kept for a month, of a database and of a cache. The rest of the features has no limit in time.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from statistics import median

from bench.laboratory import run
from bench.measurement import Measurement, seconds, spread

LIMITS = {"embedded": 60.0, "docker": 120.0}
AS_MAKE_DRILL = ("--numprocesses=2", "--dist=worksteal", "-m", "not nightly")
SPINE = (
    "features/database/full_backup.feature",
    "features/database/recovery_time.feature",
    "features/database/data_loss.feature",
    "features/database/retention.feature",
    "features/cache/snapshot.feature",
    "features/cache/recovery_time.feature",
    "features/cache/data_loss.feature",
    "features/cache/retention.feature",
)


def features(runtimes: list[str], *, rounds: int, checkout: Path) -> list[Measurement]:
    """Measure them on each runtime in turns."""
    samples: dict[str, list[float]] = {runtime: [] for runtime in runtimes}
    for _ in range(rounds):
        for runtime in runtimes:
            samples[runtime].append(_drill(runtime, checkout))
    return [
        Measurement(
            what=f"pytest of the {len(SPINE)} features that the drill stands on",
            runtime=runtime,
            value=median(taken),
            unit="s",
            limit=LIMITS[runtime],
            detail=f"{spread(taken)}, {len(taken)} runs at the policy's scale, two scenarios at a time",
        )
        for runtime, taken in samples.items()
    ]


def _drill(runtime: str, checkout: Path) -> float:
    command = [sys.executable, "-m", "pytest", *SPINE, "--quiet", f"--runtime={runtime}", *AS_MAKE_DRILL]
    return seconds(lambda: run(command, environment=os.environ, directory=checkout))
