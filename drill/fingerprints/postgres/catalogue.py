"""The definitions in a PostgreSQL database, as facts: one statement per sort of object, in ``definitions/``."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql

from drill.fingerprints.postgres.canonical import canonical

_SEQUENCES = """
SELECT place, nspname, relname
FROM own_class JOIN own_schema ON own_schema.oid = relnamespace WHERE relkind = 'S'
"""


def definitions(cursor: psycopg.Cursor[tuple[Any, ...]]) -> dict[str, str]:
    """Return what defines each object of the database and each role of the server, by place."""
    return {
        place: canonical(definition)
        for statement in _statements()
        for place, definition in cursor.execute(statement).fetchall()
    }


def sequence_states(cursor: psycopg.Cursor[tuple[Any, ...]]) -> dict[str, str]:
    """Return where each sequence stands, and whether its last value has been given out already."""
    found = cursor.execute(_own(_SEQUENCES)).fetchall()
    states = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {}, last_value, is_called FROM {}").format(sql.Literal(place), sql.Identifier(schema, name))
        for place, schema, name in found
    )
    return {
        f"state of {place}": f"last value {last_value}, {'called' if is_called else 'not called yet'}"
        for place, last_value, is_called in (cursor.execute(states).fetchall() if found else [])
    }


def _statements() -> list[bytes]:
    directory = files("drill.fingerprints.postgres") / "definitions"
    names = sorted(entry.name for entry in directory.iterdir() if not entry.name.startswith("_"))
    return [_own((directory / name).read_text(encoding="utf-8")) for name in names]


def _own(statement: str) -> bytes:
    """Return the statement with the names own_schema, own_class and extension_member defined."""
    prelude = (files("drill.fingerprints.postgres") / "definitions" / "_own.sql").read_text(encoding="utf-8")
    return f"{prelude}\n{statement}".encode()
