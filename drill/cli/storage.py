"""``dr-drill storage``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from drill import inventory
from drill.cli.application import EXIT_STATUS, PolicyFile, app, sound_policy, wide_console
from drill.evidence.verdict import Verdict
from drill.inventory.outlook import Outlook, outlook
from drill.inventory.storage import Storage
from drill.policy.quantity import duration_text


@app.command()
def storage(
    repository: Annotated[Path, typer.Argument(metavar="REPOSITORY", help="The directory that holds the sets.")],
    *,
    file: PolicyFile = None,
    as_data: Annotated[bool, typer.Option("--json", help="Write all of it as one JSON object.")] = False,
) -> None:
    r"""Tell what a repository takes, what that costs, how it grows, and when its file system is full.

    Sizes are those that the manifests state, and those of the write-ahead log. Growth is that from the first backup of
    a set to the last; a set whose backups lie within two days tells none. The size at the end of the term is what so
    much growth comes to in the policy's minimum retention, within which nothing may be removed; prices are the
    policy's.

    Nothing is changed.

        dr-drill storage /srv/backups

        dr-drill storage /srv/backups --json | jq .total.full_in_days

    Exit status: 0 the file system lasts for the term, if all of it grows on and nothing is removed; 1 it is full
    before; 2 there is no such repository, or it cannot be read; 3 nobody can say, because a set is too young.
    """
    policy = sound_policy(file)
    found = inventory.take(repository, now=datetime.now(UTC))
    ahead = outlook(found, term=policy.retention.minimum, price=policy.storage)
    if as_data:
        typer.echo(json.dumps(ahead.as_json(), indent=2, ensure_ascii=False))
    else:
        wide_console().print(_table(ahead, title=f"{repository} at {found.now:%Y-%m-%d %H:%M %Z}"), _remark(ahead))
        if unlike := ahead.total.backups - ahead.total.recorded:
            typer.echo(f"The sizes of {unlike:,} backups are not on record as they are; dr-drill catalogue names them.")
    raise typer.Exit(EXIT_STATUS[ahead.verdict])


def _table(ahead: Outlook, *, title: str) -> Table:
    drawn = Table(title=Text(title), title_justify="left", show_footer=False)
    currency = ahead.price.currency if ahead.price else "cost"
    after = f"after {duration_text(ahead.term)}"
    columns = ("set", "backups", "stored", "log", "source", "of source", "a day", f"{currency} a month", after)
    for column in columns:
        drawn.add_column(Text(column), justify="left" if column == "set" else "right")
    for name, each in ahead.sets.items():
        drawn.add_row(*_cells(name, each, ahead))
    drawn.add_section()
    drawn.add_row(*_cells("all", ahead.total, ahead), style="bold")
    return drawn


def _cells(name: str, each: Storage, ahead: Outlook) -> list[Text]:
    cost, later = ahead.cost(each.held_bytes), each.at_end_of(ahead.term)
    cells = (
        name,
        f"{each.backups:,}",
        decimal(each.stored_bytes),
        decimal(each.log_bytes),
        decimal(each.source_bytes),
        f"{each.ratio:.0%}" if each.ratio is not None else "",
        decimal(round(each.growth_per_day)) if each.growth_per_day is not None else "not known",
        f"{cost:,.2f}" if cost is not None else "",
        decimal(round(later)) if later is not None else "not known",
    )
    return list(map(Text, cells))


def _remark(ahead: Outlook) -> Text:
    full, term = ahead.total.full_in(), duration_text(ahead.term)
    said = f"{decimal(ahead.free_bytes)} are free"
    if full is not None:
        said += f", and full in {full.days:,} days if it grows on and nothing is removed"
    if ahead.verdict is Verdict.DISPROVEN:
        return Text(
            f"WARNING: {said}: before the term of {term} is over; add storage, or keep the repository elsewhere",
            style="bold red",
        )
    if ahead.unknown:
        said += f"; how these grow is not known, their backups lie within two days: {', '.join(ahead.unknown)}"
    return Text(f"{said}." if ahead.sets else "There is no set: nobody can say how it grows.")
