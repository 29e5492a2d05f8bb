"""Faults of how a restored PostgreSQL server is put in place and started: rights, settings, versions, links."""

from __future__ import annotations

import shlex

from drill.damage.faults.fault import Fault, Injection, then
from drill.damage.faults.physical import LARGEST_TABLE, NOT_STARTED, SPOILT
from drill.damage.victims import PHYSICAL
from drill.recoveries.moments import BACKUP_END


def set_to(**settings: str) -> Injection:
    """Have the restored server start with these settings: the last ones of its last file."""
    return then(added(settings))


def added(settings: dict[str, str]) -> str:
    """Return a script that adds settings to those that a restored server starts with."""
    lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
    return f'printf %s {shlex.quote(lines)} >> "$RESTORE_TARGET"/postgresql.auto.conf'


FAULTS = tuple(
    Fault(name, PHYSICAL, what, inject, found, aim="first", moment=BACKUP_END)
    for name, what, inject, found in (
        (
            "RESTORED-READ-ONLY",
            "files came back with rights that the server cannot write them with",
            then('chmod 0400 "$RESTORE_TARGET"/global/pg_control'),
            NOT_STARTED,
        ),
        (
            "RESTORED-FILE-UNREADABLE",
            "a file came back with an owner, or a mode, that keeps the server from reading it",
            then(f'{LARGEST_TABLE}; chmod 0000 "$f"'),
            SPOILT | NOT_STARTED,
        ),
        (
            "RESTORED-FEWER-CONNECTIONS",
            "the new machine's settings allow less than production's, and the recovery refuses to go on",
            set_to(max_connections="10", max_worker_processes="2"),
            NOT_STARTED,
        ),
        (
            "RESTORED-OTHER-MAJOR",
            "the files are of another major version than the server that is installed",
            then('echo 15 > "$RESTORE_TARGET"/PG_VERSION'),
            NOT_STARTED,
        ),
        (
            "RESTORED-TABLESPACE-UNLINKED",
            "links were left out of the copy, and with them where the tablespaces are",
            then('rm "$RESTORE_TARGET"/pg_tblspc/[0-9]* "$RESTORE_TARGET"/tablespace_map'),
            SPOILT | NOT_STARTED,
        ),
    )
)
