"""``dr-drill policy``, ``dr-drill policy check`` and ``dr-drill policy coverage``."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from drill.backups.coverage import Place
from drill.backups.coverage import coverage as covered
from drill.cli.application import FAILED, FriendlyGroup, PolicyFile, app, sound_policy, wide_console
from drill.consistency import checked
from drill.consistency.presentation import as_json as check_as_json
from drill.consistency.presentation import tables
from drill.fingerprints.files.entries import shown
from drill.policy.proofs import proofs
from drill.policy.register import as_json, entries, table

commands = typer.Typer(cls=FriendlyGroup, invoke_without_command=True, rich_markup_mode="rich")
app.add_typer(commands, name="policy")

REPORTS = "reports"


@commands.callback()
def policy(
    context: typer.Context,
    *,
    file: PolicyFile = None,
    as_data: Annotated[bool, typer.Option("--json", help="Write the register as JSON.")] = False,
) -> None:
    """Check policy.toml and print its register: every promise, its objective, source heading, controls and evidence.

    The file is checked whole, and against the document that it stems from: unknown keys, units that are none, ids
    given twice, references that lead nowhere, and promises of the document that nothing speaks for.
    All problems are told at once. Whether the schedule keeps the promises is told by: dr-drill policy check
    Whether the procedures keep all that a host has is told by: dr-drill policy coverage /
    """
    context.obj = file
    if context.invoked_subcommand:
        return
    loaded = sound_policy(file)
    register = entries(loaded, proofs(loaded.directory / "features"), today=datetime.now(UTC).astimezone().date())
    if as_data:
        typer.echo(json.dumps(as_json(loaded, register), ensure_ascii=False, indent=2))
        return
    console = wide_console()
    console.print(table(loaded, register, width=console.width))


@commands.command()
def check(
    context: typer.Context,
    *,
    file: PolicyFile = None,
    reports: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where runs leave their evidence; otherwise reports beside the policy."),
    ] = None,
    allow_known: Annotated[
        bool, typer.Option("--allow-known", help="Exit with 1 only for what is not on record, or on record and not so.")
    ] = False,
    as_data: Annotated[bool, typer.Option("--json", help="Write all of it as JSON.")] = False,
) -> None:
    r"""Hold what is scheduled against what is promised, and report every contradiction with its remedy.

    For every procedure it computes how much can be lost at worst and how old the newest and the oldest restore point
    can be: from the longest gap of its schedule (real time, also where clocks are changed), from how long a backup
    takes, and from how the write-ahead log is kept. How long a backup takes is what the newest run measured on the
    drill's data, or else the longest that the policy allows; the table says which.

    A class of data is kept if one procedure keeps it within its rpo. What the document's own schedule (origin =
    "document") would lose without what was added is told as well. Contradictions that are known stand in
    \[\[contradictions]] of policy.toml with the reason.

    Exit status: 0 no contradiction; 1 some; 2 the policy cannot be read. Words that a cron expression does not keep,
    missing sizes of production and points that do not reach back far enough are told by status 2 already.

        dr-drill policy check --json | jq -r '.contradictions\[].id'

        dr-drill policy check --allow-known || exit 1        in a pipeline
    """
    loaded = sound_policy(file or context.obj)
    found = checked(loaded, reports=reports or loaded.directory / REPORTS)
    if as_data:
        typer.echo(json.dumps(check_as_json(loaded, found), ensure_ascii=False, indent=2))
    else:
        wide_console().print(tables(found))
    if found.outdated or (found.unknown if allow_known else found.contradictions):
        raise typer.Exit(FAILED)


@commands.command()
def coverage(
    context: typer.Context,
    root: Annotated[Path, typer.Argument(metavar="ROOT", help="The root of a host, as / or where it is mounted.")],
    *,
    file: PolicyFile = None,
    as_data: Annotated[bool, typer.Option("--json", help="Write all of it as JSON.")] = False,
) -> None:
    r"""Hold a host's files against what the procedures have to keep, and report every place that nobody keeps.

    What has to be kept is what the procedures' covers name in policy.toml, and what is left out on purpose stands in
    \[host] not_kept. Everything else on the host is a finding; a directory of which nothing is kept is one. A place
    that is named and not there is told: a backup of it fails. Only names are read, and nothing is changed.

    Exit status: 0 every place is kept, or left out on purpose; 1 some are not; 2 the policy or a directory cannot be
    read.

        dr-drill policy coverage /

        dr-drill policy coverage /mnt/host --json | jq -r '.places\[] | select(.of_nobody).path'
    """
    loaded = sound_policy(file or context.obj)
    places = covered(root, loaded)
    if as_data:
        told = [{**asdict(each), "path": _shown(each), "of_nobody": each.of_nobody} for each in places]
        typer.echo(json.dumps({"policy": str(loaded.file), "places": told}, ensure_ascii=False, indent=2))
    else:
        wide_console().print(_covered(places, title=f"What of {root} is kept"))
    if any(each.of_nobody for each in places):
        raise typer.Exit(FAILED)


def _covered(places: Sequence[Place], *, title: str) -> Table:
    findings = sum(each.of_nobody for each in places)
    caption = f"{findings} places are kept by nobody; have a procedure cover them, or name them in [host] not_kept"
    drawn = Table(
        title=Text(title),
        title_justify="left",
        caption=Text(caption if findings else "Every place is kept, or left out on purpose"),
        caption_justify="left",
    )
    for column in ("place", "kept by", "there"):
        drawn.add_column(column, overflow="fold")
    for each in places:
        keeper = "NOBODY" if each.of_nobody else ", ".join(each.kept_by) or "nobody, on purpose"
        cells = (_shown(each), keeper, "yes" if each.there else "no")
        drawn.add_row(*map(Text, cells), style="red" if each.of_nobody else None)
    return drawn


def _shown(place: Place) -> str:
    return shown(os.fsencode(place.path))
