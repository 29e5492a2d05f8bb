"""Content that is made up at random: schemas with odd names, any types, and values that nobody thought of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import given as forall
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from drill.datasets.awkward.example import UNLOGGED, Abilities, Example, literal, name, quoted
from drill.datasets.awkward.families import CHARACTERS, TEXTS, families

LONGEST_NAME = 63
# Columns that a table has already.
_TAKEN = {"part", "tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"}
_KINDS = ("TABLE", "TABLE", "UNLOGGED TABLE", "PARTITIONED TABLE")


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


def names(*, taken: Collection[str] = ()) -> SearchStrategy[str]:
    """Return a strategy for names that a server takes as they are."""
    fitting = st.text(CHARACTERS, min_size=1, max_size=20).filter(
        lambda text: len(text.encode()) <= LONGEST_NAME and text not in taken
    )
    return fitting | st.sampled_from(["select", "Đếm người", 'a"b', "a.b", "%s", " ", "{}", "a'b", "\\", "n\nl"])


@st.composite
def examples(draw: Any, abilities: Abilities) -> Example:
    """Draw one schema of one to three tables."""
    titles = draw(st.lists(names().filter(lambda text: len(text.encode()) < 40), min_size=1, max_size=3, unique=True))
    return Example(tuple(statement for title in titles for statement in draw(tables(title, abilities))))


@st.composite
def tables(draw: Any, title: str, abilities: Abilities) -> list[str]:
    """Draw one table: what kind it is, its columns, rows and comment."""
    kind = draw(st.sampled_from(_KINDS))
    table = name(f"{UNLOGGED} {title}" if kind == "UNLOGGED TABLE" else title)
    columns = draw(st.lists(names(taken=_TAKEN), max_size=5, unique=True))
    types = [draw(st.sampled_from(families(abilities))) for _ in columns]
    defined = ", ".join(f"{name(column)} {family.type}" for column, family in zip(columns, types, strict=True))
    made = [f"CREATE {kind.replace('PARTITIONED ', '')} {table} ({defined})"]
    if kind == "PARTITIONED TABLE":
        made = [
            f"CREATE TABLE {table} (part int, {defined}) PARTITION BY LIST (part)".replace(", )", ")"),
            f"CREATE TABLE {name('part of ' + title)} PARTITION OF {table} FOR VALUES IN (NULL)",
        ]
    into = f"INSERT INTO {table} ({', '.join(map(name, columns))})" if columns else f"INSERT INTO {table}"
    for _ in range(draw(st.integers(0, 4))):
        values = [literal(draw(family.values(abilities)), family.type) for family in types]
        made.append(f"{into} VALUES ({', '.join(values)})" if columns else f"{into} DEFAULT VALUES")
    if draw(st.booleans()):
        made.append(f"COMMENT ON TABLE {table} IS {quoted(draw(TEXTS))}")
    return made
