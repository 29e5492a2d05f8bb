"""Fingerprints of what nobody holds, for the tests of how they compare."""

from datetime import UTC, datetime
from hashlib import sha256

from hypothesis import strategies as st

from drill.fingerprints import (
    Fingerprint,
    Item,
)
from drill.fingerprints.content import Census, Content

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW_MS = 1_772_366_400_000
NAMES = st.text(min_size=1, max_size=8)
FACTS = st.dictionaries(NAMES.map("table {}".format), NAMES, max_size=5)
ROWS = st.dictionaries(NAMES, NAMES, min_size=1, max_size=12)
HOLDING = st.dictionaries(NAMES.map("rows of table {}".format), ROWS, min_size=1, max_size=4)


def number(text):
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big", signed=True)


def item(key, value, expires=None):
    return Item(draw=number(f"draw {key}"), digest=number(f"{key!r} {value!r} {expires}"), expires=expires)


def content(rows, expiries=None):
    census = Census()
    for key, value in rows.items():
        census.add(key, item(key, value, (expiries or {}).get(key)))
    return census.content


def narrowed(whole, mask):
    """Return what a content would be, had it sampled by that mask."""
    return Content(whole.rows, whole.digest, mask, whole.sampled(mask=mask), whole.expiring, whole.period)


def fingerprint(holding, facts=None, *, taken_at=NOW, engine="postgres"):
    return Fingerprint(engine, facts or {}, {where: content(rows) for where, rows in holding.items()}, taken_at)


def one_place(whole, *, taken_at=NOW):
    return Fingerprint("redis", {}, {"keys of database 0": whole}, taken_at)


def places(found):
    return [(difference.where, difference.kind) for difference in found]
