"""What a scheduler has to run: one job for each command of a procedure, with all of its times, and for each routine."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from drill.errors import DrillError
from drill.policy import Command, Policy, Procedure, Routine, Schedule, Timetable
from drill.policy.command import PLACEHOLDERS, Kind

PREFIX = "dr-drill"
LONGEST_NAME = 50
"""Kubernetes allows 52 characters; two of them may be needed to tell several times apart."""

AWAY: tuple[Kind, ...] = ("copy", "copy-log")
"""What speaks to the other site, and to nothing here but the repository."""
CONNECTION = {
    "postgres": ("PGHOST", "PGPORT", "PGUSER", "PGPASSFILE or PGPASSWORD", "PGDATABASE"),
    "redis": ("REDIS_HOST", "REDIS_PORT", "REDISCLI_AUTH", "REDIS_DIR"),
    "files": (),
    "git": ("BACKUP_SOURCE",),
    "machine": ("SYSTEM_HOST", "SYSTEM_SSH_CONFIG"),
}
"""What the environment of a procedure has to say of the server, by the contract."""

_PLACEHOLDER = re.compile("|".join(f"{{{name}}}" for name in PLACEHOLDERS))
_NOT_EVERYWHERE = re.compile(r"[LW#]")
_WORD = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the jobs run.

    Attributes:
        directory: in which the commands are started, with the scripts that they name.
        environment: the directory with one file of variables for each procedure: connection, repository, secrets.
        search_path: the value of PATH.
        image: the container image that holds scripts and client programs; for Kubernetes only.
        image_directory: in which the commands are started in it; None: where it starts by itself.
    """

    directory: Path
    environment: Path
    search_path: str
    image: str | None = None
    image_directory: Path | None = None

    def environment_file(self, procedure: str) -> Path:
        """Return the file with a procedure's variables."""
        return self.environment / f"{procedure}.env"


@dataclass(frozen=True, slots=True)
class Job:
    """One command of a procedure and when it runs; where a backup is scheduled at two frequencies, each is a job.

    Attributes:
        name: of the job, fit for a unit, a file and a Kubernetes object.
        procedure: the procedure's name, or the routine's.
        action: which of its commands; None for a routine, which has one.
        words: the command, split.
        variables: what the policy knows of its environment; no secrets and no connection.
        needs: the names of the variables that its environment file or Secret has to hold beyond that.
        times: cron expression and time zone.
        time_limit: after which it is ended.
    """

    name: str
    procedure: str
    action: Kind | None
    words: tuple[str, ...]
    variables: Mapping[str, str]
    needs: tuple[str, ...]
    times: tuple[Timetable, ...]
    time_limit: timedelta

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"{self.action} of {self.procedure}" if self.action else self.procedure

    def told(self, *, without: str | None = None) -> str:
        """Return what its file of variables has to say, in words; one of the variables can be left out."""
        return ", ".join(each for each in self.needs if each != without) or "nothing yet, and has to be there"

    @property
    def seconds(self) -> int:
        """The time limit."""
        return math.ceil(self.time_limit.total_seconds())


@dataclass(frozen=True, slots=True)
class Receiver:
    """What receives the write-ahead log of a procedure, and is kept running.

    Attributes:
        name: of the service.
        procedure: the procedure's name.
        words: the command, split.
        variables: what the policy knows of its environment.
        needs: the names of the variables that its environment file has to hold beyond that.
        programs: the directories, from the one of the commands on, of the programs that the command is found in.
        back_within: how soon one that has died has to be back.
    """

    name: str
    procedure: str
    words: tuple[str, ...]
    variables: Mapping[str, str]
    needs: tuple[str, ...]
    programs: tuple[Path, ...]
    back_within: timedelta


def jobs(policy: Policy) -> list[Job]:
    """Return what the policy schedules, in its order.

    Raises:
        DrillError: nothing is scheduled; a command is not there, or wants what only a drill knows; a time can be
            said to this suite and not to every scheduler; two jobs would have the same name.
    """
    wanted: dict[tuple[str, Kind, str | None], list[Schedule]] = {}
    for entry in policy.schedule:
        wanted.setdefault((entry.procedure, entry.action, entry.tier), []).append(entry)
    if not wanted and not policy.routines:
        raise DrillError("nothing is scheduled", remedy="add [[schedule]] entries to policy.toml")
    first = {(procedure, action): tier for procedure, action, tier in reversed(wanted)}
    found = [
        _job(policy, procedure, action, tuple(times), beside_another=first[procedure, action] != tier)
        for (procedure, action, tier), times in wanted.items()
    ]
    found += [_routine(each) for each in policy.routines]
    for job in found:
        if len([other for other in found if other.name == job.name]) > 1:
            raise DrillError(f"two jobs would be called {job.name}", remedy="give procedures names that differ more")
    return found


def receivers(policy: Policy) -> list[Receiver]:
    """Return what receives the log of the procedures that are scheduled, in the policy's order."""
    found = []
    for name in dict.fromkeys(entry.procedure for entry in policy.schedule):
        procedure = policy.procedures[name]
        if procedure.receive and procedure.receiver_restart:
            found.append(
                Receiver(
                    name=_name(name, "receive"),
                    procedure=name,
                    words=procedure.receive.words,
                    variables={"BACKUP_SET": procedure.set},
                    needs=("BACKUP_REPOSITORY", *CONNECTION[procedure.engine], *procedure.pass_environment),
                    programs=tuple(dict.fromkeys(file.parent for file in procedure.server_programs)),
                    back_within=procedure.receiver_restart,
                )
            )
    return found


def beside(policy: Policy) -> list[str]:
    """Return what has to run beside the jobs, which no scheduler starts: how the write-ahead log is kept."""
    told = []
    for name in dict.fromkeys(entry.procedure for entry in policy.schedule):
        procedure = policy.procedures[name]
        if procedure.archive:
            told.append(f"{name}: the server's archive_command is '{procedure.archive}'")
        if procedure.receive:
            told.append(f"{name}: '{procedure.receive}' is kept running, as a service")
    return told


def _routine(routine: Routine) -> Job:
    _refuse_placeholder(routine.name, routine.command)
    _refuse_special(routine)
    return Job(
        name=_name(routine.name),
        procedure=routine.name,
        action=None,
        words=routine.command.words,
        variables={},
        needs=routine.pass_environment,
        times=(routine,),
        time_limit=routine.time_limit,
    )


def _job(policy: Policy, name: str, action: Kind, times: tuple[Schedule, ...], *, beside_another: bool) -> Job:
    procedure = policy.procedures[name]
    command = policy.command(name, action)
    _refuse_placeholder(f"{action} command of {name}", command)
    for entry in times:
        _refuse_special(entry)
    tier = times[0].tier
    return Job(
        name=_name(name, action, *([tier] if tier and beside_another else [])),
        procedure=name,
        action=action,
        words=command.words,
        variables={
            "BACKUP_SET": procedure.set,
            **({"BACKUP_TIER": tier} if tier else {}),
            **_retention(policy, action),
            **(policy.offsite.facts if action in AWAY and policy.offsite else {}),
        },
        needs=_needs(policy, procedure, action),
        times=times,
        time_limit=policy.time_limit(name, action),
    )


def _retention(policy: Policy, action: Kind) -> dict[str, str]:
    """Return what a command must know of retention: pruning all of it, the others the term that they promise."""
    facts = policy.retention.variables
    return facts if action == "prune" else {"RETENTION_DAYS": facts["RETENTION_DAYS"]}


def _needs(policy: Policy, procedure: Procedure, action: Kind) -> tuple[str, ...]:
    if action in AWAY and policy.offsite:
        return ("BACKUP_REPOSITORY", *policy.offsite.credentials)
    connection = () if action in ("prune", "verify") else CONNECTION[procedure.engine]
    return ("BACKUP_REPOSITORY", *connection, *procedure.pass_environment)


def _name(*words: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", "-".join((PREFIX, *words)).lower()).strip("-")
    if len(plain) > LONGEST_NAME:
        raise DrillError(f"the name {plain} is longer than {LONGEST_NAME} characters", remedy="shorten the procedure's")
    return plain


def _refuse_placeholder(what: str, command: Command) -> None:
    if unknown := _PLACEHOLDER.search(command.text):
        raise DrillError(
            f"the {what} wants {unknown[0]}, which is not known when it is scheduled",
            remedy="let the command find it by itself, or take it out of the schedule",
        )


def _refuse_special(entry: Timetable) -> None:
    *_, day, _month, weekday = entry.cron.upper().split()
    if _NOT_EVERYWHERE.search(_WORD.sub("", day + weekday)):
        raise DrillError(
            f"{entry.cron!r} has a last, nth or nearest day, which not every scheduler knows",
            remedy="name days of the month or of the week",
        )
