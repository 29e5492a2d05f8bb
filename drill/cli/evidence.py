"""``dr-drill evidence``: does the evidence hold?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from drill.cli.application import (
    EXIT_STATUS,
    ExpectedHeads,
    FriendlyGroup,
    PublicKeys,
    ReportsArgument,
    app,
    reports_or_here,
)
from drill.evidence.keys import public_key
from drill.evidence.verdict import Verdict
from drill.evidence.verification import Verification
from drill.evidence.verification import verify as verified

SAID = {
    Verdict.PROVEN: "holds: every file is as it was stated, and a known key vouches for all of it",
    Verdict.UNPROVEN: "unknown: nothing contradicts it, and nobody vouches for all of it",
    Verdict.DISPROVEN: "does not hold",
}

commands = typer.Typer(cls=FriendlyGroup, no_args_is_help=True, rich_markup_mode="rich")
app.add_typer(commands, name="evidence")


@commands.callback()
def evidence() -> None:
    """Find out whether the evidence of the runs is what it was."""


@commands.command()
def verify(
    reports: ReportsArgument = None,
    *,
    keys: PublicKeys = None,
    heads: ExpectedHeads = None,
    as_data: Annotated[bool, typer.Option("--json", help="Write every finding as JSON.")] = False,
) -> None:
    """Find every record that was changed, removed, added or moved since its run ended, and newest ones rolled back.

    Needs the reports and, for signed ones, the public key; nothing is written, so that a copy on another machine will
    do. Note the heads that are printed elsewhere: with the newest of them as --expect-head it is also known whether
    runs, and the history with them, were taken away since.

    Exit status: 0 holds, 1 does not, 2 wrong usage, 3 unsigned or otherwise unknown.
    """
    found = verified(reports_or_here(reports), keys=[public_key(path) for path in keys or []], expected=heads or [])
    if as_data:
        typer.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    else:
        for finding in found.findings:
            typer.echo(str(finding))
        for head in found.heads:
            typer.echo(f"head: {head} (chain of {head.chain})")
        if found.unfinished:
            typer.echo(f"without a statement, killed or still going on: {', '.join(found.unfinished)}")
        typer.echo(f"{len(found.sealed)} runs: the evidence {SAID[found.verdict]}")
    raise typer.Exit(EXIT_STATUS[found.verdict])


def _as_json(found: Verification) -> dict[str, object]:
    return {
        "verdict": str(found.verdict),
        "runs": sorted(found.sealed),
        "vouched": sorted(found.vouched),
        "unfinished": list(found.unfinished),
        "heads": [{"chain": head.chain, "head": str(head)} for head in found.heads],
        "findings": [asdict(finding) for finding in found.findings],
    }
