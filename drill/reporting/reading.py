"""Reads what runs left, whichever version of the suite wrote it: the one place that knows how evidence looks.

What a record does not hold is None and is told of as not measured; a field that is not known here is passed over. To
show a new field of ``run.json``, name it here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from drill.evidence.journal import Kind
from drill.evidence.verdict import Verdict

DONE = 0
Name = Annotated[str, AfterValidator(sys.intern)]
"""A text that many runs repeat is kept once."""


class _Tolerant(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Result(_Tolerant):
    """What one criterion came to in one run; durations in seconds, ratios with 1 for all."""

    id: Name
    statement: Name
    objective: Name
    verdict: Verdict
    measured: float | None = None
    measured_text: str | None = None
    projected: float | None = None
    projected_text: str | None = None
    projection: str | None = None
    margin: float | None = None
    source_bytes: int | None = None
    selected: int
    scenarios: int
    shows_not: Name | None = None
    because: str | None = None

    @property
    def whole(self) -> bool:
        """Whether every scenario of the criterion was selected, a part being no proof; or the record decided it."""
        return 0 < self.scenarios <= self.selected or (self.scenarios == 0 and self.because is not None)


class Scenario(_Tolerant):
    """What one scenario came to."""

    node: Name
    feature: Name
    name: Name
    criteria: tuple[Name, ...]
    verdict: Verdict
    reason: str | None = None


class Engine(_Tolerant):
    """Which server served."""

    engine: Name
    product: Name
    origin: Name
    digest: Name | None = None


class Runtime(_Tolerant):
    """How the servers ran."""

    name: Name
    reason: Name
    engines: tuple[Engine, ...] = ()
    disk: Name | None = None


class Sabotage(_Tolerant):
    """How many deliberate faults were found; ``missed`` and ``false_alarms`` name what was not, and what was none."""

    faults: int
    caught: int
    refused: int = 0
    missed: tuple[str, ...] = ()
    healthy: int | None = None
    false_alarms: tuple[str, ...] = ()


class Storage(_Tolerant):
    """What the repository held when the run ended."""

    stored_bytes: int
    source_bytes: int | None = None
    ratio: float | None = None
    growth_bytes_per_day: float | None = None
    cost_per_month: float | None = None
    currency: str | None = None


class Record(_Tolerant):
    """One run."""

    id: str
    started: datetime
    finished: datetime
    seconds: float
    verdict: Verdict
    runtime: Runtime | None = None
    seed: int | None = None
    scale: int | None = None
    policy: dict[str, Name] = {}
    revision: dict[str, Any] = {}
    machine: dict[str, Any] = {}
    versions: dict[Name, Name] = {}
    criteria: tuple[Result, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    unreported: tuple[Name, ...] = ()
    sabotage: Sabotage | None = None
    storage: Storage | None = None
    decided: tuple[Result, ...] = ()


class Gist(NamedTuple):
    """What a list of runs tells of one."""

    verdict: str
    runtime: str
    proven: int
    scenarios: int


class Event(NamedTuple):
    """One line of a run's log, as far as it matters here; a tuple, because a year has hundreds of thousands."""

    kind: Kind
    at: datetime
    scenario: str
    facts: dict[str, Any]

    @property
    def seconds(self) -> float | None:
        """How long it took, where that is on record."""
        value = self.facts.get("seconds")
        return float(value) if isinstance(value, int | float) else None

    @property
    def done(self) -> bool:
        """Whether a command ended with success."""
        return self.facts.get("status") == DONE

    @property
    def what(self) -> str:
        """What it was about: a procedure, or words."""
        return str(self.facts.get("procedure") or self.facts.get("what") or "")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A run whose record is none, and why."""

    run: str
    reason: str


_KINDS = {str(kind): kind for kind in Kind}


def started(run: str) -> datetime | None:
    """Return when a run started, from its name; None where that is no run's name."""
    try:
        return datetime.strptime(run.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def names(reports: Path) -> list[str]:
    """Return the names of all runs that left a record, the oldest first."""
    return sorted(path.parent.name for path in (reports / "runs").glob("*/run.json") if started(path.parent.name))


def record(reports: Path, run: str) -> Record | Unreadable:
    """Return one run's record."""
    try:
        found = Record.model_validate_json((reports / "runs" / run / "run.json").read_bytes())
    except (OSError, ValidationError) as error:
        return Unreadable(run, str(error).splitlines()[0])
    return found if found.id == run else Unreadable(run, f"it is the record of {found.id}")


def gist(reports: Path, run: str) -> Gist | None:
    """Return what a list tells of a run, without a look at all of its record; None where that is none."""
    try:
        told = from_json((reports / "runs" / run / "run.json").read_bytes())
        verdicts = [each["verdict"] for each in told["scenarios"]]
        runtime = (told.get("runtime") or {}).get("name", "")
        number = len(verdicts) + len(told.get("unreported", ()))
        return Gist(str(told["verdict"]), str(runtime), verdicts.count(Verdict.PROVEN), number)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def events(reports: Path, run: str) -> Iterator[Event]:
    """Yield what a run logged, in the order in which its scenarios ended; lines that are none are left out."""
    try:
        text = (reports / "runs" / run / "events.jsonl").read_text("utf-8", "replace")
    except OSError:
        return
    parsed, kinds, moment = from_json, _KINDS, datetime.fromisoformat
    for line in text.splitlines():
        try:
            facts = parsed(line)
            yield Event(kinds[facts["kind"]], moment(facts["at"]), facts.get("scenario", ""), facts)
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
