"""Counts, times and sizes of a report, added up once more from the events of its runs, with none of our code."""

from __future__ import annotations

import collections
import decimal
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Data = Mapping[str, Any]
Run = tuple[Data, Sequence[Data]]
"""A run that counts, and its events."""
BADNESS = ["proven", "unproven", "disproven"]
REFUSED = 3
RISK = decimal.Decimal("0.05")
GB = 1e9


def differences(report: Data, runs: Sequence[Run], policy: Data) -> Iterator[str]:
    """Yield what its metrics, drills and trends have otherwise than the runs."""
    yield from _rates(report, [event for _, events in runs for event in events])
    told = report["metrics"]
    yield from _times("backups", told["backups"], runs, "backup")
    yield from _times("recoveries", told["recoveries"], runs, "recovery")
    yield from _storage(told["storage"], runs, policy.get("storage", {}))
    yield from _drills(report["drills"], runs)
    yield from _undelivered(report, [event for _, events in runs for event in events])
    yield from _trends(report["trends"], runs)


def _rates(report: Data, happened: Sequence[Data]) -> Iterator[str]:
    """Count the backups that were taken to be counted; at the rate that is the bound, chance does as well in 5 %."""
    counted = [each for each in happened if each["kind"] == "backup" and each.get("in_series")]
    done, tries = sum(each["status"] == 0 for each in counted), len(counted)
    told = report["metrics"]["success"]
    if (done, tries) != (told["done"], told["tries"]):
        yield f"{done} of {tries} counted backups were done, not {told['done']} of {told['tries']}"
    elif tries and told["rate"] != done / tries:
        yield f"the success rate is {done / tries}, not {told['rate']}"
    elif done and abs(_by_chance(done, tries, told["bound"]) - RISK) > RISK / 1000:
        yield f"{told['bound']} is not the lower bound of {done} in {tries}"


def _undelivered(report: Data, happened: Sequence[Data]) -> Iterator[str]:
    facts = ("scenario", "disaster", "audience", "subject", "reason")
    counted = collections.Counter(
        tuple(each[name] for name in facts) for each in happened if each.get("delivered") is False
    )
    told: collections.Counter[tuple[str, ...]] = collections.Counter()
    for each in report["undelivered"]:
        told[tuple(each[name] for name in facts)] += each["times"]
    if told - counted or (counted - told).total() != report["undelivered_left_out"]:
        left_out = report["undelivered_left_out"]
        yield f"{counted.total()} messages were not delivered, not {told.total()} and {left_out} older ones"


def _by_chance(done: int, tries: int, bound: float) -> decimal.Decimal:
    """Return how probable so many successes or more are at a rate: the sum from all of them downward."""
    rate = decimal.Decimal(bound)
    if not 0 < rate < 1:
        return decimal.Decimal(rate >= 1)
    term = total = rate**tries
    for number in range(tries, done, -1):
        term *= decimal.Decimal(number) / (tries - number + 1) * (1 - rate) / rate
        total += term
    return total


def _times(name: str, told: Sequence[Data], runs: Sequence[Run], kind: str) -> Iterator[str]:
    """Those of whole backups, and of recoveries, that were done; increments take as long as there was change."""
    took = collections.defaultdict(list)
    failed: collections.Counter[str] = collections.Counter()
    for run, events in runs:
        for each in (each for each in events if each["kind"] == kind):
            if each["status"] == 0 and not each.get("parent"):
                took[each["procedure"]].append((each["seconds"], run["id"]))
            failed[each["procedure"]] += kind == "backup" and bool(each.get("in_series")) and each["status"] != 0
    if took.keys() != {each["procedure"] for each in told}:
        yield f"{name}: of {sorted(took)}, not of {[each['procedure'] for each in told]}"
    for each in told:
        samples = took[each["procedure"]]
        seconds = [one for one, _ in samples]
        for fact, found in (
            ("done", len(samples)),
            ("failed", failed[each["procedure"]]),
            ("longest", max(seconds, default=None)),
            ("median", round(statistics.median(seconds), 3) if seconds else None),
        ):
            if each[fact] != found:
                yield f"{name}: {fact} of {each['procedure']} is {found}, not {each[fact]}"
        if (each["longest"], each["run"]) not in samples:
            yield f"{name}: the longest of {each['procedure']} was not in {each['run']}"


def _storage(told: Data | None, runs: Sequence[Run], price: Data) -> Iterator[str]:
    """What the newest run that measured it found: of each set the most, all of them together."""
    measured = [(run, sets) for run, events in runs if (sets := _sets(events))]
    if bool(measured) != (told is not None):
        yield f"storage was measured in {len(measured)} runs, and the report has {told}"
    if not measured or told is None:
        return
    run, sets = measured[-1]
    stored, source = (sum(each[name] for each in sets) for name in ("stored_bytes", "source_bytes"))
    growth = [each["growth_bytes_per_day"] for each in sets]
    found = {
        "run": run["id"],
        "stored_bytes": stored,
        "source_bytes": source,
        "ratio": stored / source if source else None,
        "growth_bytes_per_day": None if None in growth else sum(growth),
        "cost_per_month": stored / GB * price["price_per_gb_month"] if price else None,
    }
    for fact, value in found.items():
        if not _same(value, told[fact]):
            yield f"storage: {fact} is {value}, not {told[fact]}"


def _sets(events: Sequence[Data]) -> list[Data]:
    largest: dict[str, Data] = {}
    for each in sorted((each for each in events if "stored_bytes" in each), key=lambda each: each["stored_bytes"]):
        largest[each["set"]] = each
    return list(largest.values())


def _same(found: object, told: object) -> bool:
    if isinstance(found, int | float) and isinstance(told, int | float):
        return abs(found - told) <= 1e-9 * max(abs(found), abs(told))
    return found == told


def _drills(told: Sequence[Data], runs: Sequence[Run]) -> Iterator[str]:
    drills = {each["run"]: each for each in told}
    for run, events in ((run, events) for run, events in runs if run["id"] in drills):
        ended = collections.Counter(each["verdict"] for each in run["scenarios"])
        recoveries = [each["status"] for each in events if each["kind"] == "recovery"]
        found = {
            "verdict": run["verdict"],
            "seconds": run["seconds"],
            **{verdict: ended[verdict] for verdict in ("proven", "disproven")},
            "recovered": recoveries.count(0),
            "refused": recoveries.count(REFUSED),
        }
        for fact, value in found.items():
            if drills[run["id"]][fact] != value:
                yield f"{run['id']}: {fact} is {value}, not {drills[run['id']][fact]}"


def _trends(told: Data, runs: Sequence[Run]) -> Iterator[str]:
    for each in (*told["recovery"], *told["loss"]):
        found = [
            (run["id"], result["measured"], result["projected"])
            for run, _ in runs
            for result in run["criteria"]
            if result["id"] == each["criterion"] and result["measured"] is not None
        ]
        if found != [(point["run"], point["measured"], point["projected"]) for point in each["points"]]:
            yield f"the trend of {each['criterion']} has other values"
    yield from _tiers(told["tiers"], runs)
    days = collections.defaultdict(list)
    for run, _ in runs:
        days[run["started"][:10]].append(run["verdict"])
    for day in told["calendar"]:
        found = days[day["day"]]
        if (day["runs"], day["verdict"]) != (len(found), max(found, key=BADNESS.index, default=None)):
            yield f"the calendar has {day['runs']} runs on {day['day']} that came to {day['verdict']}, not {found}"


def _tiers(told: Sequence[Data], runs: Sequence[Run]) -> Iterator[str]:
    said = [(run["id"], each) for run, _ in runs for each in run.get("tiers", [])]
    if (names := list(dict.fromkeys(each["tier"] for _, each in said))) != [each["tier"] for each in told]:
        yield f"the tiers are those of {names}"
    for each in told:
        own = [(run, tier["projected"]) for run, tier in said if tier["tier"] == each["tier"]]
        bounds = [(run, bound) for run, bound in own if bound is not None]
        if bounds != [(point["run"], point["projected"]) for point in each["points"]]:
            yield f"the trend of {each['tier']} has other bounds"
        if len(own) - len(bounds) != each["unknown"]:
            yield f"of {each['tier']} {len(own) - len(bounds)} runs could not tell, not {each['unknown']}"
