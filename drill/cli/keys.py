"""``dr-drill keys``: the pair of keys that evidence is signed and verified with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drill.cli.application import FriendlyGroup, app
from drill.evidence.keys import VARIABLE, create

commands = typer.Typer(cls=FriendlyGroup, no_args_is_help=True, rich_markup_mode="rich")
app.add_typer(commands, name="keys")


@commands.callback()
def keys() -> None:
    """Make the keys that evidence is signed with."""


@commands.command()
def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put them, outside of any git checkout.")],
) -> None:
    """Make a pair of Ed25519 keys: one to sign with, for this machine's eyes only, and one to verify with, for all.

    Keys are never overwritten, and never put into a checkout.
    """
    pair = create(directory)
    typer.echo(f"key {pair.identifier}")
    typer.echo(f"sign with    {VARIABLE}={pair.private}")
    typer.echo(f"verify with  dr-drill evidence verify --public-key {pair.public}")
