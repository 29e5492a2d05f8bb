"""How a database can be worked with, and what of that a restored one has lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from drill.datasets import database
from drill.errors import DrillError
from drill.evidence.attachments import attach_text
from drill.progress import working_on
from drill.stores import DatabaseStore
from drill.usability import inserts, structure
from drill.usability.finding import Finding
from drill.usability.rights import ERROR, REFUSED, rights


@dataclass(frozen=True, slots=True)
class Usage:
    """What stands in the way of working with a database, and what came of every role's attempts."""

    flaws: tuple[Finding, ...]
    rights: Mapping[str, str]


def noted(store: DatabaseStore) -> Usage:
    """Return how a database can be worked with; what is wrong with it already cannot be held against a restore.

    Raises:
        DrillError: its roles may do everything, or nothing: then their rights would prove nothing.
    """
    with working_on("working with the database"), store.server.connect(store.name) as connection:
        connection.execute("SET search_path = ''")
        usage = Usage((*structure.flaws(connection), *inserts.flaws(connection)), rights(connection))
        usage = Usage(usage.flaws, {**usage.rights, **database.attempts(connection)})
    outcomes = {outcome for outcome in usage.rights.values() if not outcome.startswith(ERROR)}
    if REFUSED not in outcomes or outcomes == {REFUSED}:
        raise DrillError("no role is both allowed and refused something", remedy="add such roles to the estate")
    return usage


def lost(before: Usage, after: Usage) -> list[Finding]:
    """Return what stands in the way now and did not before, sorted, and show it in the evidence."""
    known = set(before.flaws)
    found = sorted([*(flaw for flaw in after.flaws if flaw not in known), *_changed(before.rights, after.rights)])
    attach_text("what stands in the way of working with it", "\n".join(map(str, found)) or "nothing")
    return found


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Finding]:
    for where in before.keys() | after.keys():
        could, can = before.get(where, REFUSED), after.get(where, REFUSED)
        if could != can:
            identifier = {could: "right-gained", can: "right-lost"}.get(REFUSED, "outcome-changed")
            yield Finding(identifier, where, f"{could} before, {can} now")
