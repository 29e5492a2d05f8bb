"""A blank cache holds neither keys nor functions nor users; whatever a refused restore left of these is told."""

import pytest

from drill.fingerprints.difference import Kind, differences
from drill.stores import CacheStore

LIBRARY = "#!lua name=counting\nredis.register_function('one', function() return 1 end)"


@pytest.mark.parametrize(
    ("command", "left"),
    [
        (("SET", "count:7:in", "1"), ["database index db0"]),
        (("FUNCTION", "LOAD", LIBRARY), ["functions"]),
        (("ACL", "SETUSER", "dashboard", "on", "nopass"), ["user dashboard"]),
    ],
)
def test_what_a_blank_cache_does_not_have_is_told(blank_redis, command, left):
    store = CacheStore(blank_redis)
    assert [] == store.leftovers()

    with blank_redis.client() as client:
        client.execute_command(*command)

    assert left == store.leftovers()


def test_a_cache_grows_to_a_size_and_never_replaces_what_it_holds(blank_redis):
    store = CacheStore(blank_redis)
    store.grow(1_000_000)
    before = store.fingerprint()
    store.grow(2_000_000)
    after = store.fingerprint()

    assert 2_000_000 <= store.size() < 2_500_000
    assert before.rows < after.rows
    assert {Kind.MISSING} & {each.kind for each in differences(before, after)} == set()
