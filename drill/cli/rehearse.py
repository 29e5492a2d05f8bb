"""``dr-drill rehearse``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drill.cli.application import EXIT_STATUS, FAILED, PolicyFile, app, sound_policy
from drill.cli.servers import RuntimeChoice, opened_runtime, say
from drill.commands.runbook import Runbook
from drill.evidence.journal import Journal
from drill.evidence.verdict import Disproof, Verdict
from drill.rehearsal import Sources
from drill.rehearsal import rehearse as take_all
from drill.rehearsal.rehearsal import chosen, lacking, make_room
from drill.servers.postgres import PostgresClusters


@app.command()
def rehearse(
    *,
    repository: Annotated[
        Path, typer.Option("--repository", metavar="DIR", help="Where the backups go: empty, or not there yet.")
    ],
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME", help="Only this set; may be repeated.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the estate's content; otherwise the policy's.")] = None,
    scale: Annotated[int | None, typer.Option(min=1, help="Multiplies the content; otherwise the policy's.")] = None,
    runtime: RuntimeChoice = None,
    file: PolicyFile = None,
) -> None:
    """Back up a disposable estate with every configured procedure, and leave the backups to be tried.

    What the source of each backup held is recorded beside the sets, in .rehearsal; the last line is the checksum of
    that record. dr-drill verify restores what is there and compares. Damage it as you like in between.

        dr-drill rehearse --repository /tmp/rehearsal

        dr-drill verify /tmp/rehearsal

    Exit status: 0 all is backed up; 1 a backup command failed; 2 something given to the command is wrong; 3 something
    cannot be rehearsed here, which is on record: name the others with --set where nobody asks for it.
    """
    policy = sound_policy(file)
    procedures, lacks = chosen(policy, sets or []), lacking(policy, sets or [])
    place = repository.absolute()
    make_room(place)
    with opened_runtime(policy, runtime) as open_runtime:
        sources = Sources(
            policy,
            open_runtime,
            PostgresClusters(open_runtime),
            repository=place,
            seed=policy.estate.seed if seed is None else seed,
            scale=policy.estate.scale if scale is None else scale,
        )
        runbook = Runbook(policy, repository=place, directory=policy.directory.absolute(), journal=Journal())
        try:
            with sources.opened(procedures) as stores:
                record = take_all(sources, dict(stores), runbook=runbook, lacks=lacks)
        except Disproof as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(FAILED) from error
    for name, why in lacks.items():
        say(f"not rehearsed: {name}; {why}")
    for name, recorded in record.sets.items():
        states = f"{len(recorded.states)} state{'s' if len(recorded.states) > 1 else ''} on record"
        typer.echo(f"{name}: {', '.join(backup.id for backup in recorded.backups)}; {states}")
    typer.echo(f"record {record.checksum}")
    if lacks:
        raise typer.Exit(EXIT_STATUS[Verdict.UNPROVEN])
