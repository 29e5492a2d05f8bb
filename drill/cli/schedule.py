"""``dr-drill schedule``."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from drill.cli.application import PolicyFile, app, sound_policy
from drill.consistency.timing import clock_changes
from drill.errors import DrillError
from drill.timetable import Place, jobs
from drill.timetable.crontab import crontab
from drill.timetable.jobs import beside, receivers
from drill.timetable.kubernetes import manifests
from drill.timetable.systemd import services, units


class Scheduler(StrEnum):
    """Who runs the jobs."""

    CRONTAB = "crontab"
    SYSTEMD = "systemd"
    KUBERNETES = "kubernetes"


WRITERS = {Scheduler.CRONTAB: crontab, Scheduler.SYSTEMD: units, Scheduler.KUBERNETES: manifests}
ENVIRONMENT = Path("/etc/dr-drill")
SEARCH_PATH = os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])


@app.command()
def schedule(
    *,
    scheduler: Annotated[Scheduler, typer.Option("--format", help="For whom it is written.")],
    file: PolicyFile = None,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write files there; otherwise all of it to standard output.")
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Where the commands are started; otherwise where the policy lies, or the image's own."
        ),
    ] = None,
    environment: Annotated[
        Path, typer.Option(metavar="DIR", help="Holds a file PROCEDURE.env with connection and secrets for each.")
    ] = ENVIRONMENT,
    search_path: Annotated[
        str, typer.Option("--path", metavar="PATH", help="Where the jobs find their programs.", show_default=False)
    ] = SEARCH_PATH,
    image: Annotated[
        str | None, typer.Option(metavar="IMAGE", help="Kubernetes: holds the scripts and their client programs.")
    ] = None,
) -> None:
    """Write the policy's schedule for cron, systemd or Kubernetes, ready to install.

    Commands, times and time zones are those of policy.toml, and every job ends at the time limit of its procedure.
    Secrets are never written: connection, repository and passwords come from PROCEDURE.env, a file of NAME=value
    lines that the user of the jobs alone may read, or in Kubernetes from the Secret dr-drill-PROCEDURE; the repository
    there is the volume claim dr-drill-repository. What each has to hold stands in the comments. Routines, the drill and
    the report, have such a file each, too; what they leave on record in Kubernetes goes to the volume claim
    dr-drill-reports. For whatever receives a server's log, systemd gets a service that starts it again when it has
    died; elsewhere that is yours to keep running.

        dr-drill schedule --format crontab | crontab -

        dr-drill schedule --format systemd --output /etc/systemd/system && systemctl daemon-reload

        dr-drill schedule --format kubernetes --image ops/backup:1.4 | kubectl apply -f -

    Exit status: 0 written; 2 something cannot be scheduled so. Whether the schedule keeps what is promised is told by:
    dr-drill policy check
    """
    policy = sound_policy(file)
    place = Place(
        (directory or policy.directory).absolute(),
        environment=environment.absolute(),
        search_path=search_path,
        image=image,
        image_directory=directory,
    )
    files = WRITERS[scheduler](jobs(policy), place, beside=beside(policy))
    if scheduler is Scheduler.SYSTEMD:
        files |= services(receivers(policy), place)
    for doubt in clock_changes(policy):
        typer.echo(f"warning: {doubt}", err=True)
    if output is None:
        typer.echo(_together(scheduler, files), nl=False)
        return
    for path in _written(files, output):
        typer.echo(f"written {path}")


def _together(scheduler: Scheduler, files: dict[str, str]) -> str:
    match scheduler:
        case Scheduler.CRONTAB:
            return "".join(files.values())
        case Scheduler.SYSTEMD:
            return "\n".join(f"# {name}\n{text}" for name, text in files.items())
        case Scheduler.KUBERNETES:
            return "".join(f"---\n{text}" for text in files.values())


def _written(files: dict[str, str], directory: Path) -> list[Path]:
    written = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            partial = directory / f".{name}.partial"
            partial.write_text(text, "utf-8")
            written.append(partial.replace(directory / name))
    except OSError as error:
        raise DrillError(
            f"{directory} cannot be written to ({error.strerror})", remedy="name another --output"
        ) from error
    return written
