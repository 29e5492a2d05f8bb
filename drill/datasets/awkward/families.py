"""The families of built-in types: for each, the values that have been seen to go wrong, and how to draw others."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from drill.datasets.awkward.example import Abilities

# What PostgreSQL's text cannot hold stays out: the character NUL, and halves of characters.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(CHARACTERS, max_size=40)
LONGEST_NAME = 63  # bytes
_WORDS = st.text(st.sampled_from('abcđệ12 ",{}()[]'), min_size=1, max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
).map(json.dumps)


@dataclass(frozen=True, slots=True)
class Family:
    """A type, its notorious values as text, and a strategy for others.

    ``newer`` holds notorious values that only servers from a version on know.
    """

    type: str
    notorious: tuple[str, ...]
    others: SearchStrategy[str]
    newer: tuple[int, tuple[str, ...]] = (0, ())
    needs_xml: bool = False

    def known_to(self, abilities: Abilities) -> tuple[str, ...]:
        """Return the notorious values that a server knows."""
        since, more = self.newer
        return (*self.notorious, *(more if abilities.version >= since else ()))

    def values(self, abilities: Abilities) -> SearchStrategy[str | None]:
        """Return a strategy for values, NULL among them."""
        return st.none() | st.sampled_from(self.known_to(abilities)) | self.others


def names(*, taken: Collection[str] = ()) -> SearchStrategy[str]:
    """Return a strategy for names that a server takes as they are."""
    fitting = st.text(CHARACTERS, min_size=1, max_size=20).filter(
        lambda text: len(text.encode()) <= LONGEST_NAME and text not in taken
    )
    return fitting | st.sampled_from(["select", "Đếm người", 'a"b', "a.b", "%s", " ", "{}", "a'b", "\\", "n\nl"])


def families(abilities: Abilities) -> list[Family]:
    """Return the families that a server has."""
    return [family for family in FAMILIES if abilities.xml or not family.needs_xml]


def _integers(type_: str, bits: int) -> Family:
    least, most = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    return Family(type_, ("0", str(least), str(most)), st.integers(least, most).map(str))


def _floats(type_: str, width: int, *extremes: str) -> Family:
    special = ("NaN", "Infinity", "-Infinity", "0", "-0", *extremes)
    return Family(type_, special, st.floats(width=width, allow_nan=False, allow_infinity=False).map(repr))  # type: ignore[arg-type]


def _bits(text: Sequence[bool]) -> str:
    return "".join("01"[bit] for bit in text)


def array(elements: Sequence[str | None]) -> str:
    """Return the value of an array as text."""
    return "{" + ",".join("NULL" if each is None else in_quotes(each) for each in elements) + "}"


def in_quotes(text: str) -> str:
    """Return a text as an element of an array or the end of a range."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _range(ends: tuple[int, int]) -> str:
    return f"[{min(ends)},{max(ends) + 1})"


def _listed(parts: Sequence[object]) -> str:
    return ",".join(map(str, parts))


_PLAIN = ("", " ", "NULL", "\\N", "\\.", "\\", "'", '"', "\t", "\r\n", "a\\\nb")
_SHORT = st.integers(-(10**6), 10**6)
_POINTS = st.tuples(_SHORT, _SHORT).map(lambda point: f"({point[0]},{point[1]})")
_PATHS = st.lists(_POINTS, min_size=1, max_size=4).map(_listed)
_SPANS = st.tuples(_SHORT, _SHORT).map(_range)
_TIMES = ("00:00:00", "24:00:00", "23:59:59.999999", "00:00:00.000001")
FAMILIES = (
    Family("boolean", ("true", "false"), st.booleans().map(str)),
    _integers("smallint", 16),
    _integers("integer", 32),
    _integers("bigint", 64),
    Family("oid", ("0", "4294967295"), st.integers(0, 2**32 - 1).map(str)),
    Family(
        "numeric",
        ("NaN", "Infinity", "-Infinity", "0", "0.000", "1.0", "1.00", "-1e-1000", "9" * 1000, "1e1000"),
        st.decimals(allow_nan=False, allow_infinity=False).map(str),
    ),
    Family("numeric(12,4)", ("NaN", "99999999.9999", "-0.0001"), st.decimals(-(10**7), 10**7, places=4).map(str)),
    _floats("real", 32, "1e-45", "3.4028235e38"),
    _floats("double precision", 64, "5e-324", "1.7976931348623157e308", "0.1"),
    Family(
        "money",
        ("0", "-0.01", "92233720368547758.07", "-92233720368547758.08"),
        st.decimals(-(10**9), 10**9, places=2).map(str),
    ),
    Family(
        "text",
        (*_PLAIN, "$$", "ệ", "e\u0323\u0302", "\U0001f469\u200d\U0001f467", "\x01\x7f"),
        TEXTS,
    ),
    Family("character varying(50)", ("", "  two  "), TEXTS),
    Family("character(7)", ("", " x", "ệ"), st.text(CHARACTERS, max_size=7)),
    Family("bpchar", ("", "x  "), TEXTS),
    Family("name", ("", "select"), st.text(st.sampled_from("abc 'đ\""), max_size=20)),
    Family('"char"', ("", "a"), st.sampled_from("abcxyz")),
    Family("bytea", ("\\x", "\\x00", "\\x5c", "\\xdeadbeef00"), st.binary(max_size=60).map(lambda b: f"\\x{b.hex()}")),
    Family(
        "date",
        ("infinity", "-infinity", "4714-11-24 BC", "0001-12-31 BC", "0001-01-01", "5874897-12-31"),
        st.dates().map(str),
    ),
    Family("time", _TIMES, st.times().map(str)),
    Family("time with time zone", tuple(f"{t}-15:59" for t in _TIMES), st.times().map(lambda t: f"{t}+07")),
    Family(
        "timestamp",
        ("infinity", "-infinity", "4714-11-24 00:00:00 BC", "294276-12-31 23:59:59.999999"),
        st.datetimes().map(str),
    ),
    Family(
        "timestamp with time zone",
        (
            "infinity",
            "-infinity",
            "4714-11-24 00:00:00+00 BC",
            "2026-03-29 02:30:00+01",
            "1900-01-01 00:00:00+07:06:30",
        ),
        st.datetimes().map(lambda moment: f"{moment}+00"),
    ),
    Family(
        "interval",
        ("0", "1 mon -1 days +00:00:00.000001", "178000000 years", "-178000000 years", "30 days", "1 mon", "24:00:00"),
        st.tuples(*[st.integers(-(10**4), 10**4)] * 3).map("{0[0]} mons {0[1]} days {0[2]} secs".format),
        newer=(170000, ("infinity", "-infinity")),
    ),
    Family("uuid", ("00000000-0000-0000-0000-000000000000",), st.uuids().map(str)),
    Family("inet", ("0.0.0.0/0", "10.1.2.3/8", "::", "::ffff:1.2.3.4/128"), st.ip_addresses().map(str)),
    Family("cidr", ("0.0.0.0/0", "10.0.0.0/8", "2001:db8::/32"), st.ip_addresses().map(str)),
    Family("macaddr", ("ff:ff:ff:ff:ff:ff",), st.binary(min_size=6, max_size=6).map(bytes.hex)),
    Family("macaddr8", ("08:00:2b:01:02:03:04:05",), st.binary(min_size=8, max_size=8).map(bytes.hex)),
    Family("bit(6)", ("000000",), st.lists(st.booleans(), min_size=6, max_size=6).map(_bits)),
    Family("bit varying", ("", "1", "0" * 100), st.lists(st.booleans(), max_size=70).map(_bits)),
    Family("json", ("null", ' {"a": 1,  "a": 2.10}\n', '"\\u0000"', "1e1000"), _JSON),
    Family("jsonb", ("null", "{}", '{"b": [], "a": 1.10, "ệ": "\\u1ec7"}', "-0.0"), _JSON),
    Family("jsonpath", ("$", 'strict $."a b"[*] ? (@.x > 1.50)'), st.integers(0, 99).map("$[{}]".format)),
    Family("xml", ('<a b="\'">&lt;ệ</a>', "text only", ""), st.integers().map("<n>{}</n>".format), needs_xml=True),
    Family("tsvector", ("", "'it''s':1A,2B 'đông'", "a b:16383D"), _WORDS.map("'{}':3C".format)),
    Family("tsquery", ("", "!'a b' & ('c':AB | d:*) <2> e"), st.integers(1, 9).map("a <{}> b".format)),
    Family("point", ("(0,-0)", "(NaN,Infinity)", "(1e-300,1e300)"), _POINTS),
    Family("line", ("{1,2,3}", "{0,-1,0.1}"), _SHORT.map(lambda n: f"{{1,{n},0}}")),
    Family("lseg", ("[(0,0),(0,0)]",), st.tuples(_POINTS, _POINTS).map("[{0[0]},{0[1]}]".format)),
    Family("box", ("(1,1),(0,0)",), st.tuples(_POINTS, _POINTS).map("{0[0]},{0[1]}".format)),
    Family("path", ("[(0,0)]", "((0,0),(1,1.5))"), _PATHS.map("[{}]".format)),
    Family("polygon", ("((0,0))",), _PATHS.map("({})".format)),
    Family(
        "circle", ("<(0,0),0>", "<(1,2),Infinity>"), st.tuples(_POINTS, st.integers(0, 9)).map("<{0[0]},{0[1]}>".format)
    ),
    Family("int4range", ("empty", "(,)", "[1,1]", "(1,5]"), _SPANS),
    Family("numrange", ("[1.0,1.00]", "(,NaN]"), _SPANS),
    Family("daterange", ("[infinity,)", "[-infinity,infinity)"), st.dates().map(lambda day: f"[{day},]")),
    Family("tstzrange", ("empty", "[-infinity,infinity]"), st.datetimes().map(lambda moment: f"({moment}+00,)")),
    Family("int4multirange", ("{}", "{(,)}", "{[1,3),[5,7)}"), _SPANS.map("{{{}}}".format)),
    Family(
        "int[]",
        ("{}", "{NULL}", "{{1,2},{3,NULL}}", "[0:2]={1,2,3}"),
        st.lists(_SHORT, max_size=5).map(_listed).map("{{{}}}".format),
    ),
    Family(
        "text[]",
        ("{}", '{"a,b","\\"",NULL,"NULL","",\\\\}', "[-1:-1]={x}"),
        st.lists(st.none() | TEXTS, max_size=4).map(array),
    ),
    Family("pg_lsn", ("0/0", "FFFFFFFF/FFFFFFFF"), st.integers(0, 2**32 - 1).map("0/{:X}".format)),
    Family("xid8", ("0", "18446744073709551615"), st.integers(0, 2**64 - 1).map(str)),
    Family("pg_snapshot", ("10:20:10,14,15",), st.integers(1, 9).map("{0}:{0}:".format)),
)
