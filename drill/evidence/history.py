"""What the event logs of earlier runs have on record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from drill.evidence.journal import Kind

DONE = 0
LOG = "events.jsonl"
"""The name of a run's log."""


@dataclass(frozen=True, slots=True)
class Tries:
    """How many backups of a series were taken, and how many of them were done."""

    done: int
    number: int


def backup_series(reports: Path, *, since: datetime) -> Tries:
    """Return what the runs below a directory of reports recorded of backups in series since a moment.

    Only backups that were taken to be counted do count: those of other scenarios may have been made to fail. A line
    that cannot be read, as a run that was killed leaves it, counts as nothing.
    """
    statuses = [
        event["status"]
        for log in sorted((reports / "runs").glob(f"*/{LOG}"))
        for event in events(log)
        if event.get("kind") == Kind.BACKUP and event.get("in_series") and _at(event) >= since
    ]
    return Tries(statuses.count(DONE), len(statuses))


def longest_backups(run: Path) -> dict[str, timedelta]:
    """Return how long the longest full backup of each procedure took that was done in a run; nothing without a log."""
    longest: dict[str, timedelta] = {}
    for event in events(run / LOG):
        if event.get("kind") == Kind.BACKUP and event.get("status") == DONE and not event.get("parent"):
            took = timedelta(seconds=event["seconds"])
            longest[event["procedure"]] = max(took, longest.get(event["procedure"], took))
    return longest


def events(log: Path) -> Iterator[dict[str, Any]]:
    """Yield what a run's log holds: nothing where there is none, and no line that cannot be read."""
    for line in log.read_text("utf-8", "replace").splitlines() if log.is_file() else ():
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(event, dict):
            yield event


def _at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["at"])
