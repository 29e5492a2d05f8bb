"""Directories of reports whose runs have been sealed, ways to tamper with them, and what is then found."""

from __future__ import annotations

import base64
import json
import secrets
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from drill.evidence.finding import Rule
from drill.evidence.judgement import ScenarioReport
from drill.evidence.record import EngineRecord, RunRecord, RuntimeRecord
from drill.evidence.sealing import Seal, seal
from drill.evidence.statement import NAME
from drill.evidence.verification import verify
from tests.evidence.examples import begun, report

DOCKER = RuntimeRecord(
    name="docker",
    reason="asked for",
    engines=(EngineRecord(engine="postgres", product="PostgreSQL 18.6", origin="postgres:18", digest=None),),
)
BEGINNING = datetime.fromisoformat("2026-11-01T02:00:00+00:00")


def finished(
    reports: Path,
    *scenarios: ScenarioReport,
    totals: dict[str, int] | None = None,
    at: datetime = BEGINNING,
    runtime: RuntimeRecord | None = DOCKER,
) -> RunRecord:
    """A run that ended at a moment, and has not been sealed."""
    run = begun(reports)
    run.id = f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    run.directory = reports / "runs" / run.id
    run.runtime = runtime
    scenarios = scenarios or (report("a", "INT-DB"),)
    run.expect({one.record.node: one.record.criteria for one in scenarios})
    for one in scenarios:
        run.take(one)
    record = run.finish(status=0, totals=totals or {})
    run.let_go()
    times = {"started": at.isoformat(), "finished": (at + timedelta(minutes=1)).isoformat()}
    record = record.model_copy(update=times)
    (run.directory / "run.json").write_text(record.model_dump_json(indent=2) + "\n", "utf-8")
    return record


def sealed(reports: Path, *scenarios: ScenarioReport, signer=None, **further) -> tuple[RunRecord, Seal]:
    """A run that ended and was sealed."""
    record = finished(reports, *scenarios, **further)
    return record, seal(reports / "runs" / record.id, record, signer=signer)


def store(reports: Path, *, signer=None, runs: int = 3) -> list[RunRecord]:
    """Runs of as many nights, the oldest first."""
    return [
        sealed(reports, report("a", "INT-DB"), signer=signer, at=BEGINNING + timedelta(days=day))[0]
        for day in range(runs)
    ]


def restated(run: Path, **changes: object) -> None:
    """Change a run's statement as somebody would who knows how it is made, and has no key."""
    path = run / NAME
    envelope = json.loads(path.read_text("utf-8"))
    statement = json.loads(base64.b64decode(envelope["payload"]))
    statement["predicate"]["drDrill"] |= changes
    envelope["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()
    path.write_text(json.dumps(envelope), "utf-8")


def exchanged(one: Path, other: Path) -> None:
    """Let two runs have each other's files."""
    between = one.with_name("between")
    one.rename(between)
    other.rename(one)
    between.rename(other)


def copied(reports: Path, target: Path, *, history: bool) -> Path:
    """The reports as they are on another machine, with or without the history."""
    ignored = () if history else ("history.*",)
    return Path(shutil.copytree(reports, target, symlinks=True, ignore=shutil.ignore_patterns(*ignored)))


def reports_of(runs: Sequence[Path]) -> Path:
    """The directory of reports that runs are in."""
    return runs[0].parent.parent


def rules(reports: Path, **further) -> set[Rule]:
    """The rules that its evidence breaks, or that leave it unknown."""
    return {finding.rule for finding in verify(reports, **further).findings}
