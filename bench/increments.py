"""What an incremental backup costs beside a full one after 1 % of the rows has changed, together or scattered."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import LiteralString

from bench.laboratory import DATABASE, Laboratory
from bench.measurement import Measurement, ratio, spread
from bench.physical import Scripts, Site

TIME_LIMIT = 25.0
BYTES_LIMIT = 5.0
SET = "increments"
UPDATE = """
UPDATE pgbench_accounts SET abalance = abalance + 1
FROM (SELECT max(aid) AS rows FROM pgbench_accounts) AS counted
WHERE """
RANGE = "aid BETWEEN %(number)s * rows / 100 + 1 AND (%(number)s + 1) * rows / 100"
SCATTERED = "aid %% 100 = 0"


@dataclass(frozen=True, slots=True)
class Copy:
    """One backup: where it is, and what it took."""

    directory: Path
    seconds: float

    @property
    def bytes(self) -> int:
        """What is stored of it, its manifests included."""
        return sum(file.stat().st_size for file in self.directory.iterdir())


def increments(site: Site, laboratory: Laboratory, *, rounds: int, checkout: Path) -> list[Measurement]:
    """Measure a full backup and the increment on it, once a round; each round changes other rows.

    At last, the hundredth is scattered: nearly every page has a row that was changed, and an increment holds pages.
    """
    scripts = Scripts(site.ours, checkout, backup_set=SET)
    pairs: list[tuple[Copy, Copy]] = []
    for number in range(rounds):
        laboratory.settle()
        full = _copy(scripts, laboratory)
        _change(laboratory, RANGE, number)
        pairs.append((full, _copy(scripts, laboratory, "--incremental", f"--parent={full.directory.name}")))
    _change(laboratory, SCATTERED)
    scattered = _copy(scripts, laboratory, "--incremental")
    full_took, took = [full.seconds for full, _ in pairs], [increment.seconds for _, increment in pairs]
    full_size = median(full.bytes for full, _ in pairs)
    size = f"{laboratory.bytes / 1e9:.2f} GB"
    changed = "1 % of the accounts updated, in one range"
    all_over = "every hundredth of the accounts updated, so that nearly every page was; one increment"
    return [
        Measurement(
            what=f"time of an incremental backup of {size} : a full one",
            runtime=laboratory.runtime.name,
            value=100 * ratio(took, full_took),
            unit="%",
            limit=TIME_LIMIT,
            detail=f"{spread(took)} : {spread(full_took)}, {rounds} pairs; {changed}",
        ),
        Measurement(
            what=f"stored bytes of an incremental backup of {size} : a full one",
            runtime=laboratory.runtime.name,
            value=100 * median(increment.bytes / full.bytes for full, increment in pairs),
            unit="%",
            limit=BYTES_LIMIT,
            detail=f"of {full_size / 1e6:.1f} MB, {rounds} pairs; {changed}",
        ),
        Measurement(
            what=f"time of an incremental backup of {size} after scattered changes : a full one",
            runtime=laboratory.runtime.name,
            value=100 * scattered.seconds / median(full_took),
            unit="%",
            limit=None,
            detail=f"{scattered.seconds:.2f} s : {spread(full_took)}; {all_over}",
        ),
        Measurement(
            what=f"stored bytes of an incremental backup of {size} after scattered changes : a full one",
            runtime=laboratory.runtime.name,
            value=100 * scattered.bytes / full_size,
            unit="%",
            limit=None,
            detail=f"of {full_size / 1e6:.1f} MB; {all_over}",
        ),
    ]


def _copy(scripts: Scripts, laboratory: Laboratory, *options: str) -> Copy:
    started = time.monotonic()
    directory = scripts.back_up(laboratory.source, *options)
    return Copy(directory, time.monotonic() - started)


def _change(laboratory: Laboratory, where: LiteralString, number: int = 0) -> None:
    with laboratory.source.connect(DATABASE) as connection:
        connection.execute(UPDATE + where, {"number": number})
