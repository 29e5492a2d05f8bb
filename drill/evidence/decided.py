"""Criteria that no scenario has to try: what decides them is on record already, and is judged as every run ends.

They do not count for the run's own verdict, which is that of the scenarios that were selected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from drill.errors import DrillError
from drill.evidence import run_index
from drill.evidence.completeness import Completeness, test, told
from drill.evidence.journal import Kind
from drill.evidence.record import CriterionRecord, ScenarioRecord, plain
from drill.evidence.redaction import redacted
from drill.evidence.verdict import Verdict
from drill.policy import Criterion, Policy, Value
from drill.policy.claims import Ground
from drill.policy.quantity import duration_text

EXECUTED = "PLAN-EXECUTION"
"""The criterion by which a run is known to be a drill of the plan."""
SPANS = 4
"""So many of the longest times allowed between two drills are looked back."""


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What a run knows of the record as it ends.

    Attributes:
        drills: when drills of the plan have ended, this run's too where it was one.
        audits: the ends of the months of which there is a report.
        tested: the scenarios that came to an end in this run.
        events: what its log holds, read again from where it was written.
        now: the moment at which it ended.
    """

    drills: Sequence[datetime]
    tested: Sequence[ScenarioRecord]
    events: Iterable[Mapping[str, Any]]
    now: datetime
    audits: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found on record.

    Attributes:
        value: in the objective's unit; None where there is nothing to take it from.
        because: what it rests on, for whoever reads the verdict.
        suffices: whether it is enough to prove the criterion; where it is not, it can still disprove it.
    """

    value: Value | None
    because: str
    suffices: bool = True


def earlier_drills(reports: Path) -> list[datetime]:
    """Return when the drills of the plan ended that are on record; a history that cannot be read has none."""
    try:
        with run_index.opened(reports) as index:
            return index.tested(EXECUTED)
    except DrillError:
        return []  # sealing the run fails at the same, and says so


def decided(policy: Policy, on_record: OnRecord) -> tuple[CriterionRecord, ...]:
    """Return the record of every criterion of a policy that no scenario has to try."""
    found: Mapping[Ground, Callable[[Criterion], Finding]] = MappingProxyType(
        {
            "audits": lambda criterion: monthly(on_record, allowed=criterion.objective.quantity.duration),
            "contacts": lambda _: contacts(policy),
            "drills": lambda criterion: regularity(on_record, allowed=criterion.objective.quantity.duration),
            "tests": lambda _: log_of_tests(on_record),
        }
    )
    return tuple(
        judged(criterion, found[criterion.decided_by](criterion))
        for criterion in policy.criteria
        if criterion.decided_by is not None
    )


def judged(criterion: Criterion, found: Finding) -> CriterionRecord:
    """Return what a criterion comes to by what was found."""
    objective, value = criterion.objective, found.value
    verdict = Verdict.PROVEN if value is not None and found.suffices else Verdict.UNPROVEN
    if value is not None and not objective.met_by(value):
        verdict = Verdict.DISPROVEN
    return CriterionRecord(
        id=criterion.id,
        statement=criterion.statement,
        objective=str(objective),
        verdict=verdict,
        measured=plain(value),
        measured_text=None if value is None else objective.text(value),
        projected=None,
        projected_text=None,
        margin=None if value is None else plain(objective.margin(value)),
        source_bytes=None,
        selected=0,
        scenarios=0,
        seconds=0.0,
        shows_not=criterion.shows_not,
        because=found.because,
    )


def contacts(policy: Policy) -> Finding:
    """Look for contacts that are still the document's placeholders, by which nobody can be reached."""
    number = sum(map(len, policy.contacts.values()))
    if not number:
        return Finding(None, "no contact is named at all")
    left = policy.placeholders()
    return Finding(len(left), f"still placeholders: {', '.join(left)}" if left else f"{number} contacts are named")


def regularity(on_record: OnRecord, *, allowed: timedelta) -> Finding:
    """Find the longest time without a drill; a record that is shorter than the time allowed cannot prove anything.

    Args:
        on_record: says when drills ended.
        allowed: the longest time between two of them.
    """
    if not any(at <= on_record.now for at in on_record.drills):
        return Finding(None, f"no drill of the plan ({EXECUTED}, every scenario of it) is on record")
    return _spaced("drills of the plan", on_record.drills, now=on_record.now, allowed=allowed)


def monthly(on_record: OnRecord, *, allowed: timedelta) -> Finding:
    """Find the longest time between the ends of two months of which there is a report, and since the last of them.

    Whole days count: a month is over at midnight, and its report is made in the course of the day.

    Args:
        on_record: says which months have a report.
        allowed: the longest time between two of them.
    """
    today = on_record.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if not any(at <= today for at in on_record.audits):
        return Finding(None, "no report of a whole month is on record (dr-drill report makes that of the last one)")
    return _spaced("reports of whole months", on_record.audits, now=today, allowed=allowed)


def _spaced(things: str, moments: Iterable[datetime], *, now: datetime, allowed: timedelta) -> Finding:
    past = sorted(at for at in moments if at <= now)
    beginning = max(past[0], now - SPANS * allowed)
    within = [at for at in past if at >= beginning]
    longest = max(later - earlier for earlier, later in pairwise([beginning, *within, now]))
    reach = now - beginning
    what = f"{things} within {duration_text(reach)}: {len(within)}"
    if reach < allowed:
        return Finding(longest, f"{what}; a record of {duration_text(allowed)} is needed", suffices=False)
    return Finding(longest, what)


def log_of_tests(on_record: OnRecord) -> Finding:
    """Hold the tests that came to an end against those that the log tells of, with their results."""
    done = tuple(redacted(test(each.node, each.verdict)) for each in on_record.tested)
    if not done:
        return Finding(None, "no test came to its end")
    found = Completeness(done, told(on_record.events, Kind.TESTING))
    lines = [f"tests that came to an end: {len(done)}"]
    lines += [f"not on record: {each}" for each in found.missing]
    lines += [f"on record, but not made: {each}" for each in found.invented]
    wrong = len(found.missing) + len(found.invented)
    return Finding(1 - wrong / (len(done) + len(found.invented)), "; ".join(lines))
