"""Backs up, loses and recovers a store at ever larger sizes, so that there is something to project from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from drill.backups import backup as backups
from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.errors import DrillError
from drill.evidence.attachments import attach_text
from drill.evidence.journal import Journal
from drill.evidence.verdict import Verdict
from drill.fingerprints import Difference
from drill.policy import Criterion, Policy
from drill.projection.line import Measured
from drill.projection.projection import LEAST_SIZES, Projection, project
from drill.recoveries.comparison import compared
from drill.recoveries.recovery import Recovery, lose_and_recover
from drill.stores import GrowingStore

ROUNDS = 2
"""How often each size is measured: one measurement of each would not tell how much they vary."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One backup and one recovery from it, at one size.

    Attributes:
        backup: what was recovered from.
        recovery: the recovery.
        differences: what of the content was not as it had been.
    """

    backup: Backup
    recovery: Recovery
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long something took on so many bytes, and what that is the sum of, where it has phases."""

    source_bytes: int
    took: timedelta
    phases: Mapping[str, timedelta] = field(default_factory=dict)


def sizes(store: GrowingStore) -> tuple[int, ...]:
    """Return the sizes to measure a store at, in bytes: as few and as small as say something."""
    first = max(store.smallest, store.size())
    return tuple(round(first * store.step**number) for number in range(LEAST_SIZES))


def recovered_at(sizes: Iterable[int], store: GrowingStore, *, runbook: Runbook) -> list[Trial]:
    """Grow a store to each size, back it up, lose it and recover it, ``ROUNDS`` times each.

    Raises:
        Disproof: one could not be backed up, or what came back cannot be read.
    """
    return [trial for size in sizes for trial in _at(size, store, runbook)]


def _at(size: int, store: GrowingStore, runbook: Runbook) -> Iterator[Trial]:
    store.grow(size)
    for _ in range(ROUNDS):
        backup = backups.take(store, runbook=runbook)
        recovery = lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook)
        yield Trial(backup, recovery, compared(store, backup))
        store.return_to_service()


def backup_times(trials: Iterable[Trial]) -> list[Timing]:
    """Return how long the backups took."""
    return [Timing(each.backup.source_bytes, each.backup.outcome.took) for each in trials]


def recovery_times(trials: Iterable[Trial]) -> list[Timing]:
    """Return how long the recoveries took.

    Raises:
        Disproof: one of them never answered, and has no time.
    """
    return [Timing(each.backup.source_bytes, each.recovery.took, each.recovery.phases) for each in trials]


def projected(
    timings: Sequence[Timing], *, procedure: str, criterion: Criterion, policy: Policy, journal: Journal
) -> Projection:
    """Note how long something took at several sizes, and return what that says of production's size.

    The bound is not noted with the times: whoever judges them works it out again, with whatever else was measured.

    Raises:
        DrillError: it says nothing, or leaves open whether the objective is met: nothing is proven or disproven then.
    """
    measured = Measured.of(
        (
            each.source_bytes,
            each.took.total_seconds(),
            {name: took.total_seconds() for name, took in each.phases.items()},
        )
        for each in timings
    )
    size, rate = policy.production[procedure], policy.production_rates.get(procedure)
    projection = project(measured, size=size, rate=rate)
    for each in timings:
        journal.measure(
            criterion.id,
            each.took,
            source_bytes=each.source_bytes,
            procedure=procedure,
            phases=each.phases,
        )
    attach_text(f"{criterion.id} at production's size", f"{projection}\npromised: {criterion.objective}")
    if projection.verdict(criterion.objective) is Verdict.UNPROVEN:
        raise DrillError(
            f"{criterion.id} by {procedure}: {projection}; promised is {criterion.objective}",
            remedy="measure larger sizes, or give production's own rate in [production_rates] of policy.toml",
        )
    return projection
