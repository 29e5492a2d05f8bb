"""One run while it goes on: takes in what scenarios report, keeps the logs, and judges at the end."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drill.errors import DrillError
from drill.evidence import surroundings
from drill.evidence.decided import EXECUTED, OnRecord, decided
from drill.evidence.going_on import Hold
from drill.evidence.history import LOG, events
from drill.evidence.journal import Kind
from drill.evidence.judgement import ScenarioReport, judge, measurements
from drill.evidence.record import (
    DEFECTS,
    SABOTAGE,
    STORAGE,
    CriterionRecord,
    DefectsRecord,
    RunRecord,
    RuntimeRecord,
    SabotageRecord,
    ScenarioRecord,
    StorageRecord,
)
from drill.evidence.redaction import redacted
from drill.evidence.tiers import tier_records
from drill.evidence.verdict import Verdict, exit_status, worst
from drill.policy import Criterion, Policy

RECORD, LATEST = "run.json", "latest"
UNWRITTEN = "no scenario carries its tag"


class Run:
    """Collects reports into ``<reports>/runs/<id>/``; events are on disk as soon as their scenario has ended."""

    def __init__(
        self,
        policy: Policy,
        *,
        reports: Path,
        seed: int,
        scale: int,
        selection: Iterable[str],
        chance: int | None = None,
    ) -> None:
        self.policy = policy
        self.id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        self.directory = reports / "runs" / self.id
        self.runtime: RuntimeRecord | None = None
        self._seed = seed
        self._chance = chance
        self._scale = scale
        self._selection = tuple(selection)
        self._drilled = surroundings.policy(policy)
        self._started = datetime.now(UTC)
        self._clock = time.monotonic()
        self._expected: dict[str, tuple[str, ...]] = {}
        self._reports: list[ScenarioReport] = []
        self._hold: Hold | None = None

    @property
    def has_scenarios(self) -> bool:
        """Whether the run is one of features at all."""
        return bool(self._reports or self._expected)

    @property
    def unreported(self) -> dict[str, tuple[str, ...]]:
        """The scenarios that were selected and have not come to an end, with their criteria."""
        reported = {report.record.node for report in self._reports}
        return {node: criteria for node, criteria in self._expected.items() if node not in reported}

    def expect(self, scenarios: Mapping[str, tuple[str, ...]]) -> None:
        """Note which scenarios were selected, by node id, and which criteria each is to prove.

        Raises:
            DrillError: the evidence cannot be written, or something else is where the newest run is named; better now
                than when all is done.
        """
        if scenarios:
            _require_free(self.directory.parent.parent / LATEST)
            try:
                self.directory.mkdir(parents=True, exist_ok=True)
                self._hold = self._hold or Hold(self.directory)
            except OSError as error:
                raise DrillError(
                    f"evidence cannot be written: {error.filename}: {error.strerror}",
                    remedy="make that place writable, or name another with --reports",
                ) from error
        self._expected |= scenarios

    def take(self, report: ScenarioReport) -> None:
        """Take in one scenario and append what happened to the event log."""
        self._reports.append(report)
        with (self.directory / LOG).open("a", encoding="utf-8") as log:
            for event in [*report.events, _tested(report.record)]:
                line = json.dumps({"scenario": report.record.node, **event}, ensure_ascii=False, allow_nan=False)
                log.write(redacted(line) + "\n")
        if report.server_log:
            logs = self.directory / "logs"
            logs.mkdir(exist_ok=True)
            text = redacted(f"{report.record.node}\n\n{report.server_log}")
            (logs / f"{len(self._reports):04d}.log").write_text(text, encoding="utf-8")

    def finish(
        self,
        *,
        status: int,
        totals: Mapping[str, int],
        drills: Iterable[datetime] = (),
        audits: Iterable[datetime] = (),
    ) -> RunRecord:
        """Judge every criterion and the run, write ``run.json`` and point ``latest`` at it.

        Args:
            status: how pytest would end; the record says how the process has to end.
            totals: how many scenarios the features hold for each criterion, selected or not.
            drills: when the drills of the plan ended that are on record before this run.
            audits: the ends of the months of which there is a report.
        """
        finished = datetime.now(UTC)
        criteria = tuple(self._judged(totals))
        verdict, timed = self._verdict(criteria), measurements(self._reports)
        record = RunRecord(
            id=self.id,
            started=self._started.isoformat(),
            finished=finished.isoformat(),
            seconds=round(time.monotonic() - self._clock, 3),
            verdict=verdict,
            exit_status=exit_status(verdict, status),
            runtime=self.runtime,
            seed=self._seed,
            chance=self._chance,
            scale=self._scale,
            policy=self._drilled,
            revision=surroundings.revision(self.policy.directory),
            machine=surroundings.machine(),
            versions=surroundings.versions(),
            selection=self._selection,
            criteria=criteria,
            open_criteria=self._open(totals, judged={criterion.id for criterion in criteria}),
            scenarios=tuple(sorted((report.record for report in self._reports), key=lambda record: record.node)),
            unreported=tuple(sorted(self.unreported)),
            sabotage=SabotageRecord.of_events(self._events(SABOTAGE)),
            defects=self._defects(),
            storage=StorageRecord.of_events(self._events(STORAGE), price=self.policy.storage),
            measurements=timed,
            tiers=tier_records(timed, self.policy),
            decided=decided(self.policy, self._on_record(criteria, drills, audits, finished)),
        )
        replace(self.directory / RECORD, redacted(record.model_dump_json(indent=2)) + "\n")
        _point(self.directory.parent.parent / LATEST, self.directory)
        return record

    def let_go(self) -> None:
        """Say that the run goes on no more: all of its evidence is there."""
        if self._hold is not None:
            self._hold.let_go()

    def _on_record(
        self,
        criteria: Iterable[CriterionRecord],
        drills: Iterable[datetime],
        audits: Iterable[datetime],
        finished: datetime,
    ) -> OnRecord:
        is_drill = any(
            each.id == EXECUTED and 0 < each.scenarios <= each.selected and each.verdict is not Verdict.UNPROVEN
            for each in criteria
        )
        return OnRecord(
            drills=(*drills, *([finished] if is_drill else [])),
            tested=[report.record for report in self._reports],
            events=list(events(self.directory / LOG)),
            now=finished,
            audits=tuple(audits),
        )

    def _verdict(self, criteria: Iterable[CriterionRecord]) -> Verdict:
        scenarios = [report.record.verdict for report in self._reports] + [Verdict.UNPROVEN] * len(self.unreported)
        return worst([*scenarios, *(criterion.verdict for criterion in criteria)])

    def _defects(self) -> DefectsRecord | None:
        scores = map(DefectsRecord.of_event, self._events(DEFECTS))
        return max(scores, key=lambda score: score.defects, default=None)

    def _events(self, what: str) -> Iterator[dict[str, Any]]:
        return (event for report in self._reports for event in report.events if event.get("what") == what)

    def _judged(self, totals: Mapping[str, int]) -> Iterator[CriterionRecord]:
        left = self.unreported.values()
        for criterion in self.policy.criteria:
            reports = [report for report in self._reports if criterion.id in report.record.criteria]
            unreported = sum(criterion.id in criteria for criteria in left)
            if reports or unreported:
                total = totals.get(criterion.id, 0)
                yield judge(criterion, reports, unreported=unreported, scenarios=total, policy=self.policy)

    def _open(self, totals: Mapping[str, int], *, judged: set[str]) -> dict[str, str]:
        def unwritten(criterion: Criterion) -> str | None:
            known = totals.get(criterion.id) or criterion.id in judged or criterion.decided_by
            return None if known else UNWRITTEN

        reasons = {criterion.id: criterion.gap or unwritten(criterion) for criterion in self.policy.criteria}
        return {identifier: reason for identifier, reason in reasons.items() if reason is not None}


def replace(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _is_copied_run(place: Path) -> bool:
    """Tell whether this is a run's directory in the place of a link to one, as a copy leaves it that follows links."""
    # In this order: where there was nothing at the first look, another run may point before the second.
    return (place / RECORD).is_file() and not place.is_symlink()


def _require_free(link: Path) -> None:
    if os.path.lexists(link) and not link.is_symlink() and not _is_copied_run(link):
        raise DrillError(
            f"{link} is no run's evidence, and is where the newest run is to be named",
            remedy="move it away, or name another place with --reports",
        )


def _point(link: Path, target: Path) -> None:
    if _is_copied_run(link):
        shutil.rmtree(link)
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
