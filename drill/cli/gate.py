"""``dr-drill gate``: may this be released?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from drill.cli.application import (
    EXIT_STATUS,
    ExpectedHeads,
    PolicyFile,
    PublicKeys,
    ReportsDirectory,
    app,
    wide_console,
)
from drill.errors import DrillError
from drill.evidence.keys import public_key
from drill.evidence.verification import verify
from drill.gate import rendering
from drill.gate.decision import Decision, decide
from drill.policy import find, load


@app.command()
def gate(
    *,
    reports: ReportsDirectory = None,
    file: PolicyFile = None,
    keys: PublicKeys = None,
    heads: ExpectedHeads = None,
    everything: Annotated[
        bool,
        typer.Option("--everything", help="Demand every criterion without a gap, not what \\[gate] requires."),
    ] = False,
    as_data: Annotated[bool, typer.Option("--json", help="Write the decision as JSON.")] = False,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as JUnit XML, too.")] = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page for a pull request, too (appended).")
    ] = None,
) -> None:
    r"""Decide from the evidence whether something may be released: what policy.toml requires is proven, and recently.

    The last full drill counts, and whatever was disproven since. A drill that stopped running, a part of a drill and
    evidence that was altered never pass. \[gate] in policy.toml says what is required; nothing is run.

    Before a release, and after a night in which all of it was tried:

        pytest features/disaster_recovery -m drill && dr-drill gate

        pytest features/ ; dr-drill gate --everything

    Exit status: 0 open, 1 something is disproven, 2 wrong usage, 3 something is unproven.
    """
    policy = load(file or find(Path.cwd()))
    if everything:
        policy = policy.model_copy(update={"gate": policy.gate.of_everything()})
    place = reports or policy.directory / "reports"
    named = [*(keys or []), *(policy.directory / path for path in policy.gate.public_keys)]
    verification = verify(place, keys=[public_key(path) for path in named], expected=heads or [])
    decision = decide(policy, verification, reports=place, now=datetime.now(UTC))
    _write(junit, rendering.junit, decision, mode="w")
    _write(markdown, rendering.markdown, decision, mode="a")
    if as_data:
        typer.echo(json.dumps(rendering.as_json(decision), ensure_ascii=False, indent=2))
    else:
        wide_console().print(rendering.table(decision), highlight=False)
    raise typer.Exit(EXIT_STATUS[decision.verdict])


def _write(path: Path | None, render: Callable[[Decision], str], decision: Decision, *, mode: str) -> None:
    if path is None:
        return
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(render(decision))
    except OSError as error:
        raise DrillError(f"{path} cannot be written: {error.strerror}", remedy="name another file") from error
