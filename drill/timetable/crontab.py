"""The schedule as a crontab, for a cron that knows CRON_TZ (cronie does, as systemd-cron; Debian's own does not)."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from drill.errors import DrillError
from drill.timetable.jobs import PREFIX, Job, Place

FILE = f"{PREFIX}.crontab"
GRACE = 60
"""Seconds from SIGTERM, at which a command clears up, to SIGKILL."""


def crontab(jobs: Sequence[Job], place: Place, *, beside: Sequence[str] = ()) -> dict[str, str]:
    """Return the crontab by its file name.

    Raises:
        DrillError: a word of a command holds a line's end, which a crontab cannot.
    """
    lines = [
        "# Written by dr-drill schedule from policy.toml; change it there. Install it with: crontab FILE",
        "# It needs a cron that knows CRON_TZ: cronie or systemd-cron. Debian's cron would take the machine's own time",
        "# zone without a word; take systemd timers there.",
        *(f"# Besides, {each}." for each in beside),
        "",
        "SHELL=/bin/sh",
        f"PATH={place.search_path}",
    ]
    for zone in dict.fromkeys(entry.time_zone for job in jobs for entry in job.times):
        lines += ["", f"CRON_TZ={zone}"]
        for job in jobs:
            times = [entry for entry in job.times if entry.time_zone == zone]
            if times:
                file = place.environment_file(job.procedure)
                lines.append(f"# {job.title}; {file} says {job.told()}")
                lines += [f"{entry.cron} {_line(job, place)}" for entry in times]
    return {FILE: "\n".join(lines) + "\n"}


def _line(job: Job, place: Place) -> str:
    variables = [f"{name}={value}" for name, value in job.variables.items()]
    limit = ["timeout", f"--kill-after={GRACE}", str(job.seconds)]
    command = shlex.join(["env", *variables, *limit, *job.words])
    file = shlex.quote(str(place.environment_file(job.procedure)))
    line = f"cd {shlex.quote(str(place.directory))} && set -a && . {file} && set +a && exec {command}"
    if "\n" in line:
        raise DrillError(f"the command of {job.title} has a line's end in it", remedy="put it into a script")
    # To cron, a bare per cent sign ends the command.
    return line.replace("%", r"\%")
