"""``dr-drill history``: all runs at a glance, and how their times change."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from drill.cli.application import FAILED, FriendlyGroup, ReportsDirectory, app, reports_or_here, wide_console
from drill.errors import DrillError
from drill.evidence.importing import Fate, take_in
from drill.evidence.run_index import IndexedRun, opened
from drill.evidence.summary import COLOURS
from drill.evidence.trends import slower, worst_measured
from drill.evidence.verdict import Verdict

commands = typer.Typer(cls=FriendlyGroup, invoke_without_command=True, rich_markup_mode="rich")
app.add_typer(commands, name="history")


@commands.callback()
def history(
    context: typer.Context,
    *,
    reports: ReportsDirectory = None,
    criteria: Annotated[
        list[str] | None,
        typer.Option("--criterion", metavar="ID", help="Show its values instead; may be repeated."),
    ] = None,
    last: Annotated[int, typer.Option(min=1, help="How many runs to show.")] = 20,
    as_data: Annotated[bool, typer.Option("--json", help="Write every run as JSON.")] = False,
) -> None:
    """Show the runs on record: verdict, slowest recovery, largest loss, and what took longer than the last time.

    The table is kept in reports/history.sqlite, an index of the run records that is brought up to date each time.
    RTO and loss are the worst that the criteria RTO-… and RPO-… measured.
    """
    if context.invoked_subcommand:
        return
    place = reports_or_here(reports)
    with opened(place) as index:
        runs, unreadable = index.runs(), index.unreadable
    for run, reason in unreadable.items():
        typer.echo(f"no record: {run}: {reason}", err=True)
    if as_data:
        typer.echo(json.dumps([asdict(run) for run in runs], ensure_ascii=False, indent=2))
        return
    page = wide_console()
    page.print(_table(runs[-last:], criteria or []))
    for each in slower(runs):
        page.print(Text(f"slower than last: {each}", style="yellow"))


@commands.command("import")
def take(
    sources: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Directories of runs, or zips of them.")],
    *,
    reports: ReportsDirectory = None,
) -> None:
    """Take in runs from elsewhere, such as downloaded artifacts of a pipeline; nothing here is ever overwritten.

    Exit status: 0 all are here now, 1 some were refused, 2 wrong usage.
    """
    place = reports_or_here(reports)
    refused = 0
    for source in sources:
        if not source.exists():
            raise DrillError(f"{source} is not there", remedy="name a run's directory or a zip of one")
        for each in take_in(place, source):
            typer.echo(f"{each.fate}: {each.run}{f' ({each.reason})' if each.reason else ''}")
            refused += each.fate is Fate.REFUSED
    raise typer.Exit(FAILED if refused else 0)


def _table(runs: list[IndexedRun], criteria: list[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("started", "run", "verdict", "on", "proven", *(criteria or ("RTO", "loss"))):
        table.add_column(name, no_wrap=True)
    for run in runs:
        proven = sum(result.verdict == Verdict.PROVEN for result in run.results.values())
        values = [_value(run, name) for name in criteria] or [worst_measured(run, "RTO"), worst_measured(run, "RPO")]
        table.add_row(
            run.started[:19].replace("T", " "),
            run.id,
            Text(run.verdict, style=COLOURS[Verdict(run.verdict)]),
            run.runtime or "–",
            f"{proven} of {len(run.results)}",
            *(value or "–" for value in values),
        )
    return table


def _value(run: IndexedRun, criterion: str) -> str | None:
    result = run.results.get(criterion)
    return (result.measured_text or result.verdict) if result else None
