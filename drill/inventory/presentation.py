"""An inventory, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from rich.console import Group
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from drill.inventory.entry import Entry, Flaw
from drill.inventory.repository import Inventory, SetInventory
from drill.policy.quantity import duration_text

NEWEST = 10
"""So many backups of each set are shown, unless all are wanted."""
_HOLDS = {True: "yes", False: "no", None: "never read"}


def tables(inventory: Inventory, *, newest: int | None = NEWEST) -> Group:
    """Return sets, backups and everything that does not hold; of the backups the newest, and those with a flaw."""
    drawn: list[Table | Text] = [_sets(inventory)]
    drawn += [_backups(found, inventory.now, newest) for found in inventory.sets if found.entries]
    drawn += [_log(inventory)] if any(found.log for found in inventory.sets) else []
    drawn += [_flaws(inventory)] if not inventory.holds else [Text("All of it holds.")]
    return Group(*drawn)


def json_lines(inventory: Inventory) -> Iterator[str]:
    """Yield one JSON object in pieces: there may be a hundred thousand backups."""
    head = {
        "repository": str(inventory.repository),
        "at": inventory.now.isoformat(),
        "holds": inventory.holds,
    }
    yield json.dumps(head)[:-1] + ', "sets": [\n'
    for number, found in enumerate(inventory.sets):
        yield ("" if number == 0 else ",\n") + json.dumps(_set(found), ensure_ascii=False)[:-1] + ', "backups": [\n'
        for place, entry in enumerate(found.entries):
            facts = _entry(entry, inventory.now) | {"chain": found.chain_lengths[entry.id]}
            yield ("" if place == 0 else ",\n") + json.dumps(facts, ensure_ascii=False)
        yield "\n]}"
    yield "\n]}\n"


def every_flaw(inventory: Inventory) -> Iterator[tuple[str, str, Flaw]]:
    """Yield set, entry (or what else of the set it is) and flaw."""
    for found in inventory.sets:
        for flaw in found.flaws:
            yield found.name, "", flaw
        for entry in found.entries:
            for flaw in entry.flaws:
                yield found.name, entry.id, flaw
        for flaw in found.log.flaws if found.log else ():
            yield found.name, "log", flaw


def _set(found: SetInventory) -> dict[str, Any]:
    return {
        "name": found.name,
        "holds": found.holds,
        "points": found.points,
        "chains": found.chains,
        "stored_bytes": found.stored_bytes,
        "source_bytes": found.source_bytes,
        "growth_per_day": found.growth_per_day,
        "flaws": [asdict(flaw) for flaw in found.flaws],
        "leftovers": found.leftovers,
        "log": asdict(found.log) if found.log else None,
    }


def _entry(entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "parent": entry.parent,
        "started": entry.started and entry.started.isoformat(),
        "finished": entry.finished and entry.finished.isoformat(),
        "age": (now - entry.finished).total_seconds() if entry.finished else None,
        "tier": entry.tier,
        "retain_until": entry.retain_until and entry.retain_until.isoformat(),
        "kept_until": entry.kept_until and entry.kept_until.isoformat(),
        "kept_as": entry.kept_as,
        "last_read": entry.last_read and entry.last_read.isoformat(),
        "holds": entry.found_right,
        "files": entry.files,
        "stored_bytes": entry.stored_bytes,
        "source_bytes": entry.source_bytes,
        "flaws": [asdict(flaw) for flaw in entry.flaws],
    }


def _sets(inventory: Inventory) -> Table:
    drawn = Table(title=Text(f"{inventory.repository} at {_moment(inventory.now)}"), title_justify="left")
    for column in ("set", "backups", "points", "chains", "oldest", "newest", "stored", "of source", "a day", "holds"):
        drawn.add_column(column, justify="left" if column in ("set", "holds") else "right")
    for found in inventory.sets:
        backups = found.backups
        cells = (
            found.name,
            f"{len(backups):,}",
            f"{found.points:,}",
            f"{found.chains:,}",
            _age(backups[0].finished if backups else None, inventory.now),
            _age(backups[-1].finished if backups else None, inventory.now),
            decimal(found.stored_bytes),
            f"{sum(each.stored_bytes for each in backups) / found.source_bytes:.0%}" if found.source_bytes else "",
            decimal(round(found.growth_per_day)) if found.growth_per_day is not None else "",
            "yes" if found.holds else "no",
        )
        drawn.add_row(*map(Text, cells), style=None if found.holds else "red")
    left = sum(len(found.leftovers) for found in inventory.sets)
    drawn.caption = Text(f"{left} leftovers of runs that did not end" if left else "")
    return drawn


def _backups(found: SetInventory, now: datetime, newest: int | None) -> Table:
    shown = found.entries
    if newest is not None:
        young = {entry.id for entry in found.backups[-newest:]}
        shown = [entry for entry in found.entries if entry.flaws or entry.id in young]
    left = len(found.entries) - len(shown)
    drawn = Table(title=Text(f"backups of {found.name}"), title_justify="left", caption_justify="left")
    drawn.caption = Text(f"{left:,} older ones that hold are not shown; --all shows them" if left else "")
    drawn.add_column("id", no_wrap=True)
    for column in ("kind", "builds on", "chain", "finished", "age", "tier", "kept until", "last read", "holds"):
        drawn.add_column(column)
    for column in ("stored", "flaws"):
        drawn.add_column(column)
    for entry in shown:
        cells = (
            entry.id,
            entry.kind or "no backup",
            entry.parent or "",
            str(found.chain_lengths[entry.id]),
            _moment(entry.finished),
            _age(entry.finished, now),
            entry.tier or "",
            _kept(entry, now),
            _age(entry.last_read, now),
            _HOLDS[entry.found_right],
            decimal(entry.stored_bytes),
            ", ".join(flaw.kind for flaw in entry.flaws),
        )
        drawn.add_row(*map(Text, cells), style="red" if entry.flaws else None)
    return drawn


def _kept(entry: Entry, now: datetime) -> str:
    """Return until when a backup is kept, and as what; where no policy was asked, what it says of itself."""
    if entry.kept_as:
        return f"{_moment(entry.kept_until)} ({entry.kept_as})" if entry.kept_until else entry.kept_as
    over = entry.retain_until and entry.retain_until < now
    return _moment(entry.retain_until) + (" (its own term is over)" if over else "")


def _log(inventory: Inventory) -> Table:
    drawn = Table(title="write-ahead log", title_justify="left")
    for column in ("set", "archived", "streamed", "stored", "timeline", "from", "to", "segments", "missing", "notes"):
        drawn.add_column(column, overflow="fold")
    for found in inventory.sets:
        log = found.log
        for span in log.spans if log else ():
            drawn.add_row(
                Text(found.name),
                str(log.archived if log else 0),
                str(log.streamed if log else 0),
                decimal(log.stored_bytes if log else 0),
                str(span.timeline),
                span.first,
                span.last,
                str(span.segments),
                str(span.holes),
                "; ".join(log.notes if log else ()),
            )
    return drawn


def _flaws(inventory: Inventory) -> Table:
    drawn = Table(title="What does not hold", title_justify="left")
    for column in ("set", "backup", "flaw", "what was found"):
        drawn.add_column(column, overflow="fold", no_wrap=column == "backup")
    for name, entry, flaw in every_flaw(inventory):
        drawn.add_row(*map(Text, (name, entry, flaw.kind, flaw.what)))
    return drawn


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}" if moment else ""


def _age(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return ""
    age = now - moment
    return duration_text(age) if age >= timedelta(0) else f"in {duration_text(-age)}"
