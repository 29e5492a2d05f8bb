"""Loses and recovers a server at ever larger sizes, so that there is something to project from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from drill.backups import backup as backups
from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.errors import DrillError
from drill.evidence.attachments import attach_text
from drill.evidence.journal import Journal
from drill.evidence.verdict import Verdict
from drill.fingerprints import Difference
from drill.policy import Criterion, Policy
from drill.projection.line import Point
from drill.projection.projection import Projection, project
from drill.recoveries.comparison import compared
from drill.recoveries.recovery import Recovery, lose_and_recover
from drill.stores import ClusterStore

SIZES = (60_000_000, 90_000_000, 135_000_000, 200_000_000)
"""In bytes: small enough for a drill, and each far enough from the next to be told from it."""
ROUNDS = 2
"""How often each size is measured: one measurement of each would not tell how much they vary."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One recovery at one size.

    Attributes:
        backup: what was recovered from.
        recovery: the recovery.
        differences: what of the content was not as it had been.
    """

    backup: Backup
    recovery: Recovery
    differences: Sequence[Difference]


def recovered_at(sizes: Iterable[int], store: ClusterStore, *, runbook: Runbook) -> list[Trial]:
    """Grow a server to each size, back it up, lose it and recover it, ``ROUNDS`` times each.

    Raises:
        Disproof: one could not be backed up, or what came back cannot be read.
    """
    return [trial for size in sizes for trial in _at(size, store, runbook)]


def _at(size: int, store: ClusterStore, runbook: Runbook) -> Iterator[Trial]:
    store.grow(size)
    for _ in range(ROUNDS):
        backup = backups.take(store, runbook=runbook)
        recovery = lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook)
        yield Trial(backup, recovery, compared(store, backup))
        store.return_to_service()


def projected(
    trials: Sequence[Trial], *, procedure: str, criterion: Criterion, policy: Policy, journal: Journal
) -> Projection:
    """Note how long the recoveries took, and return what that says of production's size.

    Raises:
        DrillError: it says nothing, or leaves open whether the objective is met: nothing is proven or disproven then.
    """
    points = [Point(each.backup.source_bytes, each.recovery.took.total_seconds()) for each in trials]
    size, rate = policy.production[procedure], policy.production_rates.get(procedure)
    projection = project(points, size=size, rate=rate)
    for each in trials:
        journal.measure(
            criterion.id,
            each.recovery.took,
            projected=projection.bound,
            source_bytes=each.backup.source_bytes,
            procedure=procedure,
            phases=each.recovery.phases,
        )
    attach_text(f"{criterion.id} at production's size", f"{projection}\npromised: {criterion.objective}")
    if projection.verdict(criterion.objective) is Verdict.UNPROVEN:
        raise DrillError(
            f"{criterion.id} by {procedure}: {projection}; promised is {criterion.objective}",
            remedy="measure larger sizes, or give production's own rate in [production_rates] of policy.toml",
        )
    return projection
