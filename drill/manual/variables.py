"""Which variables the commands find in their environment: their names, and never what they hold."""

from __future__ import annotations

from typing import Literal

from drill.policy import Policy, Procedure
from drill.timetable.jobs import CONNECTION

FILES = "/etc/dr-drill/PROCEDURE.env"
"""Where the entries that ``dr-drill schedule`` writes look for them."""
_HOST = ("BACKUP_SOURCE",)


def needed(policy: Policy, procedure: Procedure, kind: Literal["backup", "restore"]) -> tuple[str, ...]:
    """Return the names of the variables of a procedure's command, by the contract and by the policy."""
    keys = policy.encryption.variables(kind, directory=policy.directory) if policy.encryption else ()
    own = _backing_up(procedure) if kind == "backup" else _restoring(procedure)
    return ("BACKUP_REPOSITORY", "BACKUP_SET", *own, *keys, *procedure.pass_environment)


def fetching(policy: Policy) -> tuple[str, ...]:
    """Return those of the command that fetches a backup from the other site; none where there is no other site."""
    if policy.offsite is None:
        return ()
    return ("BACKUP_REPOSITORY", "BACKUP_SET", "BACKUP_ID", *policy.offsite.facts, *policy.offsite.credentials)


def _backing_up(procedure: Procedure) -> tuple[str, ...]:
    of_host = _HOST if procedure.engine == "files" else ()
    return (*CONNECTION[procedure.engine], *of_host, "RETENTION_DAYS")


def _restoring(procedure: Procedure) -> tuple[str, ...]:
    """Return those of a restore: into a server by its connection, of its files and of a host's by their place."""
    is_served = procedure.engine in ("postgres", "redis")
    connection = CONNECTION[procedure.engine] if is_served else ()
    place = ("RESTORE_TARGET",) if procedure.fetch or not is_served else ()
    log = ("RECOVERY_TARGET", "RESTORE_COMMAND") if procedure.fetch else ()
    return ("BACKUP_ID", *connection, *place, *log)
