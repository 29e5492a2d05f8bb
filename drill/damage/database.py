"""Sabotage of a restored database: it looks whole, but cannot be worked with or is only nearly the same."""

from __future__ import annotations

from typing import Any

import psycopg

from drill.errors import DrillError

SABOTAGE = {
    "its numbering starts anew": "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence",
    "a row takes the next number": (
        "INSERT INTO counting.cameras OVERRIDING SYSTEM VALUE SELECT last_value + 1, 'next', '10.0.0.1', "
        "'2026-01-01', true, '{}', '{}', '' FROM counting.cameras_camera_id_seq"
    ),
    "an index is left invalid": (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'counting.users_email_lower'::regclass"
    ),
    "a constraint is left unvalidated": (
        "ALTER TABLE counting.zones DROP CONSTRAINT zones_capacity_check, "
        "ADD CONSTRAINT zones_capacity_check CHECK (capacity > 0) NOT VALID"
    ),
    "a materialized view is left empty": "REFRESH MATERIALIZED VIEW counting.zone_totals WITH NO DATA",
    "the triggers are left switched off": "ALTER TABLE counting.alerts DISABLE TRIGGER ALL",
    "a trigger fires for replicas only": "ALTER TABLE counting.alerts ENABLE REPLICA TRIGGER alerts_stamp",
    "a trigger swallows new rows": (
        "CREATE FUNCTION counting.swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; "
        "CREATE TRIGGER a_first BEFORE INSERT ON counting.alerts FOR EACH ROW EXECUTE FUNCTION counting.swallow()"
    ),
    "a grant is lost": "REVOKE INSERT ON counting.alerts FROM camera_app",
    "a grant is too wide": "GRANT DELETE ON counting.cameras TO camera_app",
    "everybody sees every row": "ALTER TABLE counting.users DISABLE ROW LEVEL SECURITY",
    "the planner knows nothing": "DELETE FROM pg_statistic",
    # To one of everything.
    "an empty text turns into nothing": """UPDATE "example 1"."of text" SET one = NULL WHERE one = ''""",
    "a number gets another decimal": """UPDATE "example 1"."of numeric" SET one = 1.000 WHERE one::text = '1.00'""",
    "a zero loses its sign": """UPDATE "example 1"."of real" SET one = 0 WHERE one::text = '-0'""",
    "an interval turns 30 days to 1 mon": (
        """UPDATE "example 1"."of interval" SET one = '1 mon' WHERE one::text = '30 days'"""
    ),
    "a row that had twins is lost": """DELETE FROM "example 2".twins WHERE ctid = '(0,1)'""",
    "a byte of a large object changes": (
        "SELECT lo_put(oid, 59999, '\\x00') FROM pg_largeobject_metadata WHERE length(lo_get(oid)) = 60000"
    ),
    "a comment is lost": """COMMENT ON COLUMN "example 2".bound.label IS NULL""",
}


def sabotage(connection: psycopg.Connection[Any], kind: str) -> None:
    """Do one of ``SABOTAGE`` to the connected database.

    Raises:
        DrillError: no such sabotage.
    """
    if kind not in SABOTAGE:
        raise DrillError(f"no sabotage {kind!r}", remedy=f"use one of {', '.join(SABOTAGE)}")
    connection.execute(SABOTAGE[kind].encode())
