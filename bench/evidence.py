"""How long the gate and the verification of evidence take, on a history that nobody ran."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from bench.measurement import Measurement, seconds, spread
from drill.evidence.verification import verify
from drill.policy import Policy
from tests.reporting.months import NIGHT, Nights, history

RUNS, SCENARIOS, ROUNDS = 1000, 150, 5
GATE_SECONDS = 1.0
SECONDS_PER_GIGABYTE = 5.0
"""That is 200 MB a second."""


def evidence(policy: Policy, *, checkout: Path) -> list[Measurement]:
    """Measure the whole command that decides, its own start included, and the verification alone."""
    newest = datetime.now(UTC) - timedelta(hours=6)
    with tempfile.TemporaryDirectory(prefix="evidence-") as name:
        place = Path(name) / "reports"
        history(place, policy, Nights(number=RUNS, scenarios=SCENARIOS, first=newest - (RUNS - 1) * NIGHT))
        command: list[str | Path] = [Path(sys.executable).with_name("dr-drill"), "gate", "--reports", place]
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": f"{name}/compiled"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        _decided(command, checkout, environment)  # which compiles it, as whoever installs it has done
        deciding = [seconds(lambda: _decided(command, checkout, environment)) for _ in range(ROUNDS)]
        verifying = [_seconds_per_gigabyte(place) for _ in range(ROUNDS)]
        size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) / 1e6
    return [
        Measurement(
            what=f"the gate over {RUNS:,} runs",
            runtime="none",
            value=median(deciding),
            unit="s",
            limit=GATE_SECONDS,
            detail=f"{spread(deciding)}; {size:.0f} MB, every byte of them read; Python's own start included",
        ),
        Measurement(
            what="evidence verify, 1 GB",
            runtime="none",
            value=median(verifying),
            unit="s",
            limit=SECONDS_PER_GIGABYTE,
            detail=f"{1000 / median(verifying):.0f} MB/s, of {RUNS:,} runs",
        ),
    ]


def _decided(command: list[str | Path], checkout: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    # Nothing was sabotaged in these runs: the gate is shut for that alone.
    if done.returncode not in (0, 3) or f"the files of {RUNS} runs are as they were stated" not in done.stdout:
        raise RuntimeError(f"the gate failed: {(done.stderr or done.stdout).strip()[-2000:]}")


def _seconds_per_gigabyte(place: Path) -> float:
    read = 0

    def verified() -> None:
        nonlocal read
        read = verify(place).bytes_read

    return seconds(verified) / (read / 1e9)
