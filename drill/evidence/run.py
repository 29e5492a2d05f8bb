"""One run while it goes on: takes in what scenarios report, keeps the logs, and judges at the end."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from drill.evidence import surroundings
from drill.evidence.journal import Kind
from drill.evidence.record import CriterionRecord, RunRecord, RuntimeRecord, ScenarioRecord
from drill.evidence.verdict import Verdict, worst
from drill.policy import Criterion, Policy, Value


@dataclass(frozen=True, slots=True)
class ScenarioReport:
    """What one scenario came to, and what it wrote down."""

    record: ScenarioRecord
    events: list[dict[str, Any]] = field(default_factory=list)
    measurements: list[dict[str, Any]] = field(default_factory=list)
    server_log: str = ""


class Run:
    """Collects reports into ``<reports>/runs/<id>/``; events are on disk as soon as their scenario has ended."""

    def __init__(self, policy: Policy, *, reports: Path, seed: int, scale: int, selection: Iterable[str]) -> None:
        self.policy = policy
        self.id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        self.directory = reports / "runs" / self.id
        self.expected: set[str] = set()
        self.runtime: RuntimeRecord | None = None
        self._seed = seed
        self._scale = scale
        self._selection = tuple(selection)
        self._started = datetime.now(UTC)
        self._clock = time.monotonic()
        self._reports: list[ScenarioReport] = []

    @property
    def has_scenarios(self) -> bool:
        """Whether the run is one of features at all."""
        return bool(self._reports or self.expected)

    def take(self, report: ScenarioReport) -> None:
        """Take in one scenario and append what happened to the event log."""
        self._reports.append(report)
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / "events.jsonl").open("a", encoding="utf-8") as log:
            for event in [*report.events, _tested(report.record)]:
                log.write(json.dumps({"scenario": report.record.node, **event}, ensure_ascii=False) + "\n")
        if report.server_log:
            logs = self.directory / "logs"
            logs.mkdir(exist_ok=True)
            (logs / f"{len(self._reports):04d}.log").write_text(
                f"{report.record.node}\n\n{report.server_log}", encoding="utf-8"
            )

    def verdict(self) -> Verdict:
        """Return the worst of all scenarios; one that was selected and never reported is unproven."""
        missing = self.expected - {report.record.node for report in self._reports}
        verdicts = [report.record.verdict for report in self._reports]
        return worst([*verdicts, *(Verdict.UNPROVEN for _ in missing)])

    def finish(self, *, exit_status: int, totals: Mapping[str, int]) -> RunRecord:
        """Judge every criterion, write ``run.json`` and point ``latest`` at it.

        Args:
            exit_status: how the process ends.
            totals: how many scenarios the features hold for each criterion, selected or not.
        """
        finished = datetime.now(UTC)
        record = RunRecord(
            id=self.id,
            started=self._started.isoformat(),
            finished=finished.isoformat(),
            seconds=round(time.monotonic() - self._clock, 3),
            verdict=self.verdict(),
            exit_status=exit_status,
            runtime=self.runtime,
            seed=self._seed,
            scale=self._scale,
            policy={"file": self.policy.file.name, "title": self.policy.document.title},
            revision=surroundings.revision(self.policy.directory),
            machine=surroundings.machine(),
            versions=surroundings.versions(),
            selection=self._selection,
            criteria=tuple(self._judged(totals)),
            open_criteria={criterion.id: criterion.gap for criterion in self.policy.criteria if criterion.gap},
            scenarios=tuple(report.record for report in self._reports),
            unreported=tuple(sorted(self.expected - {report.record.node for report in self._reports})),
        )
        self.directory.mkdir(parents=True, exist_ok=True)
        replace(self.directory / "run.json", record.model_dump_json(indent=2))
        _point(self.directory.parent.parent / "latest", self.directory)
        return record

    def _judged(self, totals: Mapping[str, int]) -> Iterable[CriterionRecord]:
        by_criterion: dict[str, list[ScenarioReport]] = defaultdict(list)
        for report in self._reports:
            for identifier in report.record.criteria:
                by_criterion[identifier].append(report)
        for criterion in self.policy.criteria:
            if criterion.id in by_criterion:
                yield judge(criterion, by_criterion[criterion.id], scenarios=totals.get(criterion.id, 0))


def judge(criterion: Criterion, reports: list[ScenarioReport], *, scenarios: int) -> CriterionRecord:
    """Return what the scenarios of one criterion come to: the worst verdict beside the worst value."""
    objective = criterion.objective
    notes = [note for report in reports for note in report.measurements if note["criterion"] == criterion.id]
    measured = _worst_value(criterion, [note["measured"] for note in notes])
    projected = _worst_value(criterion, [note["projected"] for note in notes])
    decisive = [value for value in (measured, projected) if value is not None]
    sizes = [note["source_bytes"] for note in notes if note["source_bytes"] is not None]
    return CriterionRecord(
        id=criterion.id,
        statement=criterion.statement,
        objective=str(objective),
        verdict=worst(report.record.verdict for report in reports),
        measured=_plain(measured),
        measured_text=None if measured is None else objective.text(measured),
        projected=_plain(projected),
        projected_text=None if projected is None else objective.text(projected),
        margin=_plain(min(map(objective.margin, decisive))) if decisive else None,
        source_bytes=max(sizes, default=None),
        selected=len(reports),
        scenarios=scenarios,
        seconds=round(sum(report.record.seconds for report in reports), 3),
        shows_not=criterion.shows_not,
    )


def replace(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _point(link: Path, target: Path) -> None:
    partial = link.with_name(f".latest-{target.name}")
    partial.symlink_to(target.relative_to(link.parent))
    partial.replace(link)


def _tested(record: ScenarioRecord) -> dict[str, Any]:
    return {
        "kind": str(Kind.TESTING),
        "at": datetime.now(UTC).isoformat(),
        "what": record.name,
        "verdict": str(record.verdict),
        "seconds": record.seconds,
        "reason": record.reason,
    }


def _worst_value(criterion: Criterion, numbers: Iterable[float | int | None]) -> Value | None:
    is_duration = isinstance(criterion.objective.quantity.value, timedelta)
    values: list[Value] = [
        timedelta(seconds=number) if is_duration else number for number in numbers if number is not None
    ]
    return min(values, key=criterion.objective.margin, default=None)


def _plain(value: Value | None) -> float | int | None:
    return value.total_seconds() if isinstance(value, timedelta) else value
