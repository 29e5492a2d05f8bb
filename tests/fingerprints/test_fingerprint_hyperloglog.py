"""A HyperLogLog is what its registers are, however a server writes them."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.fingerprints import differences
from drill.fingerprints.redis import fingerprint
from drill.fingerprints.redis.hyperloglog import MAGIC, REGISTERS, canonical, canonical_parts


@pytest.fixture
def client(filled):
    """A client of an empty database."""
    with filled.client() as client:
        client.flushall()
        yield client


def registers(client, key: str) -> bytes:
    """Return them as the server itself tells them."""
    return bytes(client.execute_command("PFDEBUG", "GETREG", key))


def add(client, key: str, number: int) -> None:
    client.pfadd(key, *(f"visitor {each}" for each in range(number)))


@pytest.mark.parametrize("number", [0, 1, 100, 100_000])
def test_the_registers_are_those_that_the_server_tells(client, number):
    add(client, "visitors", number)
    value = client.get("visitors")

    assert MAGIC + registers(client, "visitors") == canonical(value)


def test_dense_and_sparse_are_no_difference(client):
    add(client, "visitors", 100)
    sparse = client.get("visitors")
    expected = fingerprint(client)
    client.execute_command("PFDEBUG", "TODENSE", "visitors")

    assert sparse != client.get("visitors")
    assert [] == differences(expected, fingerprint(client))


def test_a_count_that_the_server_remembers_is_no_difference(client):
    add(client, "visitors", 100)
    counted = client.get("visitors")
    expected = fingerprint(client)
    client.pfcount("visitors")

    assert counted != client.get("visitors")
    assert [] == differences(expected, fingerprint(client))


def test_what_only_begins_like_one_takes_no_room():
    text = MAGIC + b"\x01" + bytes(11) + b"\x7f\xff" * 8000
    tracemalloc.start()
    try:
        same = canonical(text)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert text == same
    assert most < 1 << 20


@pytest.mark.parametrize("number", [100, 100_000])
def test_one_more_visitor_is_a_difference(client, number):
    add(client, "visitors", number)
    expected = fingerprint(client)
    before = registers(client, "visitors")
    for each in range(number, number + 1000):
        client.pfadd("visitors", f"visitor {each}")
        if before != registers(client, "visitors"):
            break

    assert ["keys of database 0"] == [difference.where for difference in differences(expected, fingerprint(client))]


@settings(database=None, deadline=None)
@given(st.binary(max_size=40) | st.binary(max_size=40).map(lambda rest: MAGIC + rest))
def test_what_only_looks_like_one_is_left_alone(value):
    canonical_value = canonical(value)

    assert canonical_value == value or len(canonical_value) == len(MAGIC) + REGISTERS


@settings(database=None, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, REGISTERS - 1), st.binary(min_size=11, max_size=11))
def test_dense_registers_that_differ_stay_apart(random, register, header):
    bits = random.getrandbits(6 * REGISTERS)
    one, other = (
        canonical(MAGIC + b"\0" + header + each.to_bytes(6 * REGISTERS // 8, "little"))[len(MAGIC) :]
        for each in (bits, bits ^ 1 << 6 * register)
    )

    assert [register] == [place for place in range(REGISTERS) if one[place] != other[place]]


@settings(database=None, deadline=None)
@given(st.lists(st.binary(max_size=8)), st.sampled_from([b"", MAGIC, MAGIC + b"\1" + b"\0" * 11 + b"\x7f\xff"]))
def test_a_string_that_comes_in_parts_is_the_same(parts, head):
    whole = head + b"".join(parts)
    cut = [head[:2], head[2:5], head[5:], *parts]

    assert canonical(whole) == b"".join(canonical_parts(cut)) == b"".join(canonical_parts([whole]))
