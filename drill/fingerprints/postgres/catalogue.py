"""The definitions in a PostgreSQL database, as facts: one statement per sort of object, in ``definitions/``."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

from drill.fingerprints.postgres.canonical import canonical

_SEQUENCES = """
SELECT place, nspname, relname, seqincrement
FROM own_class JOIN own_schema ON own_schema.oid = relnamespace JOIN pg_sequence ON seqrelid = own_class.oid
"""


def definitions(cursor: psycopg.Cursor[tuple[Any, ...]]) -> dict[str, str]:
    """Return what defines each object of the database and each role of the server, by place."""
    return {
        place: canonical(definition)
        for statement in _statements()
        for place, definition in cursor.execute(statement).fetchall()
    }


def sequence_states(cursor: psycopg.Cursor[tuple[Any, ...]]) -> tuple[dict[str, str], dict[str, str]]:
    """Return where each sequence stands, and where those will that a crash moves on.

    The server logs a sequence's values ahead of their use; recovery leaves it standing on the last one logged.
    """
    found = cursor.execute(_own(_SEQUENCES)).fetchall()
    states = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {}, last_value, is_called, last_value + log_cnt * {} FROM {}").format(
            sql.Literal(place), sql.Literal(increment), sql.Identifier(schema, name)
        )
        for place, schema, name, increment in found
    )
    stands, moves = {}, {}
    for place, last_value, is_called, logged in cursor.execute(states).fetchall() if found else []:
        stands[f"state of {place}"] = f"last value {last_value}, {'called' if is_called else 'not called yet'}"
        if logged != last_value:
            moves[f"state of {place}"] = f"last value {logged}, called"
    return stands, moves


def _statements() -> list[bytes]:
    directory = files("drill.fingerprints.postgres") / "definitions"
    names = sorted(entry.name for entry in directory.iterdir() if not entry.name.startswith("_"))
    return [_own((directory / name).read_text(encoding="utf-8")) for name in names]


def _own(statement: str) -> bytes:
    """Return the statement with the names own_schema, own_class and extension_member defined."""
    prelude = (files("drill.fingerprints.postgres") / "definitions" / "_own.sql").read_text(encoding="utf-8")
    return f"{prelude}\n{statement}".encode()
