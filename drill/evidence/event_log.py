"""The document's four records over all runs: backups, recoveries, tests and disasters."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drill.evidence.journal import Kind


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One line of a run's log."""

    run: str
    kind: Kind
    at: datetime
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventLog:
    """What was asked for, in order of time, and how many lines could not be read (a killed run leaves some)."""

    events: tuple[LoggedEvent, ...]
    unreadable: int


def read(reports: Path, *, kinds: Collection[Kind] = tuple(Kind), since: datetime | None = None) -> EventLog:
    """Return the events of all runs below a directory of reports.

    Args:
        reports: holds ``runs/``.
        kinds: which of the four records.
        since: the earliest moment; None for all that there is.
    """
    lines = [event for log in sorted((reports / "runs").glob("*/events.jsonl")) for event in _events(log)]
    wanted = [event for event in lines if event and event.kind in kinds and (since is None or event.at >= since)]
    return EventLog(tuple(sorted(wanted, key=lambda event: event.at)), unreadable=lines.count(None))


def _events(log: Path) -> Iterator[LoggedEvent | None]:
    for line in log.read_text("utf-8", "replace").splitlines():
        try:
            facts = json.loads(line)
            kind, at = Kind(facts.pop("kind")), datetime.fromisoformat(facts.pop("at"))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            yield None
        else:
            yield LoggedEvent(log.parent.name, kind, at if at.tzinfo else at.replace(tzinfo=UTC), facts)
