"""A Redis server is read whole: a restart, another encoding or what has rightly expired is no difference."""

import itertools
from datetime import timedelta

import pytest

from drill.fingerprints import FingerprintError, Kind, differences, expirations
from drill.fingerprints.redis import batches, fingerprint, keys
from drill.fingerprints.redis.connection import RedisConnection
from drill.servers.redis import RedisServer
from drill.waiting import Patience, eventually
from tests.fingerprints.one_of_everything import FAR, KEYS, fill


def test_a_restart_from_a_snapshot_is_no_difference(client, filled):
    expected = fingerprint(client)
    client.save()
    filled.kill()
    filled.start()

    found = differences(expected, fingerprint(client))

    # Users are in a file of their own, which this server does not have.
    assert ["user app"] == [difference.where for difference in found]


def rewriting(client):
    return client.info("persistence")["aof_rewrite_in_progress"]


def test_a_restart_from_an_append_only_file_is_no_difference(runtime):
    server = RedisServer.blank(runtime, append_only=True)
    with server.client() as client, server.client(3) as other:
        fill(client, other)
        client.acl_deluser("app")
        client.config_set("appendfsync", "always")
        client.bgrewriteaof()
        client.set("after the rewrite", "x")
        expected = fingerprint(client)
        eventually("the rewrite to end", lambda: not rewriting(client), Patience.SERVER_READY)
        server.kill()
        server.start()
        found = differences(expected, fingerprint(client))
    server.discard()

    assert [] == found


def test_another_encoding_is_no_difference(client):
    expected = fingerprint(client)
    for name in (
        "hash-max-listpack-entries",
        "set-max-listpack-entries",
        "zset-max-listpack-entries",
        "set-max-intset-entries",
    ):
        client.config_set(name, 1)
    client.config_set("list-max-listpack-size", 1)
    for key in client.scan_iter():
        client.restore(
            key, 0 if client.pttl(key) < 0 else client.pexpiretime(key), client.dump(key), replace=True, absttl=True
        )

    assert [] == differences(expected, fingerprint(client))


def test_a_score_of_minus_nought_is_nought(client):
    # A server forgets its sign as soon as it writes a small sorted set compactly.
    client.config_set("zset-max-listpack-entries", 0)
    client.zadd("skip list", {"a": -0.0, "b": 1})
    expected = fingerprint(client)
    client.config_set("zset-max-listpack-entries", 128)
    client.restore("skip list", 0, client.dump("skip list"), replace=True)

    assert [b"skiplist", b"listpack"] == [client.object("encoding", key) for key in ("large ranking", "skip list")]
    assert [] == differences(expected, fingerprint(client))


def test_looking_at_a_key_is_no_difference(client):
    expected = fingerprint(client)
    client.get("text")
    client.xinfo_stream("stream")
    client.pfcount("visitors")
    client.object("idletime", "text")

    assert [] == differences(expected, fingerprint(client))


def milliseconds(client):
    seconds, microseconds = client.time()
    return seconds * 1000 + microseconds // 1000


def test_a_key_that_expires_meanwhile_is_told_apart(client):
    brief = milliseconds(client) + 1
    client.set("brief", "x", pxat=brief)
    # Without a look at the key, which would remove it.
    eventually("the brief key's time to be over", lambda: milliseconds(client) > brief, Patience.SERVER_READY)
    client.set("soon", "x", px=1000)
    expected = fingerprint(client)
    eventually("the key to expire", lambda: not client.exists("soon"), Patience.SERVER_READY)
    found = fingerprint(client)

    assert [] == differences(expected, found)
    assert [(KEYS, Kind.EXPIRED, ("expired key soon",))] == [
        (lapse.where, lapse.kind, lapse.keys) for lapse in expirations(expected, found)
    ]
    assert timedelta() < found.taken_at - expected.taken_at < timedelta(minutes=1)


@pytest.fixture
def expiring_fields(client):
    """A client of a server whose hash fields may expire; two fields will, one will not."""
    if client.execute_command("COMMAND INFO", "HPEXPIREAT") in ({}, [None]):
        pytest.skip("this server's hash fields have no expiry of their own: run with --runtime=docker")
    client.execute_command("HPEXPIREAT", "hash", FAR, "FIELDS", 1, "a")
    client.execute_command("HPEXPIREAT", "large hash", FAR, "FIELDS", 1, f"{7:060}")
    return client


@pytest.mark.parametrize("command", ["HPERSIST", "HPEXPIREAT", "HDEL"])
@pytest.mark.parametrize(("key", "field", "told"), [("hash", "a", "a"), ("large hash", f"{7:060}", "0000…")])
def test_a_field_with_an_expiry_lost_or_altered_is_noticed(expiring_fields, command, key, field, told):
    arguments = {"HPERSIST": ("FIELDS", 1), "HPEXPIREAT": (FAR - 1, "FIELDS", 1), "HDEL": ()}[command]
    expected = fingerprint(expiring_fields)
    expiring_fields.execute_command(command, key, *arguments, field)

    [found] = differences(expected, fingerprint(expiring_fields))

    assert any(f"field {told} of {key}" in named for named in found.keys)


def test_fields_that_expire_meanwhile_are_told_apart(expiring_fields):
    expiring_fields.hset("brief", "only", "x")
    expiring_fields.execute_command("HPEXPIRE", "hash", 300, "FIELDS", 1, "b")
    expiring_fields.execute_command("HPEXPIRE", "brief", 300, "FIELDS", 1, "only")
    expected = fingerprint(expiring_fields)
    eventually("the hash to expire", lambda: not expiring_fields.exists("brief"), Patience.SERVER_READY)
    eventually("the field to expire", lambda: not expiring_fields.hexists("hash", "b"), Patience.SERVER_READY)
    found = fingerprint(expiring_fields)

    assert [] == differences(expected, found)
    assert [("expired key brief, field b of hash, field only of brief",)] == [
        lapse.keys for lapse in expirations(expected, found)
    ]


@pytest.fixture
def many(client):
    """A client of a server of so many keys that most are not sampled."""
    client.flushall()
    with client.pipeline(transaction=False) as pipeline:
        for number in range(10_000):
            pipeline.set(f"key {number}", number, pxat=FAR + number * 1000 if number % 2 else None)
        pipeline.execute()
    return client


def test_many_keys_are_counted_and_some_named(many):
    expected = fingerprint(many)
    many.delete(*(f"key {number}" for number in range(100)))

    [found] = differences(expected, fingerprint(many))

    assert (10_000, 3) == (expected.contents[KEYS].rows, expected.contents[KEYS].mask)
    assert (KEYS, Kind.CHANGED, "10000", "9900") == (found.where, found.kind, found.expected, found.found)
    assert found.keys[0].startswith("missing key key ")


def test_of_many_keys_two_that_swap_their_values_are_noticed(many):
    expected = fingerprint(many)
    one, other = [
        key for key in map("key {}".format, range(0, 10_000, 2)) if key not in expected.contents[KEYS].sample
    ][:2]
    many.rename(one, "aside")
    many.rename(other, one)
    many.rename("aside", other)

    [found] = differences(expected, fingerprint(many))

    assert (KEYS, ("none of the sampled keys differs",)) == (found.where, found.keys)


def test_large_values_are_read_in_parts(client, monkeypatch):
    expected = fingerprint(client)
    monkeypatch.setattr(batches, "SMALL", 0)
    monkeypatch.setattr(keys, "WINDOW", 2048)

    assert [] == differences(expected, fingerprint(client))


@pytest.mark.parametrize(("read", "allowance"), [(1, 0), (2, 0), (3, 1000), (1000, 0)])
def test_a_call_that_ends_early_is_gone_on_with(client, monkeypatch, read, allowance):
    expected = fingerprint(client)
    monkeypatch.setattr(batches, "READ", read)
    monkeypatch.setattr(batches, "ALLOWANCE", allowance)

    with RedisConnection(client, database=0) as server:
        walked = [
            name
            for batch in batches.Walk(server, fields_expire=False)
            for name in (*batch.names, *(key.name for key in batch.others))
        ]

    assert sorted(client.keys()) == sorted(walked)
    assert [] == differences(expected, fingerprint(client))


@pytest.mark.parametrize("read", [50, batches.READ])
def test_a_step_of_the_scan_that_finds_very_many_is_read_a_part_at_a_time(many, monkeypatch, read):
    expected = fingerprint(many)
    monkeypatch.setattr(batches, "READ", read)
    once, sizes = batches.Walk.__iter__, []
    # What a server does that shrinks its table: it returns everything at once.
    monkeypatch.setattr(batches, "_READ", batches._READ.replace("'COUNT', count", "'COUNT', 5000"))

    def measured(walk):
        for batch in once(walk):
            sizes.append(len(batch.names))
            yield batch

    monkeypatch.setattr(batches.Walk, "__iter__", measured)

    assert [] == differences(expected, fingerprint(many))
    assert 2 * read == max(sizes)


def test_a_fingerprint_is_what_earlier_versions_made_of_the_same(client):
    # Fingerprints are kept with each backup: what is found years later is held against them.
    assert (179557096108510702961, 12950488310901708917) == tuple(
        content.digest for content in fingerprint(client).contents.values()
    )


def test_the_clients_own_database_stays_selected(client, filled):
    with filled.client(5) as mine:
        fingerprint(mine)
        mine.set("here", 1)
        mine.delete("here")

        assert 5 == mine.client_info()["db"]


def test_an_empty_server_is_never_equal_to_another(client):
    client.flushall()

    assert [Kind.INCOMPARABLE] == [found.kind for found in differences(fingerprint(client), fingerprint(client))]


def test_keys_that_are_read_twice_are_an_error(client, monkeypatch):
    once = batches.Walk.__iter__
    monkeypatch.setattr(batches.Walk, "__iter__", lambda walk: (batch for batch in once(walk) for _ in range(2)))

    with pytest.raises(FingerprintError, match="more keys were read than there are"):
        fingerprint(client)


def test_a_hash_that_grows_while_it_is_read_is_no_error(client, filled, monkeypatch):
    client.hset("growing", mapping={f"{number:040}": "x" * 40 for number in range(2000)})
    monkeypatch.setattr(keys, "WINDOW", 4096)
    numbers = itertools.count()
    original = RedisConnection.ask

    def ask_while_writing(self, *command):
        if command[0] == "HSCAN":
            client.hset("growing", f"new {next(numbers)}", "x")
        return original(self, *command)

    monkeypatch.setattr(RedisConnection, "ask", ask_while_writing)
    fingerprint(client)

    assert next(numbers) > 10
