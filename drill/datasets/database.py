"""The camera-counting database: schema, rows, roles and everything that a restore has been seen to lose."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import psycopg

NAME = "camera_counting"
BYTES_PER_ALERT = 1640
"""What an alert takes that ``grow`` adds: five to a page."""
USUAL_QUERIES = (
    "SELECT sum(inbound), sum(outbound) FROM counting.count_events WHERE zone_id = 7",
    "SELECT day, sum(inbound) FROM counting.daily_counts GROUP BY day ORDER BY day",
    "SELECT c.name, count(*), max(e.counted_at) FROM counting.cameras AS c JOIN counting.zones AS z USING (camera_id) "
    "JOIN counting.count_events AS e USING (zone_id) WHERE c.active GROUP BY c.name ORDER BY 2 DESC LIMIT 10",
    "SELECT severity, count(*) FROM counting.alerts WHERE raised_at > '2026-03-03' GROUP BY severity",
    "SELECT * FROM counting.zone_totals ORDER BY inside DESC LIMIT 10",
)
"""What the application asks all day, each in a time that can be measured."""
TRIED = (
    ("camera_app", "", "SELECT count(*) FROM counting.count_events"),
    (
        "camera_app",
        "",
        "INSERT INTO counting.alerts (severity, raised_at) VALUES ('info', '2026-04-01') "
        "RETURNING changed_at = raised_at",
    ),
    ("camera_app", "", "UPDATE counting.configuration SET note = 'new' WHERE key = 'greeting' RETURNING note"),
    ("camera_app", "", "UPDATE counting.configuration SET value = '1' WHERE key = 'greeting' RETURNING value"),
    ("camera_app", "", "DELETE FROM counting.cameras RETURNING name"),
    ("camera_reader", "", "INSERT INTO counting.alerts (severity, raised_at) VALUES ('info', now()) RETURNING true"),
    ("camera_reader", "", "SELECT count(*) FROM counting.users"),
    ("camera_reader", "hue", "SELECT site, count(*) FROM counting.users GROUP BY site"),
    ("camera_reader", "", "SELECT counting.draw(1, 2, 3)"),
    ("camera_reader", "", "SELECT length(lo_get(4711))"),
)
"""What users try: their role, their site, and what they do."""
CANARIES = {
    "the address of a user": "SELECT convert_to(email, 'UTF8') FROM counting.users ORDER BY email LIMIT 1",
    "the text of an alert": (
        "SELECT convert_to(split_part(message, E'\\t', 1), 'UTF8') FROM counting.alerts ORDER BY alert_id LIMIT 1"
    ),
    "the token of a camera": "SELECT token FROM counting.cameras ORDER BY camera_id LIMIT 1",
    "the name of a role": "SELECT rolname::bytea FROM pg_roles WHERE rolname = 'camera_reader'",
}
"""What nobody must learn without having been let into the database."""


def seed(connection: psycopg.Connection[tuple[Any, ...]], *, seed: int, scale: int) -> None:
    """Fill an empty database; the same seed and scale give the same content.

    Args:
        connection: an autocommitting superuser connection.
        seed: any integer.
        scale: multiplies the 7,000 count events of the smallest estate (about 1 MB each step).
    """
    with connection.transaction():
        connection.execute(
            "SELECT set_config('estate.seed', %s, true), set_config('estate.scale', %s, true)", [str(seed), str(scale)]
        )
        connection.execute(files(__package__).joinpath("database.sql").read_bytes())


def grow(connection: psycopg.Connection[tuple[Any, ...]], *, alerts: int) -> None:
    """Add alerts of about ``BYTES_PER_ALERT``, which compress as well as the rest does.

    Few large rows, because what is wanted is bytes: as count events the same would take ten times as long.
    """
    connection.execute(
        "INSERT INTO counting.alerts (severity, raised_at, message) "
        "SELECT 'info', timestamptz '2026-03-08 00:00+00' + n * interval '1 second', "
        "repeat((SELECT string_agg(md5(n || ' ' || part), '') FROM generate_series(1, 16) AS part), 3) "
        "FROM generate_series(1, %s) AS n",
        [alerts],
    )


def health(connection: psycopg.Connection[tuple[Any, ...]]) -> tuple[object, ...]:
    """Return the application's first question answered: cameras in service, and the busiest day's traffic."""
    row = connection.execute(
        "SELECT (SELECT count(*) FROM counting.cameras WHERE active), max(inbound), max(outbound) "
        "FROM (SELECT sum(inbound) AS inbound, sum(outbound) AS outbound "
        "FROM counting.daily_counts GROUP BY day) AS days"
    ).fetchone()
    return row or ()


def write(connection: psycopg.Connection[tuple[Any, ...]], number: int) -> None:
    """Write one ledger row; it is acknowledged when this returns."""
    connection.execute("INSERT INTO counting.written (number) VALUES (%s)", [number])


def written(connection: psycopg.Connection[tuple[Any, ...]]) -> set[int]:
    """Return the numbers of the ledger rows that are there."""
    return {number for (number,) in connection.execute("SELECT number FROM counting.written")}


def size(connection: psycopg.Connection[tuple[Any, ...]]) -> int:
    """Return the database's size in bytes."""
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


def canaries(connection: psycopg.Connection[tuple[Any, ...]]) -> dict[str, bytes]:
    """Return some of what the database guards, as bytes that are sure to be told from anything else."""
    return {what: connection.execute(question).fetchall()[0][0] for what, question in CANARIES.items()}


def attempts(connection: psycopg.Connection[tuple[Any, ...]]) -> dict[str, str]:
    """Return what came of things that the application's users try, in their own roles; nothing of it stays."""
    return {
        f"{role} of {site or 'no site'}: {what}": _attempt(connection, role, site, what) for role, site, what in TRIED
    }


def _attempt(connection: psycopg.Connection[tuple[Any, ...]], role: str, site: str, what: str) -> str:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(
                "SELECT set_config('role', %s, true), set_config('counting.site', %s, true)", [role, site]
            )
            return str(connection.execute(what.encode()).fetchall())
    except psycopg.errors.InsufficientPrivilege:
        return "refused"
    except psycopg.Error as error:
        return f"error {error.sqlstate}"
