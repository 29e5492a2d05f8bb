"""Faults of databases that were restored from a dump: what the restore, or the server that it came to, made of it."""

from __future__ import annotations

import shlex

from drill.damage.database import SABOTAGE
from drill.damage.faults.dumps import DIFFERENT, OF_THE_RESTORED, instead
from drill.damage.faults.fault import Fault, Injection, then


def _done(statement: str) -> Injection:
    """Have the restored database come out with this done to it, as a restore that leaves something out does."""
    psql = f"psql --no-psqlrc --quiet --no-password --set=ON_ERROR_STOP=1 --command={shlex.quote(statement)}"
    return then(psql)


FLAWS = (
    ("RESTORE-NUMBERS-ANEW", "sequences came back at their beginning", "its numbering starts anew"),
    ("RESTORE-INDEX-INVALID", "an index is there and not valid", "an index is left invalid"),
    ("RESTORE-UNVALIDATED", "a constraint is there and was never validated", "a constraint is left unvalidated"),
    ("RESTORE-VIEW-EMPTY", "a materialized view was never refreshed", "a materialized view is left empty"),
    (
        "RESTORE-TRIGGERS-OFF",
        "triggers were switched off for the restore and stay so",
        "the triggers are left switched off",
    ),
    ("RESTORE-GRANT-LOST", "the application may no longer write", "a grant is lost"),
    ("RESTORE-GRANT-WIDE", "the application may do more than it might", "a grant is too wide"),
    ("RESTORE-ROWS-BARED", "everybody sees every row", "everybody sees every row"),
)
"""What a restored database can lack: the fault, what happens in the field, and which of ``SABOTAGE`` does it."""

STATEMENTS = (
    (
        "RESTORE-ROW-LOST",
        "a row that violated something was skipped",
        "DELETE FROM counting.configuration WHERE key = (SELECT min(key) FROM counting.configuration)",
    ),
    (
        "RESTORE-OWNERS-LOST",
        "everything belongs to whoever restored it",
        "REASSIGN OWNED BY camera_owner TO CURRENT_USER",
    ),
    (
        "RESTORE-NUMBER-TAKEN",
        "the next number is one that is taken",
        "SELECT setval(seq, (SELECT last_value FROM counting.cameras_camera_id_seq), false) "
        "FROM CAST('counting.cameras_camera_id_seq' AS regclass) AS seq",
    ),
    (
        "RESTORE-STALE",
        "a replica that lagged was dumped",
        "DELETE FROM counting.alerts WHERE alert_id IN "
        "(SELECT alert_id FROM counting.alerts ORDER BY alert_id DESC LIMIT 3)",
    ),
    (
        "RESTORE-INDEX-LOST",
        "single tables were restored, and no index of them",
        "DROP INDEX counting.count_events_zone",
    ),
    (
        "RESTORE-VIEW-LOST",
        "single tables were restored, and no view of them",
        "DROP MATERIALIZED VIEW counting.zone_totals",
    ),
    (
        "RESTORE-TRIGGER-LOST",
        "single tables were restored, and no trigger of them",
        "DROP TRIGGER alerts_stamp ON counting.alerts",
    ),
    (
        "RESTORE-CONSTRAINT-LOST",
        "a constraint could not be made after the rows, and nobody looked",
        "ALTER TABLE counting.zones DROP CONSTRAINT zones_capacity_check",
    ),
    ("RESTORE-EXTENSION-LOST", "the new server lacks an extension", "DROP EXTENSION unaccent"),
    (
        "RESTORE-EXTENSION-OLDER",
        "the new server has an extension in an older version",
        "UPDATE pg_extension SET extversion = '1.0' WHERE extname = 'unaccent'",
    ),
    (
        "RESTORE-SORTED-OTHERWISE",
        "the database was made under another locale",
        "UPDATE pg_database SET datcollate = 'C', datctype = 'C' WHERE datname = current_database()",
    ),
    (
        "RESTORE-ENCODING-LOST",
        "the database was made without an encoding, and takes any bytes",
        "UPDATE pg_database SET encoding = 0 WHERE datname = current_database()",
    ),
)
"""The same, with the statement that does it."""

FAULTS = (
    *(
        Fault(name, "dump", what, _done(SABOTAGE[key]), DIFFERENT, quick=name == "RESTORE-NUMBERS-ANEW")
        for name, what, key in FLAWS
    ),
    *(Fault(name, "dump", what, _done(statement), DIFFERENT) for name, what, statement in STATEMENTS),
    Fault(
        "RESTORE-NOTHING",
        "dump",
        "the restore says that all is well and has done nothing",
        instead("echo '{}'"),
        OF_THE_RESTORED,
        quick=True,
    ),
    Fault(
        "RESTORE-EMPTY-DATABASE",
        "dump",
        "an empty database of that name was restored",
        instead("psql --dbname=postgres --no-password -qc 'CREATE DATABASE camera_counting' >&2; echo '{}'"),
        OF_THE_RESTORED,
    ),
)
