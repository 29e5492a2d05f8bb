"""One of everything: a table for each family of types with its notorious values, and every structure."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from drill.datasets.awkward.derived import VIRTUAL_COLUMNS
from drill.datasets.awkward.example import Abilities, Example, literal, name
from drill.datasets.awkward.families import Family, families

STRUCTURES = "everything.sql"


def everything(abilities: Abilities) -> list[Example]:
    """Return two examples, of all types and of all structures; they are the same every time."""
    types = [statement for family in families(abilities) for statement in _table(family, abilities)]
    return [Example(tuple(types)), Example((*_structures(), *_newer(abilities)))]


def _table(family: Family, abilities: Abilities) -> Iterator[str]:
    table = name(f"of {family.type}")
    yield f"CREATE TABLE {table} (id serial, one {family.type}, many {family.type.removesuffix('[]')}[])"
    for value in family.known_to(abilities):
        one = literal(value, family.type)
        many = one if family.type.endswith("[]") else f"ARRAY[{one}, NULL, {one}]"
        yield f"INSERT INTO {table} (one, many) VALUES ({one}, {many})"  # noqa: S608 - quoted above
    yield f"INSERT INTO {table} (one, many) VALUES (NULL, '{{}}'), (NULL, NULL)"  # noqa: S608


def _structures() -> list[str]:
    text = (files("drill.datasets.awkward") / STRUCTURES).read_text("utf-8")
    return [statement for statement in text.split(";\n") if statement.strip()]


def _newer(abilities: Abilities) -> Iterator[str]:
    if abilities.version >= VIRTUAL_COLUMNS:
        yield "CREATE TABLE reckoned (a integer, half integer GENERATED ALWAYS AS (a / 2) VIRTUAL)"
        yield "INSERT INTO reckoned (a) VALUES (1), (NULL)"
