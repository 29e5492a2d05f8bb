"""``dr-drill history``: all runs at a glance, and how their times change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from drill.cli.application import FAILED, FriendlyGroup, ReportsDirectory, app, reports_or_here, wide_console
from drill.errors import DrillError
from drill.evidence.endings import Ending, endings, started
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
    RTO and loss are the worst that the criteria RTO-… and RPO-… measured. A run that was killed, or that nobody has
    sealed, is shown as that, and proves nothing.
    """
    if context.invoked_subcommand:
        return
    place = reports_or_here(reports)
    with opened(place) as index:
        runs, unreadable = index.runs(), index.unreadable
    ended = dict(endings(place))
    shown = _with_killed(runs, ended)
    for run, reason in unreadable.items():
        typer.echo(f"no record: {run}: {reason}", err=True)
    if as_data:
        data = [{**asdict(run), "ending": ended.get(run.id, Ending.UNSEALED)} for run in shown]
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    page = wide_console()
    page.print(_table(shown[-last:], criteria or [], ended))
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


def _with_killed(runs: Iterable[IndexedRun], ended: Mapping[str, Ending]) -> list[IndexedRun]:
    """Return the runs that left a record and those that left none, the oldest first; unless it is sealed, none proves.

    Args:
        runs: that left a record.
        ended: how every run ended.
    """
    recorded = {run.id: run for run in runs}
    for name, ending in ended.items():
        if name in recorded and ending is not Ending.SEALED:
            recorded[name] = replace(recorded[name], verdict=Verdict.UNPROVEN)
        elif name not in recorded and not ending.is_recorded:
            recorded[name] = IndexedRun(name, started(name).isoformat(), None, Verdict.UNPROVEN, None, "", {})
    return sorted(recorded.values(), key=lambda run: (run.started, run.id))


def _table(runs: list[IndexedRun], criteria: list[str], ended: Mapping[str, Ending]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("started", "run", "verdict", "on", "proven", *(criteria or ("RTO", "loss"))):
        table.add_column(name, no_wrap=True)
    for run in runs:
        proven = sum(result.verdict == Verdict.PROVEN for result in run.results.values())
        values = [_value(run, name) for name in criteria] or [worst_measured(run, "RTO"), worst_measured(run, "RPO")]
        table.add_row(
            run.started[:19].replace("T", " "),
            run.id,
            _verdict(run, ended.get(run.id, Ending.UNSEALED)),
            run.runtime or "–",
            f"{proven} of {len(run.results)}" if run.results else "–",
            *(value or "–" for value in values),
        )
    return table


def _verdict(run: IndexedRun, ending: Ending) -> Text:
    told = "" if ending is Ending.SEALED else f" ({ending})"
    return Text(f"{run.verdict}{told}", style=COLOURS[Verdict(run.verdict)])


def _value(run: IndexedRun, criterion: str) -> str | None:
    result = run.results.get(criterion)
    return (result.measured_text or result.verdict) if result else None
