"""A difference names rows and keys so that whoever may look finds them, and nobody gets in by what is told."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.fingerprints import Content, Fingerprint, Item, differences, expirations
from drill.fingerprints.discretion import discreet

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LONG_AGO = 1
TOKENS = st.one_of(
    st.from_regex(r"[0-9a-f]{15,60}[0-9]", fullmatch=True),
    st.uuids(version=4).map(str),
    st.from_regex(r"[A-Za-z_-]{6,20}[0-9][A-Za-z0-9_-]{12,40}", fullmatch=True),
)
AROUND = st.sampled_from(["{}", "session:{}", "({},7)", "field {} of user:1", "login:{}:csrf"])


def holding(engine, key, *, expires=None):
    rows = {name: Item(draw=number, digest=number, expires=expires) for number, name in enumerate((key, "other"))}
    return Fingerprint(engine, {}, {"rows": Content(2, 3, 0, rows)}, NOW)


def without(key, held):
    return Fingerprint(
        held.engine, {}, {"rows": Content(1, 3, 0, {"other": held.contents["rows"].sample["other"]})}, NOW
    )


@pytest.mark.parametrize("engine", ["postgres", "redis"])
@settings(database=None, deadline=None, max_examples=30)
@given(token=TOKENS, around=AROUND)
def test_no_difference_tells_a_token(engine, token, around):
    key = around.format(token)
    whole = holding(engine, key)
    [found] = differences(whole, without(key, whole))

    assert token not in str(found)
    assert token not in repr(found)
    assert f"missing key {around.format(token[:4] + '…')}" in found.keys[0]


@settings(database=None, deadline=None, max_examples=30)
@given(token=TOKENS)
def test_what_has_expired_is_told_as_discreetly(token):
    whole = holding("redis", f"session:{token}", expires=LONG_AGO)
    [found] = expirations(whole, without(f"session:{token}", whole))

    assert token not in repr(found)


@pytest.mark.parametrize("engine", ["files", "git"])
def test_files_and_objects_are_told_whole(engine):
    key = f"var/log/counting-20260301-{uuid.UUID(int=1)}.log.gz"
    whole = holding(engine, key)

    assert (f"missing key {key}",) == differences(whole, without(key, whole))[0].keys


@pytest.mark.parametrize(
    "name", ["count:7:in", "(17)", "(2026-03-01 00:00:00+00,12)", "counts of a day:123", "notifications"]
)
def test_names_that_let_nobody_in_are_told_whole(name):
    assert name == discreet(name)
