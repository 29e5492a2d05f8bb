"""Types that are made up: enumerations, domains and composites of other types, and arrays of all these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from drill.datasets.awkward.example import Abilities, name, quoted
from drill.datasets.awkward.families import Family, array, names

SEPARATED_OTHERWISE = "box"
"""In arrays of it, and of domains over it, other signs than commas stand between the elements."""


@st.composite
def drawn_types(draw: Any, title: str, of: Sequence[Family], abilities: Abilities) -> tuple[str, list[Family]]:
    """Draw one type; return the statement that makes it, its family and that of its arrays.

    Args:
        draw: hypothesis's own.
        title: what it is called.
        of: the families that it may be made of.
        abilities: of the server that will hold it.
    """
    make = draw(st.sampled_from((_enumeration, _domain, _composite)))
    statement, family = draw(make(name(title), of, abilities))
    elements = st.lists(family.values(abilities), max_size=3)
    return statement, [family, Family(f"{family.type}[]", ("{}", "{NULL}"), elements.map(array))]


@st.composite
def _enumeration(draw: Any, called: str, _of: Sequence[Family], _abilities: Abilities) -> tuple[str, Family]:
    labels = draw(st.lists(names() | st.just(""), min_size=1, max_size=4, unique=True))
    listed = ", ".join(map(quoted, labels))
    return f"CREATE TYPE {called} AS ENUM ({listed})", Family(called, tuple(labels), st.sampled_from(labels))


@st.composite
def _domain(draw: Any, called: str, of: Sequence[Family], abilities: Abilities) -> tuple[str, Family]:
    family = draw(st.sampled_from([family for family in of if family.type != SEPARATED_OTHERWISE]))
    return f"CREATE DOMAIN {called} AS {family.type}", Family(called, family.known_to(abilities), family.others)


@st.composite
def _composite(draw: Any, called: str, of: Sequence[Family], abilities: Abilities) -> tuple[str, Family]:
    fields = draw(st.lists(names(), min_size=1, max_size=4, unique=True))
    families = [draw(st.sampled_from(of)) for _ in fields]
    defined = ", ".join(f"{name(field)} {family.type}" for field, family in zip(fields, families, strict=True))
    rows = st.tuples(*(family.values(abilities) for family in families)).map(_row)
    return f"CREATE TYPE {called} AS ({defined})", Family(called, (_row([None] * len(fields)),), rows)


def _row(values: Sequence[str | None]) -> str:
    """Return a composite value as text: a NULL is nothing at all, and everything else is in quotes."""
    quoted_ones = ("" if each is None else '"' + each.replace("\\", "\\\\").replace('"', '""') + '"' for each in values)
    return f"({','.join(quoted_ones)})"
