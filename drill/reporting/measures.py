"""What was measured, counted and drawn, as the report publishes it; ``summary`` has the whole."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

from drill.evidence.verdict import Verdict

Moment = Annotated[datetime, PlainSerializer(lambda moment: moment.isoformat(), return_type=str)]
"""A moment, written with its offset as all of the evidence has it."""


class Part(BaseModel):
    """A part of the report: what is published is what is declared, nothing more."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Measured(Part):
    """A value, and where it is on record. ``text`` says it in the objective's unit."""

    value: float
    text: str
    run: str


class Rate(Part):
    """Backups that were taken to be counted; ``bound`` is the lower end of the rate with 95 % confidence."""

    done: int
    tries: int
    rate: float | None
    bound: float | None
    objective: str


class Duration(Part):
    """How long the backups, or the recoveries, of a procedure took that were done."""

    procedure: str
    done: int
    failed: int
    median: float
    longest: float
    run: str


class Holding(Part):
    """What the repository held after a run."""

    run: str
    at: Moment
    stored_bytes: int
    source_bytes: int | None
    ratio: float | None
    growth_bytes_per_day: float | None
    cost_per_month: float | None
    currency: str | None


class Metric(Part):
    """One metric of the document: which criteria or attestations answer for it."""

    heading: str
    clause: str
    criteria: tuple[str, ...]
    attestations: tuple[str, ...]


class Metrics(Part):
    """What the document wants to be measured, and what was."""

    metrics: tuple[Metric, ...]
    success: Rate
    backups: tuple[Duration, ...]
    recoveries: tuple[Duration, ...]
    storage: Holding | None


class Point(Part):
    """One measured value of a criterion, and what it means in production at worst."""

    run: str
    at: Moment
    measured: float | None
    projected: float | None


class Trend(Part):
    """How a criterion's values went; ``limit`` is the objective's number."""

    criterion: str
    objective: str
    limit: float
    points: tuple[Point, ...]


class TierPoint(Part):
    """When all of a tier would be back in production at most, as one run foretold it, in seconds."""

    run: str
    at: Moment
    projected: float


class TierTrend(Part):
    """How long a tier would be away; ``limit`` is its recovery time, ``unknown`` how many runs could not tell."""

    tier: str
    limit: float
    points: tuple[TierPoint, ...]
    unknown: int


class DayRate(Part):
    """Counted backups of one day, and the bound that all of the span gave by then."""

    day: date
    done: int
    tries: int
    bound: float


class Day(Part):
    """One day: what its runs came to at worst; null is a day without any."""

    day: date
    runs: int
    verdict: Verdict | None


class Trends(Part):
    """The series that are drawn."""

    recovery: tuple[Trend, ...]
    loss: tuple[Trend, ...]
    tiers: tuple[TierTrend, ...] = ()
    success: tuple[DayRate, ...]
    storage: tuple[Holding, ...]
    calendar: tuple[Day, ...]
