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
from bench.measurement import Measurement, alternating, peak_megabytes, ratio, seconds, spread
from drill.fingerprints import postgres
from drill.fingerprints.postgres.rows import rows

LIMIT = 3.0
MEGABYTES_LIMIT = 200.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one fingerprint took: seconds without the program's start, those for the rows, its largest size."""

    seconds: float
    rows_seconds: float
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
    read = [cost.rows_seconds for cost in costs][-rounds:]
    size = f"{laboratory.bytes / 1e9:.2f} GB"
    return [
        Measurement(
            what=f"fingerprint of a table of {size} : count(*)",
            runtime=laboratory.runtime.name,
            value=ratio(read, counted),
            unit="×",
            limit=LIMIT,
            detail=f"its rows {spread(read)}, count(*) {spread(counted)}, {rounds} pairs; "
            f"the whole database, all definitions included, {spread(taken)}",
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
        with connection.cursor() as cursor:
            rows_took = seconds(lambda: rows(cursor))
    return Cost(took, rows_took, peak_megabytes())


if __name__ == "__main__":
    os.write(1, json.dumps(asdict(_fingerprint_here())).encode())
