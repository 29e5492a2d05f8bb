"""The report as data: what is published as JSON, and what every page is made from.

Schema 1; docs/report.schema.json is made from these models, and a field that is taken away or changes its meaning raises
the number. Durations are in seconds, ratios have 1 for all, sizes are in bytes, times are RFC 3339 in UTC. What was not
measured is null. ``run`` names the run whose record holds a number: ``reports/runs/<run>/run.json``.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from drill.evidence.verdict import Verdict

SCHEMA = 1

Moment = Annotated[datetime, PlainSerializer(lambda moment: moment.isoformat(), return_type=str)]
"""A moment, written with its offset as all of the evidence has it."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Why(StrEnum):
    """What a criterion's verdict rests on."""

    PROVEN = "proven"
    DISPROVEN = "disproven"
    UNJUDGED = "unjudged"
    """The newest whole test of it could not be judged."""
    GAP = "gap"
    """No scenario tests it."""
    NOT_RUN = "not-run"
    """Scenarios test it, and none was run."""
    IN_PART = "in-part"
    """Only a part of its scenarios was run."""
    OBJECTIVE_CHANGED = "objective-changed"
    """It was tested against another objective than the policy has."""
    TOO_OLD = "too-old"
    """The newest proof was older at the end than the gate allows."""


class CaveatKind(StrEnum):
    """What a reader has to know before anything else."""

    NO_RUNS = "no-runs"
    NOTHING_PROVEN = "nothing-proven"
    EVIDENCE_BROKEN = "evidence-broken"
    EVIDENCE_UNVOUCHED = "evidence-unvouched"
    RUNS_NOT_COUNTED = "runs-not-counted"
    RUNS_UNFINISHED = "runs-unfinished"
    DAYS_WITHOUT_RUN = "days-without-run"
    POLICY_CHANGED = "policy-changed"
    NOT_OVER = "not-over"
    SUPPRESSED = "suppressed"


class Caveat(_Part):
    """One of them, with how many things it is about."""

    kind: CaveatKind
    number: int = 0


class Span(_Part):
    """From the first moment of ``since`` to the first moment of ``until``, judged as of ``judged_on``."""

    since: date
    until: date
    judged_on: date


class Document(_Part):
    """The written policy, and the file that makes it executable; ``drilled`` are the files that runs had."""

    title: str
    version: str
    status: str
    source: str
    file: str
    sha256: str
    drilled: tuple[str, ...]


class Measured(_Part):
    """A value, and where it is on record. ``text`` says it in the objective's unit."""

    value: float
    text: str
    run: str


class Standing(_Part):
    """One criterion at the end of the span.

    ``tests`` counts the runs that tested it, ``disproofs`` those that disproved it. ``margin`` is how far the worst
    value (measured or projected) is on the good side of the objective. ``previously_proven`` is the last whole proof
    before the span, where there was none in it.
    """

    id: str
    statement: str
    objective: str
    verdict: Verdict
    why: Why
    heading: str
    controls: tuple[str, ...]
    worst: Measured | None = None
    projected: Measured | None = None
    margin: float | None = None
    source_bytes: int | None = None
    tests: int = 0
    scenarios: int = 0
    disproofs: int = 0
    unjudged: int = 0
    last_proven: Moment | None = None
    last_proven_run: str | None = None
    previously_proven: Moment | None = None
    gap: str | None = None
    shows_not: str


class Rate(_Part):
    """Backups that were taken to be counted; ``bound`` is the lower end of the rate with 95 % confidence."""

    done: int
    tries: int
    rate: float | None
    bound: float | None
    objective: str


class Duration(_Part):
    """How long the backups, or the recoveries, of a procedure took that were done."""

    procedure: str
    done: int
    failed: int
    median: float
    longest: float
    run: str


class Holding(_Part):
    """What the repository held after a run."""

    run: str
    at: Moment
    stored_bytes: int
    source_bytes: int | None
    ratio: float | None
    growth_bytes_per_day: float | None
    cost_per_month: float | None
    currency: str | None


class Metric(_Part):
    """One metric of the document: which criteria or attestations answer for it."""

    heading: str
    clause: str
    criteria: tuple[str, ...]
    attestations: tuple[str, ...]


class Metrics(_Part):
    """What the document wants to be measured, and what was."""

    metrics: tuple[Metric, ...]
    success: Rate
    backups: tuple[Duration, ...]
    recoveries: tuple[Duration, ...]
    storage: Holding | None


class Point(_Part):
    """One measured value of a criterion, and what it means in production at worst."""

    run: str
    at: Moment
    measured: float | None
    projected: float | None


class Trend(_Part):
    """How a criterion's values went; ``limit`` is the objective's number."""

    criterion: str
    objective: str
    limit: float
    points: tuple[Point, ...]


class DayRate(_Part):
    """Counted backups of one day, and the bound that all of the span gave by then."""

    day: date
    done: int
    tries: int
    bound: float


class Day(_Part):
    """One day: what its runs came to at worst; null is a day without any."""

    day: date
    runs: int
    verdict: Verdict | None


class Trends(_Part):
    """The series that are drawn."""

    recovery: tuple[Trend, ...]
    loss: tuple[Trend, ...]
    success: tuple[DayRate, ...]
    storage: tuple[Holding, ...]
    calendar: tuple[Day, ...]


class Covered(_Part):
    """A heading of the document, or a control, with what answers for it.

    ``verdict`` is the worst of its criteria and attestations, null for a heading that promises nothing.
    """

    name: str
    title: str | None = None
    verdict: Verdict | None
    criteria: tuple[str, ...]
    attestations: tuple[str, ...]
    shows_not: tuple[str, ...]


class Step(_Part):
    """One moment of a timeline, in seconds after the disaster was declared; negative before it."""

    name: str
    seconds: float


class Timeline(_Part):
    """How one disaster went."""

    run: str
    what: str
    scenario: str
    declared: Moment
    steps: tuple[Step, ...]


class Drill(_Part):
    """One run. One that does not count says why."""

    run: str
    started: Moment
    seconds: float
    verdict: Verdict
    runtime: str | None
    full: bool
    proven: int
    disproven: int
    unproven: int
    disasters: int
    recovered: int
    refused: int
    counts: bool
    because: str | None = None


class Failure(_Part):
    """A scenario that was not proven: how often, why, and whether it was proven afterwards."""

    scenario: str
    name: str
    criteria: tuple[str, ...]
    verdict: Verdict
    times: int
    first: Moment
    first_run: str
    last: Moment
    last_run: str
    cause: str
    resolved: Moment | None
    resolved_run: str | None


class Suppressed(_Part):
    """A criterion that does not hold the gate shut, for a reason that somebody answers for."""

    id: str
    reason: str
    owner: str
    expires: date
    stands: bool


class Attested(_Part):
    """A promise about people."""

    id: str
    statement: str
    owner: str
    heading: str
    verdict: Verdict
    attested_on: date | None
    expires_on: date | None
    evidence: str | None


class Sabotage(_Part):
    """The newest score: how many deliberate faults were found."""

    run: str
    faults: int
    caught: int
    refused: int
    missed: tuple[str, ...]
    healthy: int | None
    false_alarms: tuple[str, ...]


class Environment(_Part):
    """What some of the runs stood on."""

    runs: int
    newest: str
    runtime: str | None
    reason: str | None
    engines: tuple[str, ...]
    machine: str
    versions: dict[str, str]
    seed: int | None
    scale: int | None


class EvidenceFinding(_Part):
    """Something about the evidence that does not hold, or is not known."""

    rule: str
    where: str
    what: str
    remedy: str


class Uncounted(_Part):
    """A run that is not believed, and the rule that its evidence breaks."""

    run: str
    because: str


class Evidence(_Part):
    """Whether the files of all runs are what they were; ``heads`` are the ends of their chains within the span."""

    verdict: Verdict
    sealed: int
    vouched: int
    runs: int
    heads: tuple[str, ...]
    findings: tuple[EvidenceFinding, ...]
    uncounted: tuple[Uncounted, ...]
    unfinished: tuple[str, ...]


class Summary(_Part):
    """What a span of time proved, and what it did not."""

    schema_version: Literal[1] = SCHEMA
    span: Span
    document: Document
    verdict: Verdict
    caveats: tuple[Caveat, ...]
    criteria: tuple[Standing, ...]
    metrics: Metrics
    trends: Trends
    headings: tuple[Covered, ...]
    controls: tuple[Covered, ...]
    drills: tuple[Drill, ...]
    timelines: tuple[Timeline, ...]
    failures: tuple[Failure, ...]
    suppressions: tuple[Suppressed, ...]
    attestations: tuple[Attested, ...]
    days_without_run: tuple[date, ...]
    sabotage: Sabotage | None = Field(description="null: no run of the span was sabotaged")
    environments: tuple[Environment, ...]
    evidence: Evidence
