"""``dr-drill policy``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from drill.cli.application import PolicyFile, app, sound_policy, wide_console
from drill.policy.proofs import proofs
from drill.policy.register import as_json, entries, table


@app.command()
def policy(
    *,
    file: PolicyFile = None,
    as_data: Annotated[bool, typer.Option("--json", help="Write the register as JSON.")] = False,
) -> None:
    """Check policy.toml and print its register: every promise, its objective, source heading, controls and evidence.

    The file is checked whole, and against the document that it stems from: unknown keys, units that are none, ids
    given twice, references that lead nowhere, and promises of the document that nothing speaks for.
    All problems are told at once.
    """
    loaded = sound_policy(file)
    register = entries(loaded, proofs(loaded.directory / "features"), today=datetime.now(UTC).astimezone().date())
    if as_data:
        typer.echo(json.dumps(as_json(loaded, register), ensure_ascii=False, indent=2))
        return
    console = wide_console()
    console.print(table(loaded, register, width=console.width))
