"""The run record: ``run.json``, what one run proved, on what, and what it left open.

Schema 1; every duration is in seconds, every time is RFC 3339 in UTC. docs/evidence.md describes the fields.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from drill.evidence.verdict import Verdict

SCHEMA = 1


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScenarioRecord(_Plain):
    """One scenario (one row of an outline)."""

    node: str
    feature: str
    rule: str | None
    name: str
    criteria: tuple[str, ...]
    verdict: Verdict
    seconds: float
    reason: str | None


class CriterionRecord(_Plain):
    """One criterion: its objective beside what was measured.

    ``measured`` is the worst value of the run, ``projected`` the worst that it means in production; ``selected`` of
    ``scenarios`` ran, and a proof by a part of them is only a part of the proof. ``projection`` says how ``projected``
    was come by, or why there is none.
    """

    id: str
    statement: str
    objective: str
    verdict: Verdict
    measured: float | None
    measured_text: str | None
    projected: float | None
    projected_text: str | None
    margin: float | None
    source_bytes: int | None
    selected: int
    scenarios: int
    seconds: float
    shows_not: str | None
    projection: str | None = None


class MeasurementRecord(_Plain):
    """A time that depends on how much data there was: what projections to production's size are made from."""

    criterion: str
    procedure: str
    source_bytes: int
    measured: float
    phases: dict[str, float]


class EngineRecord(_Plain):
    """Which server served."""

    engine: str
    product: str
    origin: str
    digest: str | None


class RuntimeRecord(_Plain):
    """How the servers ran, and why so."""

    name: str
    reason: str
    engines: tuple[EngineRecord, ...]


class RunRecord(_Plain):
    """One run.

    ``open_criteria`` are those that no scenario proves yet, with the reason; ``unreported`` the scenarios that were
    selected and never came to an end.
    """

    schema_version: int = SCHEMA
    id: str
    started: str
    finished: str
    seconds: float
    verdict: Verdict
    exit_status: int
    runtime: RuntimeRecord | None
    seed: int
    scale: int
    policy: dict[str, str]
    revision: dict[str, Any]
    machine: dict[str, Any]
    versions: dict[str, str]
    selection: tuple[str, ...]
    criteria: tuple[CriterionRecord, ...]
    open_criteria: dict[str, str]
    scenarios: tuple[ScenarioRecord, ...]
    unreported: tuple[str, ...]
    measurements: tuple[MeasurementRecord, ...] = ()
