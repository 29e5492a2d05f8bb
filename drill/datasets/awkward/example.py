"""One schema's worth of content, as the statements that make it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

UNLOGGED = "unlogged"
"""How the name of every unlogged table begins; a physical copy brings those back empty, and rightly so."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a server can hold: its version, as ``180006``, and whether it was built with XML."""

    version: int
    xml: bool


@dataclass(frozen=True, slots=True)
class Example:
    """The statements that fill one schema, to be run in their order while it is the only one on the search path."""

    statements: tuple[str, ...]

    def __str__(self) -> str:
        return ";\n".join(self.statements)


def abilities(connection: psycopg.Connection[Any]) -> Abilities:
    """Return what the connected server can hold."""
    try:
        connection.execute("SELECT xml '<a/>'")
    except psycopg.errors.FeatureNotSupported:
        return Abilities(connection.info.server_version, xml=False)
    return Abilities(connection.info.server_version, xml=True)


def fill(connection: psycopg.Connection[Any], examples: Sequence[Example]) -> None:
    """Put each example into a schema of its own, ``example 1`` and so on.

    Args:
        connection: an autocommitting superuser's, to a database that has none of these schemas.
        examples: at least one, or there is nothing to compare.
    """
    for number, example in enumerate(examples, 1):
        schema = sql.Identifier(f"example {number}")
        with connection.transaction():
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
            connection.execute(sql.SQL("SET LOCAL search_path = {}").format(schema))
            for statement in example.statements:
                connection.execute(statement.encode())


def literal(text: str | None, of: str) -> str:
    """Return a value of a type as SQL."""
    return "NULL" if text is None else f"{quoted(text)}::{of}"


def quoted(text: str) -> str:
    """Return a text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """Return a name as SQL."""
    return '"' + text.replace('"', '""') + '"'
