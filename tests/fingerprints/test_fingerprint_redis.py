"""Every sort of change to what a Redis server holds is noticed and named."""

import pytest

from drill.fingerprints import Kind, differences
from drill.fingerprints.redis import fingerprint
from tests.fingerprints.one_of_everything import FAR, KEYS, LIBRARY


def change(name, *command):
    return pytest.param(command, f"changed key {name}", id=" ".join(map(str, command))[:60])


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
