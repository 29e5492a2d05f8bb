"""A history of nightly runs that nobody ran: records, events and statements as runs leave them, the same every time."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from drill.damage.faults import CATALOGUE
from drill.evidence import run_index, statement
from drill.evidence.envelope import opened, wrapped
from drill.evidence.record import CriterionRecord, EngineRecord, RunRecord, RuntimeRecord, ScenarioRecord
from drill.evidence.statement import Head
from drill.evidence.verdict import Verdict, worst
from drill.policy import Criterion, Policy
from drill.policy.objective import Comparison

NOVEMBER = datetime(2026, 11, 1, 19, tzinfo=UTC)
NIGHT = timedelta(days=1)
RUNTIME = RuntimeRecord(
    name="docker",
    reason="an engine answers",
    engines=(
        EngineRecord(engine="postgres", product="PostgreSQL 18.6", origin="postgres:18", digest="sha256:0123abcd"),
        EngineRecord(engine="redis", product="Redis 8.0.6", origin="redis:8", digest="sha256:4567cdef"),
    ),
)
PROCEDURES = ("postgres", "postgres-physical", "redis", "redis-appendonly")


@dataclass(frozen=True, kw_only=True)
class Nights:
    """Which nights there are, and what happened in them; nights are counted from 0.

    ``failing`` holds, for a night, the criteria that were disproven then; ``broken`` those that could not be judged;
    ``unprojected`` the procedures whose recoveries were measured at that size only, in bytes.
    """

    number: int = 30
    scenarios: int = 150
    missing: Collection[int] = ()
    failing: Mapping[int, Collection[str]] = field(default_factory=dict)
    broken: Mapping[int, Collection[str]] = field(default_factory=dict)
    first: datetime = NOVEMBER
    further: Mapping[str, Any] = field(default_factory=dict)
    storage: bool = True
    whole: bool = True
    objective: str | None = None
    cause: str | None = None
    unprojected: Mapping[str, int] = field(default_factory=dict)


def history(reports: Path, policy: Policy, nights: Nights | None = None, *, signer: Any = None) -> list[str]:
    """Write the runs of these nights below a directory of reports, chained; return their names."""
    nights = nights or Nights()
    tested = [criterion for criterion in policy.criteria if criterion.is_tested]
    sha256 = hashlib.sha256(policy.file.read_bytes()).hexdigest()
    end: tuple[Head, str] | None = None
    names = []
    for night in range(nights.number):
        if night in nights.missing:
            continue
        record, events = _run(policy, tested, nights, night, sha256)
        directory = reports / "runs" / record.id
        directory.mkdir(parents=True)
        further = {**nights.further, **({"storage": _storage(night)} if nights.storage else {})}
        text = json.dumps({**record.model_dump(mode="json"), **further}, ensure_ascii=False, indent=2)
        (directory / "run.json").write_text(f"{text}\n", "utf-8")
        events += [_stored(night, at=record.finished)] if nights.storage else []
        lines = [json.dumps(event, ensure_ascii=False) for event in events]
        (directory / "events.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        text = wrapped(statement.state(directory, record, end).payload(), signer)
        (directory / statement.NAME).write_text(text, "utf-8")
        envelope = opened(text.encode())
        link = statement.read(envelope).link
        end = (Head(link.chain, link.number, envelope.sha256), record.id)
        names.append(record.id)
    if end:
        with run_index.opened(reports) as index:
            index.note_head(*end, own=True)
    return names


def _run(
    policy: Policy, tested: list[Criterion], nights: Nights, night: int, sha256: str
) -> tuple[RunRecord, list[dict[str, Any]]]:
    chance = random.Random(night)  # noqa: S311 (no secret)
    started = nights.first + night * NIGHT
    failing, broken = nights.failing.get(night, ()), nights.broken.get(night, ())
    scenarios = [
        _scenario(tested[place % len(tested)], place, failing, broken, nights.cause)
        for place in range(nights.scenarios)
    ]
    criteria = tuple(_result(each, scenarios, chance, nights) for each in tested)
    seconds = round(chance.uniform(380, 460), 3)
    record = RunRecord(
        id=f"{started:%Y%m%dT%H%M%SZ}-{night:08x}",
        started=started.isoformat(),
        finished=(started + timedelta(seconds=seconds)).isoformat(),
        seconds=seconds,
        verdict=worst(each.verdict for each in scenarios),
        exit_status=0,
        runtime=RUNTIME,
        seed=policy.estate.seed,
        scale=1,
        policy={"file": "policy.toml", "sha256": sha256, "title": policy.document.title, "version": "1.0.0"},
        revision={"commit": "0" * 40, "changed": False},
        machine={"system": "Linux 6.18", "architecture": "x86_64", "cores": 2, "memory_bytes": 8 * 2**30},
        versions={"python": "3.11.7", "dr-drill": "0.1.0", "pytest": "9.2.0"},
        selection=("features/",),
        criteria=criteria,
        open_criteria={each.id: each.gap for each in policy.criteria if each.gap},
        scenarios=tuple(scenarios),
        unreported=(),
    )
    return record, [*_drill(started), *(event for each in scenarios for event in _events(each, started, chance))]


def _scenario(
    criterion: Criterion, place: int, failing: Collection[str], broken: Collection[str], cause: str | None
) -> ScenarioRecord:
    verdict, reason = Verdict.PROVEN, None
    if criterion.id in failing:
        verdict = Verdict.DISPROVEN
        reason = cause or f"AssertionError: {criterion.id} không đạt: 3 rows are missing\nassert 0 == 3"
    elif criterion.id in broken:
        verdict, reason = Verdict.UNPROVEN, "drill.errors.DrillError: the server did not start; see its log"
    return ScenarioRecord(
        node=f"features/area_{place % 7}/promise_{place % 20}.feature::test_scenario_{place}[example-{place}]",
        feature=f"Promise {place % 20}",
        rule="It holds",
        name=f"Scenario {place} of {criterion.id}",
        criteria=(criterion.id,),
        verdict=verdict,
        seconds=2.5,
        reason=reason,
    )


def _result(
    criterion: Criterion, scenarios: list[ScenarioRecord], chance: random.Random, nights: Nights
) -> CriterionRecord:
    objective = criterion.objective
    own = [each for each in scenarios if criterion.id in each.criteria]
    verdict = worst(each.verdict for each in own)
    limit: Any = objective.quantity.value
    factor = {Comparison.EXACTLY: 1, Comparison.ABOVE: 1.004, Comparison.AT_LEAST: 1.1}.get(
        objective.comparison, chance.uniform(0.0002, 0.0008)
    )
    if verdict is Verdict.DISPROVEN and objective.comparison is Comparison.BELOW:
        factor = 1.5
    value = limit if objective.comparison is Comparison.EXACTLY else limit * factor
    plain = value.total_seconds() if isinstance(value, timedelta) else value
    larger = chance.randint(300, 400)
    foretold = criterion.id.startswith("RTO") and verdict is Verdict.PROVEN
    projected = value * larger if foretold else None
    margin: Any = objective.margin(value)
    return CriterionRecord(
        id=criterion.id,
        statement=criterion.statement,
        objective=nights.objective or str(objective),
        verdict=verdict,
        measured=plain,
        measured_text=objective.text(value),
        projected=projected.total_seconds() if projected else None,
        projected_text=objective.text(projected) if projected else None,
        projection=f"from 3 measured sizes to 120 GB: {larger} times what was restored" if foretold else None,
        margin=margin.total_seconds() if isinstance(margin, timedelta) else margin,
        source_bytes=40_000_000,
        selected=len(own) if nights.whole else len(own) - 1,
        scenarios=len(own),
        seconds=10.0,
        shows_not=criterion.shows_not,
        unprojected=dict(nights.unprojected) if criterion.id.startswith("RTO") else {},
    )


def _events(scenario: ScenarioRecord, started: datetime, chance: random.Random) -> list[dict[str, Any]]:
    procedure = chance.choice(PROCEDURES)
    took = round(chance.uniform(0.5, 4), 3)
    common = {"procedure": procedure, "seconds": took, "status": 0, "reason": None, "backup": "20261101T000000Z-full"}
    moments = [(started + timedelta(seconds=seconds)).isoformat() for seconds in (1, 20, 20 + took, 22 + took)]
    facts = [
        {"kind": "backup", "command": "python -m backup", "in_series": True, **common},
        {"kind": "incident", "what": f"{procedure} lost", "declared": True},
        {"kind": "recovery", "command": "python -m restore", "target": "end", **common},
        {"kind": "testing", "what": scenario.name, "verdict": str(scenario.verdict), "seconds": 2.5, "reason": None},
    ]
    return [{"scenario": scenario.node, "at": at, **fact} for at, fact in zip(moments, facts, strict=True)]


def _drill(started: datetime) -> list[dict[str, Any]]:
    passed = [
        ("declared", None, 0.0),
        ("assessed", None, 0.4),
        ("notified", "team", 0.6),
        ("restored", "postgres", 6.5),
    ]
    passed += [("restored", "redis", 3.2), ("verified", None, 8.1), ("communicated", None, 8.3)]
    common = {"scenario": "features/disaster_recovery/loss.feature::test_all_is_lost", "kind": "incident"}
    common |= {"disaster": "all servers lost"}
    return [
        *(
            {**common, "at": (started + timedelta(seconds=after)).isoformat()}
            | {"milestone": milestone, "system": system, "seconds": after}
            for milestone, system, after in passed
        ),
        *({**common, "at": (started + timedelta(seconds=9)).isoformat(), **each} for each in _messages()),
    ]


def _messages() -> Iterator[dict[str, Any]]:
    for audience, to, reason in (
        ("team", "backup_team.primary, emergency.system_admin", "Connection refused"),
        ("users", "emergency.project_manager", ""),
    ):
        told = {"audience": audience, "when": "assessed", "to": to, "channel": f"DR_DRILL_{audience.upper()}_CHANNEL"}
        subject = f"Disaster, for the {audience}"
        yield {**told, "message": subject, "subject": subject, "delivered": not reason, "reason": reason}


def sabotage() -> dict[str, Any]:
    """Return a score of many faults, one missed and one not tried, and what usual checks say of them, by real names."""
    faults = [fault for fault in CATALOGUE if fault.kind != "machine"]
    kinds = dict.fromkeys(fault.kind for fault in faults)
    damaged = [fault.id for fault in faults if fault.id.endswith(("-CUT", "-BIT", "-LOST"))]
    checks = {
        "checksum": ([fault.id for fault in faults], damaged),
        "age": ([fault.id for fault in faults], []),
        "pg_restore --list": ([fault.id for fault in faults if fault.kind == "dump"], ["DUMP-CUT"]),
        "git fsck": ([fault.id for fault in faults if fault.kind == "mirror"], ["MIRROR-CUT", "MIRROR-BIT"]),
        "starts and answers": ([fault.id for fault in faults], damaged[::2]),
    }
    told = [
        {
            "name": name,
            "inferred": name == "starts and answers",
            "noticed": [fault for fault in applies if fault in noticed],
            "missed": [fault for fault in applies if fault not in noticed],
        }
        for name, (applies, noticed) in checks.items()
    ]
    return {
        "known": len(CATALOGUE),
        "faults": len(faults),
        "caught": len(faults) - 35,
        "refused": 33,
        "missed": [faults[0].id, faults[1].id],
        "not_tried": [faults[1].id],
        "healthy": 9,
        "false_alarms": [],
        "usual_checks": told,
        "kinds": {kind: [each.id for each in faults if each.kind == kind] for kind in kinds},
    }


def _stored(night: int, *, at: str) -> dict[str, Any]:
    """Return the event that the facts of storage are the sum of."""
    facts = {name: _storage(night)[name] for name in ("stored_bytes", "source_bytes", "growth_bytes_per_day")}
    place = {"scenario": "features/policy/storage.feature::test_it_is_measured", "kind": "testing", "what": "storage"}
    return {**place, "at": at, "set": "postgres", **facts}


def _storage(night: int) -> dict[str, Any]:
    stored = 4_000_000_000 + night * 130_000_000
    return {
        "stored_bytes": stored,
        "source_bytes": stored * 3,
        "ratio": 1 / 3,
        "growth_bytes_per_day": 130_000_000.0,
        "cost_per_month": stored / 1e9 * 0.023,
        "currency": "USD",
    }
