"""Holds the tables of a report's page against its data, with none of our code.

A table is a list of rows, a row the texts of its cells as they are read; the lines of a cell are lines.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from report_reader import Reader, begins, lists, names, says

Data = Mapping[str, Any]
Demand = tuple[Callable[[str, Any], bool], Any]
Row = Mapping[int, Demand]
"""What a cell at a place has to show, and what tells whether it does."""

MOST_RUNS = 62
"""Of more, the page shows some."""
MOST_DAYS = 62


def differences(report: Data, tables: Mapping[str, Sequence[Sequence[str]]], language: str) -> Iterator[str]:
    """Yield what the tables show that the data do not hold, and the other way round."""
    for table, rows in expected(report, Reader(language)).items():
        shown = tables.get(table, [])
        if len(shown) != len(rows):
            yield f"{table}: {len(shown)} rows are shown, not {len(rows)}"
        for cells, row in zip(shown, rows, strict=False):
            for place, (holds, value) in row.items():
                if not holds(cells[place].strip(), value):
                    yield f"{table}: {cells[place]!r} is shown for {value!r}"


def expected(report: Data, read: Reader) -> dict[str, list[Row]]:
    """Return what each table has to show."""
    metrics = report["metrics"]
    return {
        "criteria": [
            {
                0: (begins, each["id"]),
                1: (read.objective, each["objective"]),
                2: (read.value, each["worst"]),
                3: (read.value, each["projected"]),
                4: (read.margin, each),
                5: (read.number, each["tests"]),
                6: (read.proof, each),
                7: (read.verdict, each["verdict"]),
            }
            for each in report["criteria"]
        ],
        "metrics-document": list(_answers(report, read)),
        "metrics-observed": list(_observed(metrics, read)),
        "metrics-backups": [_taken(each, read, "done", "failed") for each in metrics["backups"]],
        "metrics-recoveries": [_taken(each, read, "done") for each in metrics["recoveries"]],
        **_drills(report, read),
        "failed": [
            {
                0: (names, each["criteria"]),
                1: (says, each["cause"]),
                2: (read.number, each["times"]),
                3: (read.moments, [each["first"], each["last"]][: 1 + (each["first_run"] != each["last_run"])]),
                4: (read.moments, [each["resolved"]] if each["resolved"] else []),
                5: (read.verdict, each["verdict"]),
            }
            for each in report["failures"]
        ],
        **_scores(report, read),
        **_promises(report, read),
        "environments": [
            {
                0: (read.number, each["runs"]),
                2: (names, each["engines"]),
                3: (says, each["machine"]),
                4: (read.all_of, [value for value in (each["seed"], each["scale"]) if value is not None]),
                5: (says, ", ".join(f"{name} {version}" for name, version in each["versions"].items())),
            }
            for each in report["environments"]
        ],
        "findings": [
            {place: (says, each[name]) for place, name in enumerate(("rule", "where", "what", "remedy"))}
            for each in report["evidence"]["findings"]
        ],
        "gaps": _gaps(report, read),
    }


def _answers(report: Data, read: Reader) -> Iterator[Row]:
    criteria = {each["id"]: each for each in report["criteria"]}
    attested = {each["id"]: each for each in report["attestations"]}
    for metric in report["metrics"]["metrics"]:
        for name in metric["criteria"]:
            each = criteria[name]
            values = {3: (read.value, each["worst"]), 4: (read.value, each["projected"])}
            yield {0: (begins, metric["clause"]), 1: (says, name), **values, 5: (read.verdict, each["verdict"])}
        for name in metric["attestations"]:
            yield {0: (begins, metric["clause"]), 1: (says, name), 5: (read.verdict, attested[name]["verdict"])}


def _observed(metrics: Data, read: Reader) -> Iterator[Row]:
    rate, held = metrics["success"], metrics["storage"] or {}
    if rate["tries"]:
        yield {1: (read.percent, rate["rate"]), 2: (read.all_of, [rate["done"], rate["tries"]])}
        yield {1: (read.percent, rate["bound"])}
    else:
        yield {1: (read.all_of, [])}
    for name, shows in (
        ("stored_bytes", read.amount),
        ("source_bytes", read.amount),
        ("ratio", read.percent),
        ("growth_bytes_per_day", read.amount),
    ):
        yield {1: (read.all_of, []) if held.get(name) is None else (shows, held[name])}
    cost = held.get("cost_per_month")
    yield {1: (read.all_of, [] if cost is None else [round(cost, 2)])}


def _taken(each: Data, read: Reader, *counts: str) -> Row:
    numbers = {place: (read.number, each[name]) for place, name in enumerate(counts, 1)}
    last = len(counts)
    times = {last + 1: (read.amount, each["median"]), last + 2: (read.amount, each["longest"])}
    return {0: (says, each["procedure"]), **numbers, **times}


def _drills(report: Data, read: Reader) -> dict[str, list[Row]]:
    drills = sorted(report["drills"], key=lambda each: each["started"], reverse=True)
    runs: list[Row] = [
        {
            0: (read.moments, [each["started"]]),
            1: (read.amount, each["seconds"]),
            3: (read.all_of, [each["proven"], each["proven"] + each["disproven"] + each["unproven"]]),
            **{place: (read.number, each[name]) for place, name in enumerate(("disasters", "recovered", "refused"), 4)},
            7: (read.verdict, each["verdict"]) if each["counts"] else (names, [each["because"]]),
        }
        for each in drills
    ]
    timelines: list[Row] = [
        {0: (says, each["what"]), 1: (read.moments, [each["declared"]]), 2: (read.steps, each["steps"])}
        for each in report["timelines"]
    ]
    undelivered: list[Row] = [
        {
            0: (names, [each["subject"], each["disaster"], each["scenario"]]),
            1: (names, each["to"]),
            2: (says, each["reason"]),
            3: (read.number, each["times"]),
            4: (read.moments, [each["first"], each["last"]][: 1 + (each["first_run"] != each["last_run"])]),
        }
        for each in report["undelivered"]
    ]
    return {"timelines": timelines, "undelivered": undelivered, **({"runs": runs} if len(runs) <= MOST_RUNS else {})}


def _scores(report: Data, read: Reader) -> dict[str, list[Row]]:
    return {
        "score": _score(
            report["sabotage"],
            read,
            ["faults", "known", "caught", "refused", "missed", "not_tried", "healthy", "false_alarms"],
        ),
        "defects": _score(
            report["defects"], read, ["defects", "noticed", "survived", "not_tried", "false_alarms", "unnoticed"]
        ),
        **_usual(report["usual_checks"], read),
    }


def _score(score: Data | None, read: Reader, facts: Sequence[str]) -> list[Row]:
    told: list[Row] = []
    for fact in facts if score else ():
        value = score[fact] if score else None
        number = len(value) if isinstance(value, list) else value
        shown: Row = {1: (read.all_of, []) if number is None else (read.number, number)}
        told.append({**shown, 2: (lists, value)} if isinstance(value, list) else shown)
    return told


def _usual(compared: Data | None, read: Reader) -> dict[str, list[Row]]:
    if compared is None:
        return {}
    asked = {fault for each in compared["checks"] for fault in (*each["noticed"], *each["missed"])}
    own = {"name": None, "noticed": sorted(asked - set(compared["missed"])), "missed": compared["missed"]}
    checks = [own, *compared["checks"]]
    kinds = compared["kinds"].values()
    return {
        "usual-checks": [_check(each, read) for each in checks],
        "usual-matrix": [
            {place: (read.all_of, _share(each, faults)) for place, faults in enumerate([asked, *kinds], 1)}
            for each in (checks if kinds else ())
        ],
    }


def _check(each: Data, read: Reader) -> Row:
    noticed, missed = each["noticed"], each["missed"]
    share: Row = {1: (read.all_of, [len(noticed), len(noticed) + len(missed)])}
    if each["name"] is None:
        return {**share, 2: (names, missed)}
    return {
        0: (begins, each["name"]),
        **share,
        2: (lists, missed) if not missed else (names, [", ".join(min(missed, noticed, key=len))]),
    }


def _share(check: Data, faults: Iterable[str]) -> list[int]:
    noticed, missed = (len(set(check[opinion]) & set(faults)) for opinion in ("noticed", "missed"))
    return [noticed, noticed + missed] if noticed + missed else []


def _promises(report: Data, read: Reader) -> dict[str, list[Row]]:
    return {
        "suppressions": [
            {0: (says, each["id"]), 1: (says, each["reason"]), 2: (says, each["owner"]), 3: (read.day, each["expires"])}
            for each in report["suppressions"]
        ],
        "attestations": [
            {
                0: (begins, each["id"]),
                1: (says, each["owner"]),
                2: (read.day, each["attested_on"]),
                3: (read.day, each["expires_on"]),
                4: (says, each["evidence"]),
                5: (read.verdict, each["verdict"]),
            }
            for each in report["attestations"]
        ],
    }


def _gaps(report: Data, read: Reader) -> list[Row]:
    days = [datetime.date.fromisoformat(each) for each in report["days_without_run"]]
    if not days:
        return [{0: (read.all_of, [])}]
    longest = row = 0
    for place, day in enumerate(days):
        row = row + 1 if place and day - days[place - 1] == datetime.timedelta(days=1) else 1
        longest = max(longest, row)
    numbers = [len(days), len(report["trends"]["calendar"]), longest]
    listed = ", ".join(f"{day:%-d}/{day:%-m}" if read.language == "vi" else f"{day:%-d %b}" for day in days[:MOST_DAYS])
    return [{0: (read.all_of, numbers)}, {0: (says, listed + (" …" if len(days) > MOST_DAYS else ""))}]
