"""``dr-drill verify``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from drill.cli.application import EXIT_STATUS, PolicyFile, app, sound_policy, wide_console
from drill.cli.servers import RuntimeChoice, Workers, opened_runtime, say
from drill.errors import DrillError
from drill.evidence.verdict import Verdict
from drill.runtimes import RuntimeUnavailable
from drill.servers.postgres import PostgresClusters
from drill.verification import Targets
from drill.verification import verify as verified
from drill.verification.presentation import tables
from drill.verification.verification import Request


@app.command()
def verify(
    repository: Annotated[Path, typer.Argument(metavar="DIR", help="The repository: the directory of the sets.")],
    backup: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="The one backup to restore, and to read with what it builds on."),
    ] = None,
    *,
    only: Annotated[str | None, typer.Option("--set", metavar="NAME", help="Only this set.")] = None,
    newest: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Restore the newest N of each set; the rest stays unproven.")
    ] = None,
    expected_record: Annotated[
        str | None, typer.Option("--expect-record", metavar="SHA256", help="What dr-drill rehearse printed last.")
    ] = None,
    as_data: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write every finding and restore to this file.")
    ] = None,
    workers: Workers = 2,
    runtime: RuntimeChoice = None,
    file: PolicyFile = None,
) -> None:
    """Restore the backups of a repository into disposable servers, and judge them by what comes back.

    Before that, all of it is read: manifests, checksums, chains, the log, who may read it. Each backup is restored with
    the policy's own procedure; where dr-drill rehearse has recorded what the source held, everything is compared
    with that, value by value, and at every moment that is on record. Otherwise it is only shown that it restores, and
    what it holds stays unproven. So does a procedure of the policy whose set is not there, unless whoever rehearsed
    asked for others. Nothing is ever written into the repository.

    Exit status: 0 proven; 1 disproven; 2 something given to the command is wrong; 3 unproven.
    """
    policy = sound_policy(file)
    place = repository.absolute()
    remedy = "name the directory that holds the sets"
    try:
        if not place.is_dir():
            raise DrillError(f"{repository} is no directory", remedy=remedy)
    except OSError as error:
        raise DrillError(f"{repository}: {error.strerror}", remedy=remedy) from error
    request = Request(only=only, backup=backup, newest=newest, expected_record=expected_record)
    try:
        with opened_runtime(policy, runtime) as open_runtime:
            targets = Targets(policy, open_runtime, PostgresClusters(open_runtime))
            report = verified(place, policy=policy, targets=targets, request=request, workers=workers, tell=say)
    except RuntimeUnavailable as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(EXIT_STATUS[Verdict.UNPROVEN]) from error
    if as_data is not None:
        try:
            as_data.write_text(json.dumps(report.as_json(), indent=1, ensure_ascii=False) + "\n", "utf-8")
        except OSError as error:
            raise DrillError(f"{as_data}: {error.strerror}", remedy="name a file that can be written") from error
    wide_console().print(tables(report))
    raise typer.Exit(EXIT_STATUS[report.verdict])
