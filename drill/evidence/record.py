"""The run record: ``run.json``, what one run proved, on what, and what it left open.

Schema 1; every duration is in seconds, every time is RFC 3339 in UTC. docs/evidence.md describes the fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from drill.evidence.verdict import Verdict
from drill.policy.quantity import Value
from drill.policy.storage import StoragePrice

SCHEMA = 1
SABOTAGE = "sabotage"
"""What an event of the log says it tells of, where it tells a score."""
DEFECTS = "defects"
"""What it says where it tells which defects of the scripts turned a scenario red."""
STORAGE = "storage"
"""What it says where it tells what a set takes of the storage."""


def plain(value: Value | None) -> float | int | None:
    """Return a value as the record has it: seconds for a duration."""
    return value.total_seconds() if isinstance(value, timedelta) else value


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


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
    was come by, or why there is none; ``because`` what decided a criterion that no scenario has to try. ``unprojected``
    are the procedures whose times were measured at too few sizes to be projected, each with its largest size in bytes.
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
    because: str | None = None
    unprojected: dict[str, int] = {}

    @property
    def reach(self) -> int | None:
        """Up to how many bytes it is proven; None where it is not, and where it is at production's size, too."""
        return min(self.unprojected.values(), default=None) if self.verdict is Verdict.PROVEN else None


class MeasurementRecord(_Plain):
    """A time that depends on how much data there was: what projections to production's size are made from."""

    criterion: str
    procedure: str
    source_bytes: int
    measured: float
    phases: dict[str, float]


class TierRecord(_Plain):
    """When all systems of a tier would be back in production, after a disaster that took all of them.

    ``projected`` is the bound along the ``way`` through the order of recovery that takes longest; None where nothing
    can be said of the steps that are ``unknown``. ``projection`` says the same in a sentence.
    """

    tier: str
    limit: float
    verdict: Verdict
    projected: float | None
    way: tuple[str, ...]
    unknown: tuple[str, ...]
    projection: str


class EngineRecord(_Plain):
    """Which server served."""

    engine: str
    product: str
    origin: str
    digest: str | None


class RuntimeRecord(_Plain):
    """How the servers ran, and why so; ``disk`` is the file system of their data, ``tmpfs`` where that is memory."""

    name: str
    reason: str
    engines: tuple[EngineRecord, ...]
    disk: str | None = None


class UsualCheckRecord(_Plain):
    """What a usual check says of the faults that it applies to: which it tells from a whole backup, and which not.

    ``inferred``: it was not run; what it says follows from what the drill found on restoring.
    """

    name: str
    inferred: bool
    noticed: tuple[str, ...]
    missed: tuple[str, ...]


class SabotageRecord(_Plain):
    """What came of breaking backups on purpose.

    ``faults`` of those ``known`` were to be tried; ``caught`` and ``refused`` count those that were noticed after a
    restore and before it; ``missed`` are those that were not, or could not be tried (``not_tried``); ``false_alarms``
    the healthy sets, of ``healthy``, that were accused; ``usual_checks`` what others would have said, where asked.
    """

    known: int | None = None
    faults: int
    caught: int
    refused: int
    missed: tuple[str, ...]
    not_tried: tuple[str, ...] = ()
    healthy: int
    false_alarms: tuple[str, ...]
    seconds: float
    usual_checks: tuple[UsualCheckRecord, ...] = ()

    @classmethod
    def of_event(cls, event: Mapping[str, Any]) -> SabotageRecord:
        """Return what an event of the log says of it."""
        names = {name: tuple(str(event[name]).split()) for name in ("missed", "false_alarms")}
        names["not_tried"] = tuple(str(event.get("not_tried", "")).split())
        numbers = {name: event[name] for name in ("faults", "caught", "refused", "healthy", "seconds")}
        checks = [
            {"name": name, "inferred": told["inferred"]}
            | {opinion: tuple(told[opinion].split()) for opinion in ("noticed", "missed")}
            for name, told in event.get("usual_checks", {}).items()
        ]
        return cls.model_validate({"known": event.get("known"), **numbers, **names, "usual_checks": checks})

    @classmethod
    def of_events(cls, events: Iterable[Mapping[str, Any]]) -> SabotageRecord | None:
        """Return the score of the most faults, and with it those of other faults: some of the same ones add nothing."""
        score, counted = None, set[str]()
        for event in sorted(events, key=lambda event: int(event["faults"]), reverse=True):
            names = set(str(event.get("names", "")).split())
            if score is None:
                score = cls.of_event(event)
            elif names and not names & counted:
                score = score.with_others(cls.of_event(event))
            counted |= names
        return score

    def with_others(self, other: SabotageRecord) -> SabotageRecord:
        """Return the score of all faults of both, which have none in common."""
        added = ("faults", "caught", "refused", "missed", "not_tried", "healthy", "false_alarms", "seconds")
        facts = {name: getattr(self, name) + getattr(other, name) for name in added}
        return self.model_copy(update={**facts, "usual_checks": self.usual_checks or other.usual_checks})

    @property
    def tried(self) -> int:
        """How many of the faults were tried."""
        return self.faults - len(self.not_tried)

    @property
    def noticed(self) -> float:
        """The share of the faults that was noticed, 0 to 1."""
        return (self.caught + self.refused) / self.faults if self.faults else 0.0


class DefectsRecord(_Plain):
    """What came of putting defects into copies of the scripts.

    ``noticed`` of ``defects`` turned their scenario red; ``survived`` are those that did not, ``not_tried`` those whose
    scenario could not be run; ``false_alarms`` counts the scenarios that sound scripts did not pass; ``unnoticed`` are
    known defects that no scenario can notice.
    """

    defects: int
    noticed: int
    survived: tuple[str, ...]
    not_tried: tuple[str, ...]
    false_alarms: int
    unnoticed: tuple[str, ...]
    seconds: float

    @classmethod
    def of_event(cls, event: Mapping[str, Any]) -> DefectsRecord:
        """Return what an event of the log says of it."""
        names = {name: tuple(str(event[name]).split()) for name in ("survived", "not_tried", "unnoticed")}
        numbers = {name: event[name] for name in ("defects", "noticed", "false_alarms", "seconds")}
        return cls.model_validate({**numbers, **names})


class StorageRecord(_Plain):
    """What the backups that a run measured take of the storage, all sets together.

    ``ratio`` is what is stored as a part of what was backed up; ``growth_bytes_per_day`` is null unless it is known of
    every set; ``cost_per_month`` is at the policy's price, null where it names none.
    """

    stored_bytes: int
    source_bytes: int
    ratio: float | None
    growth_bytes_per_day: float | None
    cost_per_month: float | None
    currency: str | None

    @classmethod
    def of_events(cls, events: Iterable[Mapping[str, Any]], *, price: StoragePrice | None) -> StorageRecord | None:
        """Return what events of the log say of it, None where there are none; a set counts once, as it was largest."""
        largest: dict[str, Mapping[str, Any]] = {}
        for event in sorted(events, key=lambda event: int(event["stored_bytes"])):
            largest[event["set"]] = event
        if not largest:
            return None
        stored, source = (sum(each[name] for each in largest.values()) for name in ("stored_bytes", "source_bytes"))
        growths = [each["growth_bytes_per_day"] for each in largest.values()]
        return cls(
            stored_bytes=stored,
            source_bytes=source,
            ratio=stored / source if source else None,
            growth_bytes_per_day=None if None in growths else sum(growths),
            cost_per_month=price.cost_per_month(stored) if price else None,
            currency=price.currency if price else None,
        )


class RunRecord(_Plain):
    """One run.

    ``decided`` are criteria that are judged by what is on record already, whatever was selected; the run's verdict is
    without them. ``open_criteria`` are those that no scenario proves yet, with the reason; ``unreported`` the scenarios
    that were selected and never came to an end; ``sabotage`` is the score of the largest catalogue of faults that was
    tried, ``defects`` that of the most defects; ``storage`` what the backups that were measured take; ``chance`` the
    seed of what was left to chance, None in records from before there was one.
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
    sabotage: SabotageRecord | None = None
    defects: DefectsRecord | None = None
    storage: StorageRecord | None = None
    measurements: tuple[MeasurementRecord, ...] = ()
    tiers: tuple[TierRecord, ...] = ()
    decided: tuple[CriterionRecord, ...] = ()
    chance: int | None = None
