"""A full backup and the increments that build on it, with what the store held at each link."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from drill.backups.backup import Backup, take
from drill.commands.runbook import Runbook
from drill.policy import Policy
from drill.policy.command import Kind
from drill.policy.schedule import FIRST_DAY, LEAST_SPAN, firings
from drill.stores import IncrementalStore

LINKS = ("the full backup", "the first increment", "the second increment", "the last increment")
WRITES = 40
"""Between two links."""

Chain = Mapping[str, Backup]
"""Each link by its name, in order."""


def take_chain(store: IncrementalStore, *, runbook: Runbook) -> Chain:
    """Take a full backup and three increments, each on the one before, with writes in between.

    Raises:
        DrillError: no increments can be made of it.
    """
    store.require_increments()
    chain: dict[str, Backup] = {}
    parent: Backup | None = None
    for number, link in enumerate(LINKS):
        parent = chain[link] = take(store, runbook=runbook, parent=parent)
        store.write(range(number * WRITES, (number + 1) * WRITES))
    return chain


def longest_scheduled(policy: Policy, procedure: str) -> int:
    """Return how many increments the schedule puts between two full backups at the most, within a year."""
    longest = length = 0
    kinds: tuple[Kind, ...] = ("backup", "incremental")
    for at, kind in heapq.merge(*(_times(policy, procedure, kind) for kind in kinds)):
        if (at.date() - FIRST_DAY) > LEAST_SPAN:
            break
        length = length + 1 if kind == "incremental" else 0
        longest = max(longest, length)
    return longest


def _times(policy: Policy, procedure: str, kind: Kind) -> Iterator[tuple[datetime, Kind]]:
    entries = policy.scheduled(procedure, kind)
    for at in heapq.merge(*(firings(entry.cron, ZoneInfo(entry.time_zone)) for entry in entries)):
        yield at, kind
