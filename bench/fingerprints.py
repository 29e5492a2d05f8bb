"""What a fingerprint costs beside counting the rows, and how much memory its process takes.

Run as a program, it takes one fingerprint of the database that libpq's variables name and prints what that took.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg

from bench.laboratory import DATABASE, Laboratory, run
from bench.measurement import Measurement, alternating, ratio, seconds, spread
from drill.fingerprints import postgres

LIMIT = 3.0
MEGABYTES_LIMIT = 200.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one fingerprint took: seconds without the program's start, and the process's largest size."""

    seconds: float
    megabytes: float


def fingerprint(laboratory: Laboratory, *, rounds: int, checkout: Path) -> list[Measurement]:
    """Measure fingerprint and ``count(*)`` of the laboratory's database in turns; nearly all of it is one table."""
    costs: list[Cost] = []

    def ours() -> float:
        costs.append(_fingerprint_elsewhere(laboratory, checkout))
        return costs[-1].seconds

    def count() -> float:
        with laboratory.source.connect(DATABASE) as connection:
            return seconds(lambda: connection.execute("SELECT count(*) FROM pgbench_accounts").fetchone())

    laboratory.settle()
    count()
    taken, counted = alternating(ours, count, rounds=rounds)
    size = f"{laboratory.bytes / 1e9:.2f} GB"
    return [
        Measurement(
            what=f"fingerprint of {size} : count(*)",
            runtime=laboratory.runtime.name,
            value=ratio(taken, counted),
            unit="×",
            limit=LIMIT,
            detail=f"fingerprint {spread(taken)}, count(*) {spread(counted)}, {rounds} pairs",
        ),
        Measurement(
            what=f"memory of the process that takes the fingerprint of {size}",
            runtime=laboratory.runtime.name,
            value=max(cost.megabytes for cost in costs),
            unit="MB",
            limit=MEGABYTES_LIMIT,
            detail="the largest of all rounds, the interpreter included",
        ),
    ]


def _fingerprint_elsewhere(laboratory: Laboratory, checkout: Path) -> Cost:
    """Take it in a process of its own, whose memory is nothing else's."""
    done = run(
        [sys.executable, "-m", "bench.fingerprints"],
        environment=laboratory.source.environment(DATABASE),
        directory=checkout,
    )
    return Cost(**json.loads(done.stdout))


def _fingerprint_here() -> Cost:
    with psycopg.connect("", autocommit=True) as connection:
        took = seconds(lambda: postgres.fingerprint(connection))
    return Cost(took, _peak_bytes() / 1e6)


def _peak_bytes() -> int:
    """Return this process's largest resident size; getrusage would count the parent's too, from before the exec."""
    facts = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines())
    return int(facts["VmHWM"].split()[0]) * 1024


if __name__ == "__main__":
    os.write(1, json.dumps(asdict(_fingerprint_here())).encode())
