"""``dr-drill notify``: would people be told, over the channels that a disaster would use?"""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from drill.cli.application import FAILED, PolicyFile, app, sound_policy, wide_console
from drill.errors import DrillError
from drill.notifications import Messenger
from drill.notifications.trial import FACTS, marked


class Told(StrEnum):
    """Who can be told."""

    TEAM = "team"
    USERS = "users"


@app.command()
def notify(
    *,
    audience: Annotated[
        list[Told] | None, typer.Option(metavar="WHO", help="team (the default) or users; may be repeated.")
    ] = None,
    file: PolicyFile = None,
) -> None:
    """Send the messages of a disaster over their own channels, marked as a test: do they get there?

    A drill tells receivers of its own and nobody else, so that this alone shows that the addresses are right. They are
    in the variables that [[notifications]] of policy.toml names, in Apprise's notation. Users are told only where that
    is asked for.

        DR_DRILL_TEAM_CHANNEL=mailto://… dr-drill notify

        dr-drill notify --audience team --audience users

    Exit status: 0 every message was taken; 1 one was not, or its variable is not set; 2 wrong usage.
    """
    policy = sound_policy(file)
    wanted = audience or [Told.TEAM]
    messages = [marked(each) for each in policy.notifications if each.audience in wanted]
    if not messages:
        raise DrillError(
            f"{policy.file}: no message is for {' or '.join(wanted)}", remedy="add [[notifications]] to the policy"
        )
    with Messenger(messages, channels=os.environ) as messenger:
        for occasion in dict.fromkeys(each.when for each in messages):
            messenger.tell(occasion, FACTS)
        deliveries = messenger.deliveries()
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("audience", "when", "channel", "message", "delivered", "why not"):
        table.add_column(name, no_wrap=name != "why not")
    for each in deliveries:
        said = "yes" if each.delivered else "no"
        cells = (each.audience, each.when, f"${each.channel}", each.subject, said, each.reason)
        table.add_row(*map(escape, cells))
    wide_console().print(table)
    raise typer.Exit(0 if all(each.delivered for each in deliveries) else FAILED)
