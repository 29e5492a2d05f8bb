"""Examines how the backups of a set build on each other."""

from __future__ import annotations

from collections.abc import Mapping

from drill.inventory.entry import Entry

Entries = Mapping[str, Entry]


def examine(entries: Entries) -> None:
    """Note every backup whose chain does not hold: a parent that is missing, later, circular or itself flawed.

    Linear: a chain is followed only to where its answer is known.
    """
    sound: dict[str, bool] = {}
    for entry in entries.values():
        line: list[Entry] = []
        at: Entry | None = entry
        while at is not None and at.id not in sound:
            sound[at.id] = False  # until it is known; who comes by here again goes in a circle
            line.append(at)
            at = entries.get(at.parent) if at.parent else None
        for link in reversed(line):
            _link(link, entries, sound)


def _link(link: Entry, entries: Entries, sound: dict[str, bool]) -> None:
    if link.parent is None:
        if link.kind == "incremental":
            link.flaw("parent-missing", "it is an increment and names no backup that it builds on")
        sound[link.id] = link.is_backup and not link.flaws
        return
    parent = entries.get(link.parent)
    if parent is None:
        link.flaw("parent-missing", f"it builds on {link.parent}, which is not there")
    elif not sound[parent.id]:
        link.flaw("parent-flawed", f"it builds on {parent.id}, which does not hold")
    elif parent.finished and link.started and parent.finished > link.started:
        link.flaw("parent-later", f"it builds on {parent.id}, which was finished only after it began")
    sound[link.id] = not link.flaws


def lengths(entries: Entries) -> dict[str, int]:
    """Return of each backup how many backups a restore of it needs; a chain that does not end counts what is there."""
    known: dict[str, int] = {}
    for entry in entries.values():
        line: list[str] = []
        at: Entry | None = entry
        while at is not None and at.id not in known:
            known[at.id] = 0  # until it is counted; who comes by here again goes in a circle
            line.append(at.id)
            at = entries.get(at.parent) if at.parent else None
        base = known.get(at.id, 0) if at is not None else 0
        for position, identifier in enumerate(reversed(line), 1):
            known[identifier] = base + position
    return known
