"""Runs and reports as the plugins make them, without running anything."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from drill.evidence.journal import Journal
from drill.evidence.judgement import ScenarioReport
from drill.evidence.record import ScenarioRecord
from drill.evidence.run import Run
from drill.evidence.verdict import Verdict
from drill.policy import Value, load
from tests.evidence.rehearsal import REPOSITORY


def begun(reports: Path) -> Run:
    """A run of the shipped policy that has begun."""
    return Run(load(REPOSITORY / "policy.toml"), reports=reports, seed=7, scale=2, selection=["features"])


POLICY = load(REPOSITORY / "policy.toml")


def report(name: str, *criteria: str, verdict: Verdict = Verdict.PROVEN, **further: object) -> ScenarioReport:
    """What a scenario reports that took two seconds.

    Unless its measurements are given, or it is not proven, it has measured what each criterion demands.
    """
    if Verdict(verdict) is Verdict.PROVEN:
        further.setdefault("measurements", [note for each in criteria for note in measured(each, _good(each))])
    record = ScenarioRecord(
        node=f"features/a.feature::test_{name}",
        feature="A",
        rule=None,
        name=name,
        criteria=criteria,
        verdict=verdict,
        seconds=2.0,
        reason=None,
    )
    return ScenarioReport(record, **further)


def measured(criterion: str, *values: Value, projected: timedelta | None = None) -> list[dict[str, object]]:
    """What a journal holds after these measurements."""
    journal = Journal()
    for value in values:
        journal.measure(criterion, value, projected=projected)
    return journal.measurements


def _good(criterion: str) -> Value:
    """A value that a criterion of the shipped policy is met by."""
    objective = POLICY.criterion(criterion).objective
    limit = objective.quantity.value
    return next(value for value in (limit, limit / 2, limit * 1.005) if objective.met_by(value))
