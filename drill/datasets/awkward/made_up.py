"""Content that is made up at random: schemas with odd names, any types, and values that nobody thought of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import given as forall
from hypothesis import seed as seeded
from hypothesis import strategies as st

from drill.datasets.awkward.derived import LARGE_TYPES, generated, large
from drill.datasets.awkward.drawn_types import drawn_types
from drill.datasets.awkward.example import UNLOGGED, Abilities, Example, literal, name, quoted
from drill.datasets.awkward.families import TEXTS, Family, families, names

# Columns that a table has already.
_TAKEN = {"part", "tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"}
_KINDS = ("TABLE", "TABLE", "UNLOGGED TABLE", "PARTITIONED TABLE")
ONE_LARGE_OF = 10
"""One of so many tables holds large values."""


def made_up(number: int, *, seed: int, abilities: Abilities) -> list[Example]:
    """Return that many examples; the same seed gives the same ones.

    Args:
        number: how many.
        seed: any integer.
        abilities: of the server that will hold them.
    """
    found: list[Example] = []

    @seeded(seed)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @forall(examples(abilities))
    def collect(example: Example) -> None:
        found.append(example)

    collect()
    return found


@st.composite
def examples(draw: Any, abilities: Abilities) -> Example:
    """Draw one schema of one to three tables, and of types that are made up for them, each perhaps of those before."""
    titles = draw(st.lists(names().filter(lambda text: len(text.encode()) < 40), min_size=1, max_size=3, unique=True))
    statements: list[str] = []
    types: list[Family] = []
    for number in range(draw(st.integers(0, 3))):
        of = [*families(abilities), *types]
        statement, made = draw(drawn_types(f"type {number} of {titles[0]}", of, abilities))
        statements.append(statement)
        types += made
    for title in titles:
        statements += draw(tables(title, types, abilities))
    return Example(tuple(statements))


@st.composite
def tables(draw: Any, title: str, drawn: Sequence[Family], abilities: Abilities) -> list[str]:
    """Draw one table: what kind it is, its columns, half of them of types that are made up, its rows and comment.

    One of the columns may be reckoned from another, and the first may hold large values.
    """
    kind = draw(st.sampled_from(_KINDS))
    table = name(f"{UNLOGGED} {title}" if kind == "UNLOGGED TABLE" else title)
    columns = draw(st.lists(names(taken=_TAKEN), max_size=5, unique=True))
    built_in = st.sampled_from(families(abilities))
    can_be_large = [family for family in families(abilities) if family.type in LARGE_TYPES]
    any_type = built_in | st.sampled_from(drawn) if drawn else built_in
    types = [draw(any_type) for _ in columns]
    of_large = draw(st.sampled_from(can_be_large)) if columns and draw(st.integers(1, ONE_LARGE_OF)) == 1 else None
    types = [of_large, *types[1:]] if of_large is not None else types
    definitions = [f"{name(column)} {family.type}" for column, family in zip(columns, types, strict=True)]
    if columns and draw(st.booleans()):
        another = draw(names(taken=_TAKEN).filter(lambda text: text not in columns))
        column, family = draw(st.sampled_from(list(zip(columns, types, strict=True))))
        definitions.append(draw(generated(another, column, family, built_in=family not in drawn, abilities=abilities)))
    defined = ", ".join(definitions)
    made = [f"CREATE {kind.replace('PARTITIONED ', '')} {table} ({defined})"]
    if kind == "PARTITIONED TABLE":
        made = [
            f"CREATE TABLE {table} (part int, {defined}) PARTITION BY LIST (part)".replace(", )", ")"),
            f"CREATE TABLE {name('part of ' + title)} PARTITION OF {table} FOR VALUES IN (NULL)",
        ]
    into = f"INSERT INTO {table} ({', '.join(map(name, columns))})" if columns else f"INSERT INTO {table}"
    for _ in range(draw(st.integers(0, 4))):
        row = [literal(draw(family.values(abilities)), family.type) for family in types]
        if of_large is not None:
            row[0] = draw(large(of_large.type))
        made.append(f"{into} VALUES ({', '.join(row)})" if columns else f"{into} DEFAULT VALUES")
    if draw(st.booleans()):
        made.append(f"COMMENT ON TABLE {table} IS {quoted(draw(TEXTS))}")
    return made
