"""``dr-drill runbook``: the document's procedures, written down so that they cannot go stale unseen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from drill.cli.application import FAILED, PolicyFile, ReportsDirectory, app
from drill.errors import DrillError
from drill.evidence import surroundings
from drill.manual.last_drill import last_proven
from drill.manual.markdown import findings, manual
from drill.policy import find, load


@app.command()
def runbook(
    *,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write it; otherwise standard output.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write nothing: see whether this one is out of date.")
    ] = None,
    reports: ReportsDirectory = None,
    file: PolicyFile = None,
) -> None:
    """Write the standard, emergency, testing and communication procedures as Markdown.

    They come from policy.toml and the last drill of the plan that was proven: commands as they are run, in their
    order, how long each took, who is told what, and whom to call. Policy and drill are on the page.

        dr-drill runbook --output docs/runbook.md

        dr-drill runbook --check docs/runbook.md

    Exit status: 0 written, or up to date; 1 out of date; 2 wrong usage.
    """
    policy = load(file or find(Path.cwd()))
    drill = last_proven(reports or policy.directory / "reports", policy)
    sha256 = surroundings.policy(policy)["sha256"]
    try:
        if check is not None:
            found = list(findings(check.read_text("utf-8"), sha256=sha256, drill=drill))
            for each in found:
                typer.echo(f"{check}: {each}; write it anew: dr-drill runbook --output {check}")
            raise typer.Exit(FAILED if found else 0)
        text = manual(policy, drill, sha256=sha256, now=datetime.now(UTC))
        if output is None:
            typer.echo(text, nl=False)
        else:
            output.write_text(text, "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DrillError(f"{check or output}: {error}", remedy="name another file") from error
