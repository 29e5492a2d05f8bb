"""What is told by how it is reckoned: generated columns, and values too large to be written down."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from drill.datasets.awkward.example import Abilities, name, quoted
from drill.datasets.awkward.families import TEXTS, Family

LARGE = 1_000_000
"""Bytes of a large value."""
LARGE_TYPES = ("text", "bytea")
VIRTUAL_COLUMNS = 180000
EXPRESSIONS = {
    "boolean": ("boolean", "NOT {}"),
    "smallint": ("numeric", "{}::numeric * 3"),
    "integer": ("numeric", "{}::numeric * 3"),
    "bigint": ("numeric", "{}::numeric * 3"),
    "numeric": ("numeric", "round({} / 3, 3)"),
    "text": ("text", "{} || '!'"),
    "bytea": ("integer", "length({})"),
    "jsonb": ("jsonb", "{} -> 0"),
}
"""The types of generated columns, and what they are reckoned as, by the type of the column that they are of."""
OF_ANY = ("boolean", "{} IS NULL")
PIECES = "(SELECT string_agg(md5(n::text), '') FROM generate_series({first}, {last}) AS n)"
"""A text of 32 bytes for each number, that cannot be compressed well."""


@st.composite
def generated(draw: Any, title: str, column: str, family: Family, *, built_in: bool, abilities: Abilities) -> str:
    """Draw the definition of a column that the server reckons from another one.

    Args:
        draw: hypothesis's own.
        title: what it is called.
        column: what the other one is called.
        family: of the other one.
        built_in: whether that type is the server's own: nothing else may be reckoned each time that it is read.
        abilities: of the server that will hold it.
    """
    of, expression = EXPRESSIONS.get(family.type, OF_ANY)
    kinds = ["STORED", "VIRTUAL"] if built_in and abilities.version >= VIRTUAL_COLUMNS else ["STORED"]
    kind = draw(st.sampled_from(kinds))
    return f"{name(title)} {of} GENERATED ALWAYS AS ({expression.format(name(column))}) {kind}"


@st.composite
def large(draw: Any, type_: str) -> str:
    """Draw a large value of one of ``LARGE_TYPES`` as SQL: one that can be compressed well, or one that cannot."""
    if draw(st.booleans()):
        first = draw(st.integers(0, LARGE))
        pieces = PIECES.format(first=first, last=first + LARGE // 32)
        return pieces if type_ == "text" else f"decode({pieces}, 'hex')"
    unit = draw(TEXTS.filter(bool))
    text = f"repeat({quoted(unit)}, {LARGE // len(unit.encode()) + 1})"
    return text if type_ == "text" else f"convert_to({text}, 'UTF8')"
