"""``dr-drill keys``: the pair of keys that evidence is signed and verified with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drill.cli.application import FriendlyGroup
from drill.evidence.keys import VARIABLE, create

keys = typer.Typer(cls=FriendlyGroup, no_args_is_help=True, help="Make the keys that evidence is signed with.")


@keys.callback()
def _group() -> None:
    """Make the keys that evidence is signed with."""


@keys.command()
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
