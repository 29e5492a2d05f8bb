"""The camera-counting database: schema, rows, roles and everything that a restore has been seen to lose."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import psycopg

NAME = "camera_counting"


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
