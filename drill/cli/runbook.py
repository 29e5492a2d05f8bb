"""``dr-drill runbook``: the document's procedures, written down so that they cannot go stale unseen."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from drill.cli.application import FAILED, PolicyFile, PublicKeys, ReportsDirectory, app
from drill.errors import DrillError
from drill.evidence import surroundings
from drill.evidence.keys import public_key
from drill.manual.last_drill import last_proven
from drill.manual.markdown import manual
from drill.manual.stamp import findings
from drill.manual.typeset import pdf
from drill.policy import find, load


@app.command()
def runbook(
    *,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to write it, as PDF where it ends so; otherwise standard output."),
    ] = None,
    check: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write nothing: see whether this one is out of date.")
    ] = None,
    reports: ReportsDirectory = None,
    file: PolicyFile = None,
    keys: PublicKeys = None,
) -> None:
    """Write the standard, emergency, testing and communication procedures, as Markdown or PDF.

    They come from policy.toml and the last drill of the plan that was proven: commands as they are run, in their
    order, the names of the variables that they need, how long each took, who is told what, and whom to call. Policy
    and drill are on the page. A drill whose record was altered, or never stated, does not count; that no known key
    vouches for it is on the page, too.

        dr-drill runbook --output docs/runbook.md

        dr-drill runbook --output runbook.pdf

        dr-drill runbook --check runbook.pdf

    Exit status: 0 written, or up to date; 1 out of date; 2 wrong usage.
    """
    policy = load(file or find(Path.cwd()))
    named = [*(keys or []), *(policy.directory / path for path in policy.gate.public_keys)]
    known = [public_key(path) for path in named]
    drill = last_proven(reports or policy.directory / "reports", policy, keys=known)
    sha256 = surroundings.policy(policy)["sha256"]
    try:
        if check is not None:
            found = list(findings(check.read_bytes(), sha256=sha256, drill=drill))
            for each in found:
                typer.echo(f"{check}: {each}; write it anew: dr-drill runbook --output {check}")
            raise typer.Exit(FAILED if found else 0)
        now = datetime.now(UTC)
        if output is None:
            typer.echo(manual(policy, drill, sha256=sha256, now=now), nl=False)
        elif output.suffix.lower() == ".pdf":
            output.write_bytes(pdf(policy, drill, sha256=sha256, now=now))
        else:
            output.write_text(manual(policy, drill, sha256=sha256, now=now), "utf-8")
    except OSError as error:
        raise DrillError(f"{check or output}: {error}", remedy="name another file") from error
