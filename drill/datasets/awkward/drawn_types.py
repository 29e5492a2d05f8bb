"""Types that are made up: enumerations, domains, composites and ranges of other types, and arrays of all these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from drill.datasets.awkward.example import Abilities, name, quoted
from drill.datasets.awkward.families import Family, array, in_quotes, names

SEPARATED_OTHERWISE = "box"
"""In arrays of it, and of domains over it, other signs than commas stand between the elements."""
ORDERED = frozenset(
    {
        "bigint",
        "bytea",
        "date",
        "double precision",
        "inet",
        "interval",
        "numeric",
        "text",
        "time",
        "timestamp with time zone",
        "uuid",
    }
)
"""Built-in types that ranges are made of: of the values of others, nobody knows which comes first."""


@st.composite
def drawn_types(draw: Any, title: str, of: Sequence[Family], abilities: Abilities) -> tuple[str, list[Family]]:
    """Draw one type; return the statement that makes it, its family, that of its arrays and of whatever comes with it.

    Args:
        draw: hypothesis's own.
        title: what it is called.
        of: the families that it may be made of.
        abilities: of the server that will hold it.
    """
    make = draw(st.sampled_from((_enumeration, _domain, _composite, _range)))
    statement, family, *more = draw(make(title, of, abilities))
    elements = st.lists(family.values(abilities), max_size=3)
    return statement, [family, Family(f"{family.type}[]", ("{}", "{NULL}"), elements.map(array)), *more]


@st.composite
def _enumeration(draw: Any, title: str, _of: Sequence[Family], _abilities: Abilities) -> tuple[str, Family]:
    labels = draw(st.lists(names() | st.just(""), min_size=1, max_size=4, unique=True))
    listed = ", ".join(map(quoted, labels))
    return f"CREATE TYPE {name(title)} AS ENUM ({listed})", Family(name(title), tuple(labels), st.sampled_from(labels))


@st.composite
def _domain(draw: Any, title: str, of: Sequence[Family], abilities: Abilities) -> tuple[str, Family]:
    family = draw(st.sampled_from([family for family in of if family.type != SEPARATED_OTHERWISE]))
    statement = f"CREATE DOMAIN {name(title)} AS {family.type}"
    return statement, Family(name(title), family.known_to(abilities), family.others)


@st.composite
def _composite(draw: Any, title: str, of: Sequence[Family], abilities: Abilities) -> tuple[str, Family]:
    fields = draw(st.lists(names(), min_size=1, max_size=4, unique=True))
    families = [draw(st.sampled_from(of)) for _ in fields]
    defined = ", ".join(f"{name(field)} {family.type}" for field, family in zip(fields, families, strict=True))
    rows = st.tuples(*(family.values(abilities) for family in families)).map(_row)
    return f"CREATE TYPE {name(title)} AS ({defined})", Family(name(title), (_row([None] * len(fields)),), rows)


@st.composite
def _range(draw: Any, title: str, of: Sequence[Family], abilities: Abilities) -> tuple[str, Family, Family]:
    family = draw(st.sampled_from([family for family in of if family.type in ORDERED]))
    # Only the server knows which of two values comes first, so that none has two different ends.
    ends = (st.sampled_from(family.known_to(abilities)) | family.others).map(in_quotes)
    ranges = st.tuples(st.sampled_from(("[{0},{0}]", "({0},)", "[,{0})", "[{0},{0})")), ends).map(_between)
    several = name(f"{title} many")
    statement = f"CREATE TYPE {name(title)} AS RANGE (subtype = {family.type}, multirange_type_name = {several})"
    return (
        statement,
        Family(name(title), ("empty", "(,)"), ranges),
        Family(several, ("{}", "{(,)}"), st.lists(ranges, max_size=3).map(lambda each: f"{{{','.join(each)}}}")),
    )


def _between(drawn: tuple[str, str]) -> str:
    ends, value = drawn
    return ends.format(value)


def _row(values: Sequence[str | None]) -> str:
    """Return a composite value as text: a NULL is nothing at all, and everything else is in quotes."""
    quoted_ones = ("" if each is None else '"' + each.replace("\\", "\\\\").replace('"', '""') + '"' for each in values)
    return f"({','.join(quoted_ones)})"
