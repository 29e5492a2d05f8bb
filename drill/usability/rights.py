"""What each role may really do and see: not what is granted, but what happens when it tries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

REFUSED, ERROR = "refused", "error"
_ROLES = "SELECT rolname FROM pg_roles WHERE NOT rolsuper AND rolname !~ '^pg_' ORDER BY 1"
_RELATIONS = """
SELECT c.oid::regclass::text, relkind FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
WHERE relkind IN ('r', 'p', 'v', 'm') AND nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1
"""
# To explain is to be asked for one's rights, and changes nothing.
_CHANGES = {"insert": "EXPLAIN INSERT INTO {} DEFAULT VALUES", "delete": "EXPLAIN DELETE FROM {}"}


def rights(connection: psycopg.Connection[Any]) -> Mapping[str, str]:
    """Return what came of every role's attempts, such as ``app reads orders: 17 rows`` or ``refused``.

    Args:
        connection: an autocommitting one of a superuser.
    """
    relations = connection.execute(_RELATIONS).fetchall()
    found = {}
    for (role,) in connection.execute(_ROLES).fetchall():
        for relation, kind in relations:
            found[f"{role} reads {relation}"] = _attempt(connection, role, f"SELECT count(*) FROM {relation}")  # noqa: S608
            for verb, statement in _CHANGES.items() if kind in "rp" else ():
                found[f"{role} may {verb} in {relation}"] = _attempt(connection, role, statement.format(relation))
    return found


def _attempt(connection: psycopg.Connection[Any], role: str, statement: str) -> str:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
            ((answer,), *_) = connection.execute(statement.encode()).fetchall()
    except psycopg.errors.InsufficientPrivilege:
        return REFUSED
    except psycopg.Error as error:
        return f"{ERROR} {error.sqlstate}"
    return f"{answer} rows" if isinstance(answer, int) else "allowed"
