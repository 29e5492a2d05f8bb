"""Every sort of change to what a Redis server holds is noticed and named; a restart or another encoding is not."""

import itertools
from datetime import timedelta

import pytest

from drill.fingerprints import FingerprintError, Kind, differences, expirations
from drill.fingerprints.redis import batches, fingerprint, keys
from drill.fingerprints.redis.connection import RedisConnection
from drill.servers.redis import RedisServer
from drill.waiting import Patience, eventually

# The year 2100, in milliseconds.
FAR = 4_102_444_800_000
LIBRARY = "#!lua name=shop\nredis.register_function('greet', function(keys, args) return 'xin chào' end)"


def fill(client, other):
    client.set("text", "giá trị")
    client.set(b"\xff\x00raw", bytes(range(256)))
    client.set("empty", "")
    client.set("number", 7)
    client.set("session", "x")
    client.pexpireat("session", FAR)
    client.rpush("list", "a", "b", "b", "c")
    client.sadd("set", "a", "b", "1")
    client.sadd("numbers", 1, 2, 3)
    client.hset("hash", mapping={"a": "1", "b": "2", "": "rỗng"})
    client.zadd("ranking", {"a": 1.5, "b": 0.1, "c": float("inf"), "d": -0.0})
    client.pfadd("visitors", *range(100))
    client.setbit("bits", 1000, 1)
    for number in range(1, 8):
        client.xadd("stream", {"n": number, "tên": "máy"}, id=f"5-{number}")
    client.xgroup_create("stream", "workers", id="0")
    client.xgroup_create("stream", "watchers", id="$")
    client.xreadgroup("workers", "one", {"stream": ">"}, count=3)
    client.xreadgroup("workers", "two", {"stream": ">"}, count=1)
    client.xack("stream", "workers", "5-1")
    client.xdel("stream", "5-7")
    names = [f"{number:060}" for number in range(400)]
    client.rpush("long list", *names)
    client.sadd("large set", *names)
    client.hset("large hash", mapping=dict.fromkeys(names, "x"))
    client.zadd("large ranking", {name: number / 3 for number, name in enumerate(names)})
    client.set("large text", b"x" * 300_000)
    other.set("elsewhere", "y")
    client.function_load(LIBRARY)
    client.acl_setuser("app", enabled=True, passwords=["+hunter2"], keys=["app:*"], commands=["+get"])


@pytest.fixture
def client(filled):
    """A client of database 0 of a server that holds one of everything, afresh."""
    with filled.client() as client, filled.client(3) as other:
        client.flushall()
        client.function_flush()
        client.acl_deluser("app", "more")
        fill(client, other)
        yield client


def change(name, *command):
    return pytest.param(command, f"changed key {name}", id=" ".join(map(str, command))[:60])


KEYS = "keys of database 0"
CHANGES = [
    pytest.param(("DEL", "text"), "missing key text", id="key lost"),
    pytest.param(("SET", "extra", ""), "unexpected key extra", id="key too many"),
    pytest.param(("DEL", b"\xff\x00raw"), "missing key b'\\xff\\x00raw'", id="binary key lost"),
    change("text", "SET", "text", "giá  trị"),
    change("text", "PEXPIREAT", "text", FAR),
    change("empty", "SET", "empty", "\0"),
    change("number", "INCR", "number"),
    change("session", "PERSIST", "session"),
    change("session", "PEXPIREAT", "session", FAR - 1),
    change("list", "LSET", "list", 3, "x"),
    change("list", "LMOVE", "list", "list", "LEFT", "RIGHT"),
    change("list", "RPOP", "list"),
    change("list", "LREM", "list", 1, "b"),
    change("set", "SREM", "set", "a"),
    change("set", "SADD", "set", ""),
    change("set", "EVAL", "redis.call('SREM', 'set', 'a') redis.call('SADD', 'set', 'z')", 0),
    change("numbers", "SADD", "numbers", 4),
    change("hash", "HSET", "hash", "a", "2"),
    change("hash", "HDEL", "hash", ""),
    change("hash", "HSET", "hash", "c", ""),
    change("ranking", "ZADD", "ranking", "1.5000000000000002", "a"),
    change("ranking", "ZREM", "ranking", "c"),
    change("visitors", "PFADD", "visitors", "somebody else"),
    change("bits", "SETBIT", "bits", 1001, 1),
    change("bits", "SETBIT", "bits", 1008, 0),
    change("stream", "XADD", "stream", "5-9", "n", "9"),
    change("stream", "XDEL", "stream", "5-6"),
    change("stream", "XTRIM", "stream", "MINID", "5-2"),
    change("stream", "XSETID", "stream", "5-8"),
    change("stream", "XSETID", "stream", "5-7", "ENTRIESADDED", "20", "MAXDELETEDID", "5-7"),
    change("stream", "XACK", "stream", "workers", "5-2"),
    change("stream", "XCLAIM", "stream", "workers", "two", 0, "5-3", "RETRYCOUNT", "1"),
    change("stream", "XCLAIM", "stream", "workers", "one", 0, "5-3", "RETRYCOUNT", "9"),
    change("stream", "XGROUP", "SETID", "stream", "workers", "5-2", "ENTRIESREAD", "4"),
    change("stream", "XGROUP", "DESTROY", "stream", "watchers"),
    change("stream", "XGROUP", "CREATE", "stream", "more", "0"),
    change("stream", "XGROUP", "CREATECONSUMER", "stream", "workers", "three"),
    change("long list", "LSET", "long list", 399, "x"),
    change("long list", "LMOVE", "long list", "long list", "LEFT", "RIGHT"),
    change("large set", "SREM", "large set", f"{7:060}"),
    change("large hash", "HSET", "large hash", f"{7:060}", "y"),
    change("large ranking", "ZADD", "large ranking", "2.3333333333333340", f"{7:060}"),
    change("large text", "SETRANGE", "large text", 299_999, "y"),
]


@pytest.mark.parametrize(("command", "named"), CHANGES)
def test_any_one_change_of_a_key_is_noticed_and_named(client, command, named):
    expected = fingerprint(client)
    client.execute_command(*command)

    [found] = differences(expected, fingerprint(client))

    assert (KEYS, (named,)) == (found.where, found.keys)


def test_two_keys_that_swap_their_values_are_noticed(client):
    expected = fingerprint(client)
    client.rename("text", "aside")
    client.rename("empty", "text")
    client.rename("aside", "empty")

    [found] = differences(expected, fingerprint(client))

    assert ("changed key empty, text",) == found.keys


def test_a_key_moved_to_another_index_is_noticed(client):
    expected = fingerprint(client)
    client.move("text", 3)

    found = {difference.where: difference.keys for difference in differences(expected, fingerprint(client))}

    assert {KEYS: ("missing key text",), "keys of database 3": ("unexpected key text",)} == found


def test_an_index_lost_is_noticed(client, filled):
    expected = fingerprint(client)
    with filled.client(3) as other:
        other.flushdb()

    [found] = differences(expected, fingerprint(client))

    assert ("keys of database 3", Kind.MISSING) == (found.where, found.kind)


@pytest.mark.parametrize(
    ("command", "where"),
    [
        (("FUNCTION", "DELETE", "shop"), "function library shop"),
        (("FUNCTION", "LOAD", "REPLACE", LIBRARY + " -- changed"), "function library shop"),
        (("ACL", "SETUSER", "app", "off"), "user app"),
        (("ACL", "SETUSER", "app", "+set"), "user app"),
        (("ACL", "SETUSER", "app", "<hunter2", ">other"), "user app"),
        (("ACL", "SETUSER", "more"), "user more"),
        (("ACL", "DELUSER", "app"), "user app"),
    ],
)
def test_any_one_change_of_functions_and_users_is_noticed(client, command, where):
    expected = fingerprint(client)
    client.execute_command(*command)

    assert [where] == [found.where for found in differences(expected, fingerprint(client))]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("maxmemory", "100000000"),
        ("maxmemory-policy", "allkeys-lru"),
        ("notify-keyspace-events", "xE"),
        ("maxclients", "450"),
        ("timeout", "900"),
    ],
)
def test_any_one_change_of_what_decides_which_keys_stay_and_who_is_served_is_noticed(client, name, value):
    expected, before = fingerprint(client), client.config_get(name)[name]
    client.config_set(name, value)
    found = differences(expected, fingerprint(client))
    client.config_set(name, before)

    assert [f"setting {name}"] == [difference.where for difference in found]


def test_the_order_in_which_commands_were_allowed_is_no_difference(client):
    client.execute_command("ACL", "SETUSER", "more", "reset", "-@all", "+get", "+mget", "-mget")
    expected = fingerprint(client)
    client.execute_command("ACL", "SETUSER", "more", "reset", "sanitize-payload", "-@all", "+mget", "+get", "-mget")
    same = differences(expected, fingerprint(client))
    client.execute_command("ACL", "SETUSER", "more", "reset", "-@all", "+get", "-mget", "+mget")

    assert [] == same
    assert ["user more"] == [found.where for found in differences(expected, fingerprint(client))]


def test_the_default_users_password_belongs_to_the_server(client, filled):
    expected = fingerprint(client)
    client.execute_command("ACL", "SETUSER", "default", ">another")
    found = differences(expected, fingerprint(client))
    client.execute_command("ACL", "SETUSER", "default", "<another")

    assert [] == found


def test_no_password_is_kept(client):
    [user] = [line for line in client.acl_list() if line.startswith("user app")]
    [stored] = [rule.lstrip("#") for rule in user.split() if rule.startswith("#")]

    kept = str(fingerprint(client).to_json())

    assert stored not in kept
    assert "hunter2" not in kept


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


def test_looking_at_a_key_is_no_difference(client):
    expected = fingerprint(client)
    client.get("text")
    client.xinfo_stream("stream")
    client.pfcount("visitors")
    client.object("idletime", "text")

    assert [] == differences(expected, fingerprint(client))


def test_a_key_that_expires_meanwhile_is_told_apart(client):
    client.set("brief", "x", px=1)
    client.set("soon", "x", px=300)
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
@pytest.mark.parametrize(("key", "field"), [("hash", "a"), ("large hash", f"{7:060}")])
def test_a_field_with_an_expiry_lost_or_altered_is_noticed(expiring_fields, command, key, field):
    arguments = {"HPERSIST": ("FIELDS", 1), "HPEXPIREAT": (FAR - 1, "FIELDS", 1), "HDEL": ()}[command]
    expected = fingerprint(expiring_fields)
    expiring_fields.execute_command(command, key, *arguments, field)

    [found] = differences(expected, fingerprint(expiring_fields))

    assert any(f"field {field} of {key}" in named for named in found.keys)


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


def test_a_call_that_ends_early_is_gone_on_with(client, monkeypatch):
    expected = fingerprint(client)
    monkeypatch.setattr(batches, "ALLOWANCE", 0)
    monkeypatch.setattr(batches, "SCANNED", 2)
    monkeypatch.setattr(batches, "READ", 3)

    assert [] == differences(expected, fingerprint(client))


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
