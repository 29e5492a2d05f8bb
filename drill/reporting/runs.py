"""The runs of a span, boiled down to what the report needs, and which of them count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from sys import intern

from msgspec.structs import replace

from drill.evidence.belief import doubt
from drill.evidence.journal import Kind
from drill.evidence.verdict import Verdict
from drill.evidence.verification import Verification
from drill.gate.decision import required_criteria
from drill.policy import Policy
from drill.reporting import reading
from drill.reporting.period import Period
from drill.reporting.reading import Event, Record, Scenario, Unreadable
from drill.reporting.timelines import Course, course, declares, exercises

BACKUP, RECOVERY, INCIDENT = Kind.BACKUP, Kind.RECOVERY, Kind.INCIDENT
"""By names of their own, because Python 3.11 looks up a member of an enumeration with a call."""
REFUSED = 3


@dataclass(slots=True)
class Log:
    """What the events of a run come to.

    ``backups`` and ``recoveries`` hold the seconds of those that were done, by procedure; ``in_series`` how many
    backups were taken to be counted, ``failed`` those of them that were not done; ``courses`` the slowest recovery of
    each procedure; ``exercises`` the timelines that disaster drills put on record themselves; ``undelivered`` their
    messages that did not get there.
    """

    disasters: int = 0
    recovered: int = 0
    refused: int = 0
    failed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    backups: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    recoveries: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    done_in_series: int = 0
    in_series: int = 0
    courses: dict[str, Course] = field(default_factory=dict)
    exercises: list[Course] = field(default_factory=list)
    undelivered: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ran:
    """One run; ``because`` says why it does not count, where it does not."""

    record: Record
    proven: frozenset[str]
    troubled: tuple[Scenario, ...]
    log: Log
    because: str | None

    @property
    def counts(self) -> bool:
        """Whether its evidence holds: of other runs nothing is believed."""
        return self.because is None


@dataclass(frozen=True, slots=True)
class Runs:
    """All runs of a span, the oldest first, and those whose record is none."""

    ran: tuple[Ran, ...]
    unreadable: tuple[Unreadable, ...]
    unfinished: tuple[str, ...]
    earlier_proofs: Mapping[str, datetime]

    @property
    def counted(self) -> tuple[Ran, ...]:
        """Those that count."""
        return tuple(run for run in self.ran if run.counts)


def gathered(reports: Path, period: Period, verification: Verification, *, criteria: Iterable[str]) -> Runs:
    """Read the runs of a span, and when each criterion was last proven before it."""
    believed = {name: doubt(name, verification) for name in reading.names(reports)}
    ran, unreadable = [], []
    for name, because in believed.items():
        if not _within(period, name):
            continue
        record = reading.record(reports, name)
        if isinstance(record, Unreadable):
            unreadable.append(record)
        else:
            ran.append(_boiled_down(reports, record, because))
    earlier = [name for name, because in believed.items() if because is None and _before(period, name)]
    return Runs(
        ran=tuple(sorted(ran, key=lambda run: (run.record.started, run.record.id))),
        unreadable=tuple(unreadable),
        unfinished=tuple(name for name in verification.unfinished if _within(period, name)),
        earlier_proofs=_last_proofs(reports, earlier, set(criteria)),
    )


def is_full(policy: Policy, *, runtime: str | None, whole: AbstractSet[str]) -> bool:
    """Tell whether a run is what the gate calls a full drill.

    Args:
        policy: says what is required, and on which runtime.
        runtime: that the run had.
        whole: the criteria of which it selected every scenario.
    """
    wanted = {criterion.id for criterion in required_criteria(policy) if criterion.is_tested}
    return policy.gate.runtime in (None, runtime) and bool(wanted) and wanted <= whole


def _within(period: Period, run: str) -> bool:
    moment = reading.started(run)
    return moment is not None and period.holds(moment)


def _before(period: Period, run: str) -> bool:
    moment = reading.started(run)
    return moment is not None and moment < period.beginning


def _boiled_down(reports: Path, record: Record, because: str | None) -> Ran:
    return Ran(
        # Proven scenarios are only names from here on: a year of them would not fit into memory otherwise.
        record=replace(record, scenarios=()),
        proven=frozenset(intern(each.node) for each in record.scenarios if each.verdict is Verdict.PROVEN),
        troubled=tuple(each for each in record.scenarios if each.verdict is not Verdict.PROVEN),
        log=_logged(record.id, reading.events(reports, record.id)) if because is None else Log(),
        because=because,
    )


def _logged(run: str, events: Iterable[Event]) -> Log:
    log = Log()
    for scenario, together in groupby(events, key=attrgetter("scenario")):
        happened, incidents = list(together), []
        for event in happened:
            kind = event.kind
            if kind is BACKUP:
                _count_backup(log, event)
            elif kind is RECOVERY:
                _count_recovery(log, event)
            elif kind is INCIDENT:
                incidents.append(event)
        if incidents:
            log.disasters += sum(map(declares, incidents))
            _keep_slowest(log, run, scenario, happened)
            log.exercises += exercises(run, scenario, incidents)
            log.undelivered += (each for each in incidents if each.delivered is False)
    return log


def _count_backup(log: Log, event: Event) -> None:
    done, what = event.done, event.what
    if event.in_series:
        log.in_series += 1
        log.done_in_series += done
        log.failed[what] += not done
    if done and not event.parent and (seconds := event.seconds) is not None:
        log.backups[what].append(seconds)


def _count_recovery(log: Log, event: Event) -> None:
    if event.done:
        log.recovered += 1
        if (seconds := event.seconds) is not None:
            log.recoveries[event.what].append(seconds)
    else:
        log.refused += event.status == REFUSED


def _keep_slowest(log: Log, run: str, scenario: str, happened: list[Event]) -> None:
    ended, declared = happened[-1].at, None
    for place, event in enumerate(happened):
        kind = event.kind
        if kind is INCIDENT and event.declared:
            declared = event.at
        elif kind is RECOVERY and declared is not None and event.done:
            slowest = log.courses.get(event.what)
            if slowest is None or (ended - declared).total_seconds() > slowest.steps[-1].seconds:
                log.courses[event.what] = course(run, scenario, happened[: place + 1], declared=declared, ended=ended)


def _last_proofs(reports: Path, earlier: list[str], wanted: set[str]) -> Mapping[str, datetime]:
    """Return when each criterion was last proven in whole, the newest first and no further back than needed."""
    found: dict[str, datetime] = {}
    for name in reversed(earlier):
        if wanted <= found.keys():
            break
        record = reading.record(reports, name)
        if isinstance(record, Unreadable):
            continue
        for result in (*record.criteria, *record.decided):
            if result.whole and result.verdict is Verdict.PROVEN and result.id in wanted:
                found.setdefault(result.id, record.finished)
    return found
