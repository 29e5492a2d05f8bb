"""The report as data: what is published as JSON, and what every page is made from.

Schema 1; docs/report.schema.json is made from these models, and a field that is taken away or changes its meaning
raises the number. Durations are in seconds, ratios have 1 for all, sizes are in bytes, times are RFC 3339 in UTC. What
was not measured is null. ``run`` names the run whose record holds a number: ``reports/runs/<run>/run.json``.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from drill.evidence.verdict import Verdict
from drill.reporting.measures import Measured, Metrics, Moment, Part, Trends
from drill.reporting.usual_checks import UsualChecks


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
    MEASURED_SIZE_ONLY = "measured-size-only"
    EVIDENCE_BROKEN = "evidence-broken"
    EVIDENCE_UNVOUCHED = "evidence-unvouched"
    RUNS_NOT_COUNTED = "runs-not-counted"
    RUNS_UNFINISHED = "runs-unfinished"
    DAYS_WITHOUT_RUN = "days-without-run"
    POLICY_CHANGED = "policy-changed"
    NOT_OVER = "not-over"
    SUPPRESSED = "suppressed"


class Caveat(Part):
    """One of them, with how many things it is about."""

    kind: CaveatKind
    number: int = 0


class Span(Part):
    """From the first moment of ``since`` to the first moment of ``until``, judged as of ``judged_on``."""

    since: date
    until: date
    judged_on: date


class Document(Part):
    """The written policy, and the file that makes it executable; ``drilled`` are the files that runs had."""

    title: str
    version: str
    status: str
    source: str
    file: str
    sha256: str
    drilled: tuple[str, ...]


class Standing(Part):
    """One criterion at the end of the span.

    ``tests`` counts the runs that tested it, ``disproofs`` those that disproved it. ``margin`` is how far the worst
    value (measured or projected) is on the good side of the objective. ``projection`` says how ``projected`` was come
    by, or why the newest run has none. ``previously_proven`` is the last whole proof before the span, where there was
    none in it. ``because`` is what the record held of a criterion that no scenario has to try, in the newest run.
    ``unprojected`` are the procedures of which it is proven up to so many bytes only, and not at production's size.
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
    projection: str | None = None
    source_bytes: int | None = None
    tests: int = 0
    scenarios: int = 0
    disproofs: int = 0
    unjudged: int = 0
    last_proven: Moment | None = None
    last_proven_run: str | None = None
    previously_proven: Moment | None = None
    gap: str | None = None
    because: str | None = None
    unprojected: dict[str, int] = Field(default_factory=dict)
    shows_not: str


class Covered(Part):
    """A heading of the document, or a control, with what answers for it.

    ``verdict`` is the worst of its criteria and attestations, null where there are none: for a heading that promises
    nothing, and for a control that nothing of the policy serves. ``holds`` are the headings directly below one that
    promises nothing itself.
    """

    name: str
    title: str | None = None
    verdict: Verdict | None
    criteria: tuple[str, ...]
    attestations: tuple[str, ...]
    holds: tuple[str, ...] = ()
    shows_not: tuple[str, ...]


class Step(Part):
    """One moment of a timeline, in seconds after the disaster was declared; negative before it.

    ``system`` is the procedure that passed it, null for the disaster as a whole.
    """

    name: str
    system: str | None = None
    seconds: float


class Timeline(Part):
    """How one disaster went."""

    run: str
    what: str
    scenario: str
    declared: Moment
    steps: tuple[Step, ...]


class Undelivered(Part):
    """A message of a disaster drill that did not get there: for whom it was, why it did not, and how often.

    ``audience`` and ``when`` are those of the policy's notification, ``to`` the contacts that it names; empty in logs
    from before it was kept.
    """

    scenario: str
    disaster: str
    audience: str
    when: str
    to: tuple[str, ...]
    subject: str
    reason: str
    times: int
    first: Moment
    first_run: str
    last: Moment
    last_run: str


class Drill(Part):
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


class Failure(Part):
    """What was not proven: how often, why, and whether it was proven afterwards.

    ``scenario`` is its node; for a criterion that the record decides, and decided against, it is the criterion's id.
    """

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


class Suppressed(Part):
    """A criterion that does not hold the gate shut, for a reason that somebody answers for."""

    id: str
    reason: str
    owner: str
    expires: date
    stands: bool


class Attested(Part):
    """A promise about people."""

    id: str
    statement: str
    owner: str
    heading: str
    verdict: Verdict
    attested_on: date | None
    expires_on: date | None
    evidence: str | None


class Sabotage(Part):
    """The newest score of the most faults: how many deliberate ones were found, of those that were ``known``.

    ``not_tried`` could not be tried; a record from before these were told apart has them among ``missed``.
    """

    run: str
    known: int | None
    faults: int
    caught: int
    refused: int
    missed: tuple[str, ...]
    not_tried: tuple[str, ...] = ()
    healthy: int | None
    false_alarms: tuple[str, ...]


class Defects(Part):
    """The newest score: how many deliberate defects of the scripts turned their scenario red.

    ``survived`` did not, ``not_tried`` could not be tried, ``unnoticed`` are known that no scenario can notice;
    ``false_alarms`` counts the scenarios that sound scripts did not pass.
    """

    run: str
    defects: int
    noticed: int
    survived: tuple[str, ...]
    not_tried: tuple[str, ...]
    false_alarms: int
    unnoticed: tuple[str, ...]


class Environment(Part):
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


class EvidenceFinding(Part):
    """Something about the evidence that does not hold, or is not known."""

    rule: str
    where: str
    what: str
    remedy: str


class Uncounted(Part):
    """A run that is not believed, and the rule that its evidence breaks."""

    run: str
    because: str


class Evidence(Part):
    """Whether the files of all runs are what they were; ``heads`` are the ends of their chains within the span."""

    verdict: Verdict
    sealed: int
    vouched: int
    runs: int
    heads: tuple[str, ...]
    findings: tuple[EvidenceFinding, ...]
    uncounted: tuple[Uncounted, ...]
    unfinished: tuple[str, ...]


class Summary(Part):
    """What a span of time proved, and what it did not."""

    schema_version: Literal[1] = 1
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
    timelines_left_out: int = Field(0, description="of older disaster drills; the logs of their runs have them")
    undelivered: tuple[Undelivered, ...] = Field((), description="messages, those that are alike together")
    undelivered_left_out: int = Field(0, description="of older messages; the logs of their runs have them")
    failures: tuple[Failure, ...]
    suppressions: tuple[Suppressed, ...]
    attestations: tuple[Attested, ...]
    days_without_run: tuple[date, ...]
    sabotage: Sabotage | None = Field(description="null: no run of the span was sabotaged")
    usual_checks: UsualChecks | None = Field(description="null: no run of the span asked usual checks")
    defects: Defects | None = Field(description="null: no run of the span put defects into the scripts")
    environments: tuple[Environment, ...]
    evidence: Evidence
