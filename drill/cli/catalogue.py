"""``dr-drill catalogue``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from drill import inventory
from drill.cli.application import FAILED, app, wide_console
from drill.inventory import keeping, punctuality, reading
from drill.inventory.presentation import NEWEST, json_lines, tables
from drill.policy import load


@app.command()
def catalogue(
    repository: Annotated[Path, typer.Argument(metavar="REPOSITORY", help="The directory that holds the sets.")],
    *,
    only: Annotated[str | None, typer.Option("--set", metavar="NAME", help="Look at this set alone.")] = None,
    hashing: Annotated[
        bool, typer.Option("--hash", help="Read every file and compare its SHA-256; as slow as the disk.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help=f"Show every backup, not only the newest {NEWEST} of each set.")
    ] = False,
    schedule: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="Hold the sets against its schedule; tell what it has kept."),
    ] = None,
    as_data: Annotated[bool, typer.Option("--json", help="Write all of it as one JSON object.")] = False,
) -> None:
    r"""List what a repository holds: sets, points, chains, ages, tiers, terms, verdicts, sizes and the archived log.

    What does not hold is flagged: a backup without a valid manifest, a manifest that was altered, files that are
    missing, of another size, not listed or, with --hash, of other content, parents that are missing, later or flawed
    themselves, times that cannot be, what the last verification found wrong (found-wrong), and segments of the
    write-ahead log that were archived and are gone, or leave a hole that a recovery cannot go past. With --policy also
    backups that were due and are not there (backup-missed), and a verification of stored backups that has stopped
    (verification-late). What killed runs left (.partial-, .expired-) is counted and is no flaw.

    "Last read" and "holds" are the verdict of the verify command, as it left it in each set. "Kept until" is what the
    retention of --policy promises: a day, or what a backup is kept as while no newer one takes its place. Without a
    policy it is what the backup says of itself.

    Nothing is changed. A listing is no proof that a backup restores: a drill restores it.

        dr-drill catalogue /srv/backups

        dr-drill catalogue /srv/backups --set postgres --hash

        dr-drill catalogue /srv/backups --policy policy.toml

        dr-drill catalogue /srv/backups --json | jq '.sets\[].backups\[] | select(.flaws != \[])'

    Exit status: 0 all of it holds; 1 something does not; 2 there is no such repository, or it cannot be read.
    """
    found = inventory.take(repository, now=datetime.now(UTC), only=only, hashing=hashing)
    reading.note(found)
    if schedule is not None:
        policy = load(schedule)
        keeping.note(found, policy)
        punctuality.hold(found, policy)
    if as_data:
        for piece in json_lines(found):
            sys.stdout.write(piece)
    else:
        wide_console().print(tables(found, newest=None if everything else NEWEST))
    if not found.holds:
        raise typer.Exit(FAILED)
