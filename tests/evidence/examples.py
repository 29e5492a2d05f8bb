"""Runs and reports as the plugins make them, without running anything."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from drill.evidence.journal import Journal
from drill.evidence.judgement import ScenarioReport
from drill.evidence.record import ScenarioRecord
from drill.evidence.run import Run
from drill.evidence.verdict import Verdict
from drill.policy import load
from tests.evidence.rehearsal import REPOSITORY


def begun(reports: Path) -> Run:
    """A run of the shipped policy that has begun."""
    return Run(load(REPOSITORY / "policy.toml"), reports=reports, seed=7, scale=2, selection=["features"])


def report(name: str, *criteria: str, verdict: Verdict = Verdict.PROVEN, **further: object) -> ScenarioReport:
    """What a scenario reports that took two seconds."""
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


def measured(criterion: str, *values: timedelta | int, projected: timedelta | None = None) -> list[dict[str, object]]:
    """What a journal holds after these measurements."""
    journal = Journal()
    for value in values:
        journal.measure(criterion, value, projected=projected)
    return journal.measurements
