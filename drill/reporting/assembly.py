"""Puts the report together: what is promised, what the runs of a span proved, and what their evidence is worth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from drill.evidence import surroundings
from drill.evidence.verdict import Verdict, worst
from drill.evidence.verification import Verification
from drill.policy import Attestation, Policy, Suppression
from drill.policy.source import clauses, holds
from drill.reporting import coverage, failures, metrics, reading
from drill.reporting.period import Period
from drill.reporting.runs import Ran, Runs, gathered, is_full
from drill.reporting.standing import standing, tests
from drill.reporting.summary import (
    Attested,
    Caveat,
    CaveatKind,
    Covered,
    Defects,
    Document,
    Drill,
    Environment,
    Evidence,
    EvidenceFinding,
    Sabotage,
    Span,
    Standing,
    Summary,
    Suppressed,
    Timeline,
    Uncounted,
)
from drill.reporting.undelivered import undelivered
from drill.reporting.usual_checks import usual_checks

MOST_TIMELINES = 40


def assembled(policy: Policy, verification: Verification, *, reports: Path, period: Period) -> Summary:
    """Return the report of a span. Nothing is run, and nothing but the arguments decides what it says.

    Args:
        policy: what is promised.
        verification: what was found of the evidence.
        reports: holds ``runs/``.
        period: what it is about.
    """
    runs = gathered(reports, period, verification, criteria=[each.id for each in policy.criteria])
    counted = runs.counted
    document = (policy.directory / policy.document.source).read_text("utf-8")
    tested = tests(counted)
    standings = {
        each.id: standing(
            each, tested.get(each.id, ()), policy=policy, period=period, earlier=runs.earlier_proofs.get(each.id)
        )
        for each in policy.criteria
    }
    attested = {each.id: _attested(each, period) for each in policy.attestations}
    evidence = _evidence(verification, runs)
    verdicts = [*(each.verdict for each in standings.values()), *(each.verdict for each in attested.values())]
    return Summary(
        span=Span(since=period.since, until=period.until, judged_on=period.judged_on),
        document=_document(policy, counted),
        verdict=worst([*verdicts, evidence.verdict]),
        caveats=tuple(_caveats(policy, period, runs, list(standings.values()), evidence)),
        criteria=tuple(standings.values()),
        metrics=metrics.metrics(policy, clauses(document), counted),
        trends=metrics.trends(policy, counted, period),
        **_covered(policy, document, standings, attested),
        drills=tuple(_drill(policy, run) for run in runs.ran),
        **_timelines(counted),
        **undelivered(counted),
        failures=tuple(failures.failures(counted)),
        suppressions=tuple(_suppressed(each, period) for each in policy.gate.suppress),
        attestations=tuple(attested.values()),
        days_without_run=metrics.days_without_run(counted, period),
        sabotage=_sabotage(counted),
        usual_checks=usual_checks(counted),
        defects=_defects(counted),
        environments=tuple(_environments(counted)),
        evidence=evidence,
    )


def _document(policy: Policy, runs: Sequence[Ran]) -> Document:
    document, file = policy.document, surroundings.policy(policy)
    return Document(
        title=document.title,
        version=document.version,
        status=document.status,
        source=str(document.source),
        file=file["file"],
        sha256=file["sha256"],
        drilled=tuple(sorted({run.record.policy.get("sha256", "") for run in runs} - {""})),
    )


def _covered(
    policy: Policy, document: str, standings: dict[str, Standing], attested: dict[str, Attested]
) -> dict[str, tuple[Covered, ...]]:
    return {
        "headings": tuple(coverage.headings(policy, holds(document), standings, attested)),
        "controls": tuple(coverage.controls(policy, standings, attested)),
    }


def _caveats(
    policy: Policy, period: Period, runs: Runs, standings: Sequence[Standing], evidence: Evidence
) -> Iterator[Caveat]:
    counted = runs.counted
    if not counted:
        yield Caveat(kind=CaveatKind.NO_RUNS)
    elif not any(each.last_proven for each in standings):
        yield Caveat(kind=CaveatKind.NOTHING_PROVEN, number=len(counted))
    if evidence.verdict is Verdict.DISPROVEN:
        yield Caveat(kind=CaveatKind.EVIDENCE_BROKEN, number=len(evidence.findings))
    elif evidence.verdict is Verdict.UNPROVEN and counted:
        yield Caveat(kind=CaveatKind.EVIDENCE_UNVOUCHED, number=evidence.runs - evidence.vouched)
    days = len(metrics.days_without_run(counted, period))
    drilled = {run.record.policy.get("sha256") for run in counted[-1:]}
    numbers = {
        CaveatKind.MEASURED_SIZE_ONLY: sum(bool(each.unprojected) for each in standings),
        CaveatKind.RUNS_NOT_COUNTED: len(evidence.uncounted),
        CaveatKind.RUNS_UNFINISHED: len(runs.unfinished),
        CaveatKind.DAYS_WITHOUT_RUN: days,
        CaveatKind.POLICY_CHANGED: len(drilled - {surroundings.policy(policy)["sha256"]}),
        CaveatKind.NOT_OVER: int(not period.is_over),
        CaveatKind.SUPPRESSED: len(policy.gate.suppress),
    }
    yield from (Caveat(kind=kind, number=number) for kind, number in numbers.items() if number)


def _drill(policy: Policy, run: Ran) -> Drill:
    record, log = run.record, run.log
    runtime = record.runtime.name if record.runtime else None
    disproven = sum(each.verdict is Verdict.DISPROVEN for each in run.troubled)
    return Drill(
        run=record.id,
        started=record.started,
        seconds=record.seconds,
        verdict=record.verdict,
        runtime=runtime,
        full=is_full(policy, runtime=runtime, whole={each.id for each in record.criteria if each.whole}),
        proven=len(run.proven),
        disproven=disproven,
        unproven=len(run.troubled) - disproven + len(record.unreported),
        disasters=log.disasters,
        recovered=log.recovered,
        refused=log.refused,
        counts=run.counts,
        because=run.because,
    )


def _timelines(runs: Sequence[Ran]) -> dict[str, Any]:
    """Return the newest disaster drills, then the slowest recovery of each procedure; and how many drills are left."""
    exercises = [course for run in reversed(runs) for course in run.log.exercises]
    slowest: dict[str, tuple[float, Timeline]] = {}
    for run in runs:
        for procedure, course in run.log.courses.items():
            if procedure not in slowest or course.recovered > slowest[procedure][0]:
                slowest[procedure] = (course.recovered, course.timeline())
    recoveries = [each for _, (_, each) in sorted(slowest.items())]
    shown = exercises[: max(MOST_TIMELINES - len(recoveries), 0)]
    return {
        "timelines": (*(course.timeline() for course in shown), *recoveries),
        "timelines_left_out": len(exercises) - len(shown),
    }


def _suppressed(suppression: Suppression, period: Period) -> Suppressed:
    return Suppressed(
        id=suppression.id,
        reason=suppression.reason,
        owner=suppression.owner,
        expires=suppression.expires,
        stands=suppression.stands(today=period.judged_on),
    )


def _attested(attestation: Attestation, period: Period) -> Attested:
    stands = attestation.stands(today=period.judged_on)
    return Attested(
        id=attestation.id,
        statement=attestation.statement,
        owner=attestation.owner,
        heading=attestation.heading,
        verdict=Verdict.PROVEN if stands else Verdict.UNPROVEN,
        attested_on=attestation.attested_on,
        expires_on=attestation.expires_on,
        evidence=attestation.evidence,
    )


def _sabotage(runs: Sequence[Ran]) -> Sabotage | None:
    """Return the newest score of the most faults: a drill before a release tries few, and hides no night's miss."""
    scores = [(run.record.id, score) for run in reversed(runs) if (score := run.record.sabotage) is not None]
    if not scores:
        return None
    run, largest = max(scores, key=lambda scored: scored[1].faults)
    facts = asdict(largest)
    del facts["usual_checks"], facts["kinds"]
    missed = tuple(fault for fault in largest.missed if fault not in largest.not_tried)
    return Sabotage(run=run, **(facts | {"missed": missed}))


def _defects(runs: Sequence[Ran]) -> Defects | None:
    for run in reversed(runs):
        if (score := run.record.defects) is not None:
            return Defects(run=run.record.id, **asdict(score))
    return None


def _environments(runs: Sequence[Ran]) -> Iterator[Environment]:
    """Yield what the runs stood on, each once, the newest first."""
    alike: dict[str, list[Environment]] = {}
    for run in reversed(runs):
        one = _environment(run.record)
        key = one.model_dump_json(exclude={"newest", "reason"})
        alike.setdefault(key, []).append(one)
    yield from (same[0].model_copy(update={"runs": len(same)}) for same in alike.values())


def _environment(record: reading.Record) -> Environment:
    runtime, machine = record.runtime, record.machine
    memory = machine.get("memory_bytes")
    facts = [machine.get("system"), machine.get("architecture"), _counted(machine.get("cores"), "cores")]
    return Environment(
        runs=1,
        newest=record.id,
        runtime=runtime.name if runtime else None,
        reason=runtime.reason if runtime else None,
        engines=tuple(
            f"{each.product} ({each.origin}{f', {each.digest}' if each.digest else ''})"
            for each in (runtime.engines if runtime else ())
        ),
        machine=", ".join(
            filter(None, [*facts, f"{memory / 2**30:.0f} GiB" if memory else None, runtime.disk if runtime else None])
        ),
        versions=record.versions,
        seed=record.seed,
        scale=record.scale,
    )


def _counted(number: object, what: str) -> str | None:
    return f"{number} {what}" if number else None


def _evidence(verification: Verification, runs: Runs) -> Evidence:
    names = {run.record.id for run in runs.ran}
    uncounted = [Uncounted(run=run.record.id, because=run.because) for run in runs.ran if run.because]
    unreadable = [Uncounted(run=each.run, because=f"unreadable: {each.reason}") for each in runs.unreadable]
    ends = {
        sealed.statement.link.chain: f"{sealed.statement.link.number}:{sealed.sha256}"
        for sealed in sorted(verification.sealed.values(), key=lambda each: each.statement.link.number)
        if sealed.statement.link.run in names
    }
    return Evidence(
        verdict=verification.verdict,
        sealed=len(names & verification.sealed.keys()),
        vouched=len(names & verification.vouched),
        runs=len(names) + len(unreadable),
        heads=tuple(ends.values()),
        findings=tuple(
            EvidenceFinding(rule=str(each.rule), where=each.where, what=each.what, remedy=each.remedy)
            for each in verification.findings
        ),
        uncounted=tuple(uncounted + unreadable),
        unfinished=runs.unfinished,
    )
