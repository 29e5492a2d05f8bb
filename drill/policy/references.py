"""What in a policy refers to what: names that must exist, ids that must differ, numbers written once.

Works on the file as TOML reads it, so that these problems are told together with all others. Whatever has the wrong
type here is left alone; the models say so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from drill.policy.objective import split
from drill.policy.problems import UnreadableValue, suggestion
from drill.policy.quantity import Quantity

Raw = dict[str, Any]
Finding = tuple[tuple[str | int, ...], str, str]
"""A location as pydantic gives it, what is wrong there, and the remedy."""

_REFERENCES = (
    ("procedures", "data", "data"),
    ("schedule", "procedure", "procedures"),
    ("recovery", "procedure", "procedures"),
    ("recovery", "tier", "tiers"),
    ("criteria", "tier", "tiers"),
    ("criteria", "data", "data"),
)
"""The entries of a section, their key, and the section whose names it may hold."""

_NUMBERS = ("tiers", "data", "backup", "retention")
_KEY = re.compile(r"[a-z][\w-]*(?:\.[\w-]+)+")


def findings(raw: Raw) -> Iterator[Finding]:
    """Yield every name that names nothing, every id given twice, every procedure without a production size."""
    for section, key, target in _REFERENCES:
        known = list(_table(raw.get(target)))
        for place, entry in entries(raw.get(section)):
            name = entry.get(key)
            if isinstance(name, str) and name not in known:
                what = f"{name!r} is no name below [{target}]"
                yield (section, place, key), what, suggestion(name, known)
    contacts = [key.removeprefix("contacts.") for key in _texts({"contacts": raw.get("contacts")})]
    for place, entry in entries(raw.get("attestations")):
        owner = entry.get("owner")
        if isinstance(owner, str) and owner not in contacts:
            yield ("attestations", place, "owner"), f"{owner!r} is no contact", suggestion(owner, contacts)
    for place, entry in entries(raw.get("notifications")):
        named = entry.get("to")
        for number, name in enumerate(named if isinstance(named, list) else []):
            if isinstance(name, str) and name not in contacts:
                yield ("notifications", place, "to", number), f"{name!r} is no contact", suggestion(name, contacts)
    criteria = [entry["id"] for _, entry in entries(raw.get("criteria")) if isinstance(entry.get("id"), str)]
    yield from _gate(_table(raw.get("gate")), criteria)
    for section in ("documented", "contradictions"):
        for place, entry in entries(raw.get(section)):
            shown_by = entry.get("shown_by")
            if isinstance(shown_by, str) and shown_by not in criteria:
                yield (section, place, "shown_by"), f"{shown_by!r} is no criterion", suggestion(shown_by, criteria)
    yield from _recovery(raw.get("recovery"), _table(raw.get("tiers")))
    for name in _table(raw.get("procedures")):
        if name not in _table(raw.get("production")):
            yield ("production", name), "is missing", f'say how big it is, as in {name} = "500 GB"'
    procedures = list(_table(raw.get("procedures")))
    for name in _table(raw.get("production_rates")):
        if name not in procedures:
            yield ("production_rates", name), f"{name!r} is no procedure", suggestion(name, procedures)
    yield from _routines(raw.get("routines"), procedures)
    yield from _doubles(raw)


def _routines(routines: object, procedures: list[str]) -> Iterator[Finding]:
    """Yield routines that are called as a procedure or another routine is: both have one file of variables by name."""
    taken = list(procedures)
    for place, entry in entries(routines):
        name = entry.get("name")
        if name in taken:
            yield ("routines", place, "name"), f"{name!r} is taken", "give it a name that no procedure or routine has"
        taken.append(str(name))


def _gate(gate: Mapping[str, Any], criteria: list[str]) -> Iterator[Finding]:
    """Yield what the gate demands or suppresses that is no criterion, and what is suppressed twice."""
    required = gate.get("require")
    for number, name in enumerate(required if isinstance(required, list) else []):
        if isinstance(name, str) and name not in criteria:
            yield ("gate", "require", number), f"{name!r} is no criterion", suggestion(name, criteria)
    seen = []
    for place, entry in entries(gate.get("suppress")):
        name = entry.get("id")
        if isinstance(name, str) and name not in criteria:
            yield ("gate", "suppress", place, "id"), f"{name!r} is no criterion", suggestion(name, criteria)
        if name in seen:
            yield ("gate", "suppress", place, "id"), f"{name!r} is suppressed twice", "keep one of the two"
        seen.append(name)


def _recovery(steps: object, tiers: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what a recovery is to wait for although it is no step or has more time, and steps that come twice."""
    known = [entry.get("procedure") for _, entry in entries(steps) if isinstance(entry.get("procedure"), str)]
    for name, times in Counter(known).items():
        if times > 1:
            last = [place for place, entry in entries(steps) if entry.get("procedure") == name][-1]
            yield ("recovery", last, "procedure"), f"{name!r} is recovered {times} times", "keep one of them"
    for place, entry in entries(steps):
        after = entry.get("after")
        for number, name in enumerate(after if isinstance(after, list) else []):
            if isinstance(name, str) and name not in known:
                what = f"{name!r} is no step of [[recovery]]"
                yield ("recovery", place, "after", number), what, suggestion(name, map(str, known))
    tier_of = {str(entry.get("procedure")): str(entry.get("tier")) for _, entry in entries(steps)}
    time_of = {name: _duration(tier.get("rto")) for name, tier in tiers.items() if isinstance(tier, dict)}
    for place, entry in entries(steps):
        time = time_of.get(str(entry.get("tier")))
        for name in entry["after"] if isinstance(entry.get("after"), list) else []:
            needed = time_of.get(tier_of.get(str(name), ""))
            if time and needed and needed > time:
                what = f"it is {entry['tier']} and waits for {name!r}, which is only {tier_of[name]}"
                yield ("recovery", place, "tier"), what, f"give {name!r} a tier with no more time"


def _duration(text: object) -> timedelta | None:
    try:
        return Quantity.parse(text).duration
    except UnreadableValue:
        return None  # told by the models


def fill_in_objectives(raw: Raw) -> Iterator[Finding]:
    """Put the number in place of every objective's reference, such as ``< tiers.critical.rto``.

    A criterion whose number is a tier's or data class's belongs to it. Yields the references that lead nowhere.
    """
    numbers = _texts({section: raw.get(section) for section in _NUMBERS})
    for place, criterion in entries(raw.get("criteria")):
        reference = _reference(criterion.get("objective"))
        if reference is None:
            continue
        comparison, key = reference
        if key not in numbers:
            yield ("criteria", place, "objective"), f"{key!r} is no number of this file", suggestion(key, numbers)
            continue
        criterion["objective"] = f"{comparison} {numbers[key]}"
        section, name, *_ = key.split(".")
        owner = {"tiers": "tier", "data": "data"}.get(section)
        if owner and criterion.setdefault(owner, name) != name:
            what = f"{criterion[owner]!r} contradicts the objective, which is that of {name!r}"
            yield ("criteria", place, owner), what, "take one of the two"


def referring(raw: Raw) -> set[tuple[str | int, ...]]:
    """Return the locations of the objectives that refer to a number elsewhere."""
    criteria = entries(raw.get("criteria"))
    return {("criteria", place, "objective") for place, entry in criteria if _reference(entry.get("objective"))}


def _reference(objective: object) -> tuple[str, str] | None:
    try:
        comparison, key = split(objective)
    except UnreadableValue:
        return None
    return (comparison.value, key) if _KEY.fullmatch(key) else None


def _doubles(raw: Raw) -> Iterator[Finding]:
    claims = [
        ((section, place, "id"), entry["id"])
        for section in ("criteria", "attestations", "documented", "contradictions")
        for place, entry in entries(raw.get(section))
        if isinstance(entry.get("id"), str)
    ]
    for identifier, times in Counter(identifier for _, identifier in claims).items():
        if times > 1:
            location = [where for where, name in claims if name == identifier][-1]
            yield location, f"{identifier!r} is the id of {times} entries", "give each its own id"


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def entries(value: object) -> Iterator[tuple[str | int, Raw]]:
    """Yield the tables of a section with their place: a name, or a number from nought."""
    places: Any = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else [])
    return ((place, entry) for place, entry in places if isinstance(entry, dict))


def _texts(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return every text below a table by its dotted key."""
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, str):
            found[prefix + key] = value
        elif isinstance(value, Mapping):
            found |= _texts(value, f"{prefix}{key}.")
    return found
