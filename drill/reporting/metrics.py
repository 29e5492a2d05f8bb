"""The metrics that the document wants, and the series that are drawn of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from statistics import median

from msgspec.structs import asdict

from drill.evidence.verdict import worst
from drill.policy import Policy
from drill.policy.claims import Claim
from drill.policy.quantity import Quantity
from drill.reporting.measures import (
    Day,
    DayRate,
    Duration,
    Holding,
    Metric,
    Metrics,
    Point,
    Rate,
    TierPoint,
    TierTrend,
    Trend,
    Trends,
)
from drill.reporting.period import Period
from drill.reporting.reading import Tier
from drill.reporting.runs import Ran
from drill.reporting.standing import plain
from drill.statistics import success_rate_at_least

HEADINGS = ("Performance Metrics", "Storage Metrics")
RECOVERY, LOSS = "RTO-", "RPO-"


def metrics(policy: Policy, document: Mapping[str, Sequence[str]], runs: Sequence[Ran]) -> Metrics:
    """Return what answers for each metric of the document, and what the logs say of backups and recoveries."""
    holdings = list(_holdings(runs))
    return Metrics(
        metrics=tuple(_metric(policy, heading, clause) for heading in HEADINGS for clause in document.get(heading, ())),
        success=_rate(policy, runs),
        backups=tuple(_durations(runs, "backups")),
        recoveries=tuple(_durations(runs, "recoveries")),
        storage=holdings[-1] if holdings else None,
    )


def trends(policy: Policy, runs: Sequence[Ran], period: Period) -> Trends:
    """Return the series over the span."""
    return Trends(
        recovery=tuple(_trends(policy, runs, RECOVERY)),
        loss=tuple(_trends(policy, runs, LOSS)),
        tiers=tuple(_tiers(runs)),
        success=tuple(_success_by_day(runs)),
        storage=tuple(_holdings(runs)),
        calendar=tuple(_calendar(runs, period)),
    )


def _metric(policy: Policy, heading: str, clause: str) -> Metric:
    def answers(claim: Claim) -> bool:
        return any(place.heading == heading and place.clause in (clause, None) for place in claim.citations)

    return Metric(
        heading=heading,
        clause=clause,
        criteria=tuple(each.id for each in policy.criteria if answers(each)),
        attestations=tuple(each.id for each in policy.attestations if answers(each)),
    )


def _rate(policy: Policy, runs: Sequence[Ran]) -> Rate:
    done, tries = sum(run.log.done_in_series for run in runs), sum(run.log.in_series for run in runs)
    return Rate(
        done=done,
        tries=tries,
        rate=done / tries if tries else None,
        bound=success_rate_at_least(done, tries) if tries else None,
        objective=f"> {Quantity.measured(policy.backup.success_rate, '%')}",
    )


def _durations(runs: Sequence[Ran], name: str) -> Iterator[Duration]:
    taken: dict[str, list[tuple[float, str]]] = defaultdict(list)
    failed: dict[str, int] = defaultdict(int)
    for run in runs:
        for procedure, seconds in getattr(run.log, name).items():
            taken[procedure] += [(each, run.record.id) for each in seconds]
        for procedure, number in run.log.failed.items() if name == "backups" else ():
            failed[procedure] += number
    for procedure, samples in sorted(taken.items()):
        longest, where = max(samples)
        yield Duration(
            procedure=procedure,
            done=len(samples),
            failed=failed[procedure],
            median=round(median(seconds for seconds, _ in samples), 3),
            longest=longest,
            run=where,
        )


def _holdings(runs: Sequence[Ran]) -> Iterator[Holding]:
    for run in runs:
        if (held := run.record.storage) is not None:
            yield Holding(run=run.record.id, at=run.record.finished, **asdict(held))


def _trends(policy: Policy, runs: Sequence[Ran], beginning: str) -> Iterator[Trend]:
    for criterion in policy.criteria:
        if not criterion.id.startswith(beginning):
            continue
        points = tuple(
            Point(run=run.record.id, at=run.record.started, measured=result.measured, projected=result.projected)
            for run in runs
            for result in run.record.criteria
            if result.id == criterion.id and result.measured is not None
        )
        if points:
            limit = plain(criterion.objective.quantity.value)
            yield Trend(criterion=criterion.id, objective=str(criterion.objective), limit=limit, points=points)


def _tiers(runs: Sequence[Ran]) -> Iterator[TierTrend]:
    """Yield every tier that a run says anything of; its recovery time is the newest."""
    told: dict[str, list[tuple[Ran, Tier]]] = defaultdict(list)
    for run in runs:
        for each in run.record.tiers:
            told[each.tier].append((run, each))
    for name, found in told.items():
        points = tuple(
            TierPoint(run=run.record.id, at=run.record.started, projected=each.projected)
            for run, each in found
            if each.projected is not None
        )
        yield TierTrend(tier=name, limit=found[-1][1].limit, points=points, unknown=len(found) - len(points))


def _success_by_day(runs: Sequence[Ran]) -> Iterator[DayRate]:
    by_day: dict[date, list[Ran]] = defaultdict(list)
    for run in runs:
        if run.log.in_series:
            by_day[run.record.started.date()].append(run)
    all_done = all_tries = 0
    for day, there in sorted(by_day.items()):
        done, tries = sum(run.log.done_in_series for run in there), sum(run.log.in_series for run in there)
        all_done, all_tries = all_done + done, all_tries + tries
        yield DayRate(day=day, done=done, tries=tries, bound=success_rate_at_least(all_done, all_tries))


def _calendar(runs: Sequence[Ran], period: Period) -> Iterator[Day]:
    by_day: dict[date, list[Ran]] = defaultdict(list)
    for run in runs:
        by_day[run.record.started.date()].append(run)
    for day in period.days():
        there = by_day.get(day, [])
        yield Day(day=day, runs=len(there), verdict=worst(run.record.verdict for run in there) if there else None)


def days_without_run(runs: Sequence[Ran], period: Period) -> tuple[date, ...]:
    """Return the days on which no run that counts has started."""
    drilled = {run.record.started.date() for run in runs}
    return tuple(day for day in period.days() if day not in drilled)


def longest_gap(days: Sequence[date]) -> int:
    """Return how many days the longest row of days without a run has."""
    longest = row = 0
    before: date | None = None
    for day in days:
        row = row + 1 if before is not None and day - before == timedelta(days=1) else 1
        longest, before = max(longest, row), day
    return longest
