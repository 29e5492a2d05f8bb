"""``dr-drill log``: the document's four records over all runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from drill.cli.application import ReportsDirectory, app, reports_or_here, wide_console
from drill.evidence.event_log import LoggedEvent, read
from drill.evidence.journal import Kind
from drill.policy import Quantity

WHAT = ("what", "procedure")
OUTCOME = ("verdict", "status")
DELIVERED: Mapping[object, str] = {True: "delivered", False: "not delivered"}


@app.command()
def log(
    *,
    reports: ReportsDirectory = None,
    kinds: Annotated[
        list[Kind] | None, typer.Option("--kind", help="Which of the four records; may be repeated (otherwise all).")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="SPAN", help="How far back, as in 30d or 12h.")] = None,
    as_data: Annotated[bool, typer.Option("--json", help="Write every event as JSON.")] = False,
) -> None:
    """Show what all runs have logged: backups, recoveries, tests and incidents, in order of time.

    Runs that were killed are part of it, as far as they had got.
    """
    place = reports_or_here(reports)
    start = datetime.now(UTC) - Quantity.parse(since).duration if since else None
    found = read(place, kinds=kinds or tuple(Kind), since=start)
    if found.unreadable:
        typer.echo(f"{found.unreadable} lines cannot be read: runs that were killed leave such", err=True)
    if as_data:
        typer.echo(json.dumps([_as_json(event) for event in found.events], ensure_ascii=False, indent=2))
        return
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("at", "run", "kind", "what", "outcome", "seconds", "reason"):
        table.add_column(name, no_wrap=name not in ("what", "reason"))
    for event in found.events:
        table.add_row(*map(escape, _row(event)))
    wide_console().print(table)


def _as_json(event: LoggedEvent) -> dict[str, Any]:
    return {"run": event.run, "kind": str(event.kind), "at": event.at.isoformat(), **event.facts}


def _row(event: LoggedEvent) -> list[str]:
    facts = event.facts
    outcome = next((str(facts[name]) for name in OUTCOME if facts.get(name) is not None), None)
    seconds = facts.get("seconds")
    return [
        f"{event.at:%Y-%m-%d %H:%M:%S}",
        event.run,
        event.kind,
        _what(facts),
        outcome or DELIVERED.get(facts.get("delivered"), "–"),
        f"{seconds:.1f}" if isinstance(seconds, int | float) else "–",
        str(facts.get("reason") or ""),
    ]


def _what(facts: Mapping[str, Any]) -> str:
    """Return what an event is about: a step of a disaster, a message to people, or what it names itself."""
    if "milestone" in facts:
        return f"{facts.get('disaster')}: {' '.join(filter(None, (facts.get('system'), facts['milestone'])))}"
    if "message" in facts:
        return f"the {facts.get('audience')} told: {facts['message']}"
    return next((str(facts[name]) for name in WHAT if facts.get(name)), "–")
