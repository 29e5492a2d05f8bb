"""How long the main job takes: ``pytest features/``, from the first process to the last."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from statistics import median

from bench.laboratory import run
from bench.measurement import Measurement, seconds, spread

LIMITS = {"embedded": 60.0, "docker": 120.0}


def features(runtimes: list[str], *, rounds: int, checkout: Path) -> list[Measurement]:
    """Measure the whole drill on each runtime in turns."""
    samples: dict[str, list[float]] = {runtime: [] for runtime in runtimes}
    for _ in range(rounds):
        for runtime in runtimes:
            samples[runtime].append(_drill(runtime, checkout))
    return [
        Measurement(
            what="pytest features/",
            runtime=runtime,
            value=median(taken),
            unit="s",
            limit=LIMITS[runtime],
            detail=f"{spread(taken)}, {len(taken)} runs at the policy's scale",
        )
        for runtime, taken in samples.items()
    ]


def _drill(runtime: str, checkout: Path) -> float:
    command = [sys.executable, "-m", "pytest", "features/", "--quiet", f"--runtime={runtime}"]
    return seconds(lambda: run(command, environment=os.environ, directory=checkout))
