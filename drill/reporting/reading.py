"""Reads what runs left, whichever version of the suite wrote it: the one place that knows how evidence looks.

What a record does not hold is None and is told of as not measured; a field that is not known here is passed over. To
show a new field of ``run.json``, name it here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from msgspec import DecodeError, Meta, Struct
from msgspec.json import Decoder

from drill.evidence.journal import Kind
from drill.evidence.verdict import Verdict

DONE = 0
Moment = Annotated[datetime, Meta(tz=True)]


class Result(Struct, frozen=True):
    """What one criterion came to in one run; durations in seconds, ratios with 1 for all."""

    id: str
    objective: str
    verdict: Verdict
    selected: int
    scenarios: int
    measured: float | None = None
    measured_text: str | None = None
    projected: float | None = None
    projected_text: str | None = None
    projection: str | None = None
    margin: float | None = None
    source_bytes: int | None = None
    because: str | None = None
    unprojected: dict[str, int] = {}

    @property
    def whole(self) -> bool:
        """Whether every scenario of the criterion was selected, a part being no proof; or the record decided it."""
        return 0 < self.scenarios <= self.selected or (self.scenarios == 0 and self.because is not None)


class Scenario(Struct, frozen=True):
    """What one scenario came to."""

    node: str
    name: str
    criteria: tuple[str, ...]
    verdict: Verdict
    reason: str | None = None


class Engine(Struct, frozen=True):
    """Which server served."""

    engine: str
    product: str
    origin: str
    digest: str | None = None


class Runtime(Struct, frozen=True):
    """How the servers ran."""

    name: str
    reason: str
    engines: tuple[Engine, ...] = ()
    disk: str | None = None


class UsualCheck(Struct, frozen=True):
    """Which deliberate faults a usual check tells from a whole backup, and which not."""

    name: str
    inferred: bool = False
    noticed: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


class Sabotage(Struct, frozen=True):
    """How many deliberate faults were found; ``missed`` and ``false_alarms`` name what was not, and what was none.

    Records have what could not be tried among ``missed``; those of today name it in ``not_tried`` as well.
    """

    faults: int
    caught: int
    refused: int = 0
    missed: tuple[str, ...] = ()
    not_tried: tuple[str, ...] = ()
    healthy: int | None = None
    false_alarms: tuple[str, ...] = ()
    known: int | None = None
    usual_checks: tuple[UsualCheck, ...] = ()
    kinds: dict[str, tuple[str, ...]] = {}


class Defects(Struct, frozen=True):
    """How many deliberate defects of the scripts turned a scenario red; the lists name those that did not."""

    defects: int
    noticed: int
    survived: tuple[str, ...] = ()
    not_tried: tuple[str, ...] = ()
    false_alarms: int = 0
    unnoticed: tuple[str, ...] = ()


class Storage(Struct, frozen=True):
    """What the repository held when the run ended."""

    stored_bytes: int
    source_bytes: int | None = None
    ratio: float | None = None
    growth_bytes_per_day: float | None = None
    cost_per_month: float | None = None
    currency: str | None = None


class Tier(Struct, frozen=True):
    """What a run says of a tier; ``projected`` is None where it cannot tell."""

    tier: str
    limit: float
    projected: float | None = None


class Record(Struct, frozen=True):
    """One run."""

    id: str
    started: Moment
    finished: Moment
    seconds: float
    verdict: Verdict
    runtime: Runtime | None = None
    seed: int | None = None
    scale: int | None = None
    policy: dict[str, str] = {}
    revision: dict[str, Any] = {}
    machine: dict[str, Any] = {}
    versions: dict[str, str] = {}
    criteria: tuple[Result, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    unreported: tuple[str, ...] = ()
    sabotage: Sabotage | None = None
    defects: Defects | None = None
    storage: Storage | None = None
    tiers: tuple[Tier, ...] = ()
    decided: tuple[Result, ...] = ()


class Gist(NamedTuple):
    """What a list of runs tells of one; ``whole`` are the criteria of which every scenario was selected."""

    verdict: str
    runtime: str
    proven: int
    scenarios: int
    whole: frozenset[str]


class Event(Struct, frozen=True, gc=False, rename={"took": "seconds", "named": "what"}):
    """One line of a run's log, as far as it matters here."""

    kind: Kind
    at: Moment
    scenario: str = ""
    took: Any = None
    status: Any = None
    procedure: Any = None
    named: Any = None
    parent: Any = None
    in_series: Any = None
    declared: Any = None
    disaster: Any = None
    milestone: Any = None
    system: Any = None
    audience: Any = None
    when: Any = None
    to: Any = None
    subject: Any = None
    delivered: Any = None
    reason: Any = None

    @property
    def seconds(self) -> float | None:
        """How long it took, where that is on record."""
        return float(self.took) if isinstance(self.took, int | float) else None

    @property
    def done(self) -> bool:
        """Whether a command ended with success."""
        return bool(self.status == DONE)

    @property
    def what(self) -> str:
        """What it was about: a procedure, or words."""
        return str(self.procedure or self.named or "")


class _Judged(Struct):
    verdict: Verdict


class _Selected(Struct):
    id: str
    selected: int
    scenarios: int


class _Named(Struct):
    name: str = ""


class _Outline(Struct):
    """As much of a record as its gist is made of."""

    verdict: str
    scenarios: list[_Judged]
    runtime: _Named | None = None
    unreported: list[str] = []
    criteria: list[_Selected] = []


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A run whose record is none, and why."""

    run: str
    reason: str


_IS_NONE = (DecodeError, UnicodeDecodeError, RecursionError)
_EVENT, _RECORD, _OUTLINE = Decoder(Event), Decoder(Record), Decoder(_Outline)


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
        found = _RECORD.decode((reports / "runs" / run / "run.json").read_bytes())
    except (OSError, *_IS_NONE) as error:
        return Unreadable(run, str(error).splitlines()[0])
    return found if found.id == run else Unreadable(run, f"it is the record of {found.id}")


def gist(reports: Path, run: str) -> Gist | None:
    """Return what a list tells of a run, without a look at all of its record; None where that is none."""
    try:
        told = _OUTLINE.decode((reports / "runs" / run / "run.json").read_bytes())
    except (OSError, *_IS_NONE):
        return None
    proven = sum(each.verdict is Verdict.PROVEN for each in told.scenarios)
    runtime = told.runtime.name if told.runtime else ""
    whole = frozenset(each.id for each in told.criteria if 0 < each.scenarios <= each.selected)
    return Gist(told.verdict, runtime, proven, len(told.scenarios) + len(told.unreported), whole)


def events(reports: Path, run: str) -> Sequence[Event]:
    """Return what a run logged, in the order in which its scenarios ended; lines that are none are left out."""
    try:
        log = (reports / "runs" / run / "events.jsonl").read_bytes()
    except OSError:
        return ()
    try:
        return _EVENT.decode_lines(log)
    except _IS_NONE:
        return list(_readable(log))


def _readable(log: bytes) -> Iterator[Event]:
    for line in log.split(b"\n"):
        try:
            yield _EVENT.decode(line.decode("utf-8", "replace"))
        except _IS_NONE:
            continue
