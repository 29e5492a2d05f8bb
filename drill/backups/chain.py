"""A full backup and the increments that build on it, with what the store held at each link."""

from __future__ import annotations

from collections.abc import Mapping

from drill.backups.backup import Backup, take
from drill.commands.runbook import Runbook
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
