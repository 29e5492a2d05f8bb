"""Values of types that a module brings: vector sets element by element, others by what the server would store."""

import pytest

from drill.fingerprints import Kind, differences
from drill.fingerprints.redis import fingerprint
from drill.fingerprints.redis.connection import RedisConnection
from drill.fingerprints.redis.values import FOREIGN

VECTORS = {"cổng 1": (0.5, 1.5, -2.0), "cổng 2": (4.0, 0.25, 8.0), "cổng 3": (-1.0, -1.0, 3.5)}


@pytest.fixture
def client(filled):
    """A client of a server with a vector set among other keys."""
    with filled.client() as client:
        if client.execute_command("COMMAND INFO", "VADD") in ({}, [None]):
            pytest.skip("this server has no type but its own: run with --runtime=docker")
        client.flushall()
        client.set("long text", "x" * 300)
        for name, numbers in VECTORS.items():
            client.execute_command("VADD", "vectors", "VALUES", len(numbers), *numbers, name)
        yield client


def test_it_is_among_what_is_compared(client):
    expected = fingerprint(client)
    client.execute_command("VADD", "vectors", "VALUES", 3, 1, 2, 3, "cổng 4")

    [found] = differences(expected, fingerprint(client))

    assert (Kind.CHANGED, ("changed key vectors",)) == (found.kind, found.keys)


CHANGES = [
    ("VADD", "vectors", "VALUES", 3, 0.5, 1.5, 2.0, "cổng 1"),
    ("VSETATTR", "vectors", "cổng 1", '{"zone": 1}'),
    ("VREM", "vectors", "cổng 2"),
]


@pytest.mark.parametrize("command", CHANGES, ids=lambda command: command[0])
def test_a_changed_element_is_noticed(client, command):
    expected = fingerprint(client)
    client.execute_command(*command)

    [found] = differences(expected, fingerprint(client))

    assert ("changed key vectors",) == found.keys


def test_it_is_missed(client):
    expected = fingerprint(client)
    client.delete("vectors")

    assert [] != differences(expected, fingerprint(client))


def test_a_long_text_is_still_read_as_text(client):
    expected = fingerprint(client)
    client.setrange("long text", 299, "y")

    [found] = differences(expected, fingerprint(client))

    assert ("changed key long text",) == found.keys


def test_the_next_start_of_the_server_changes_nothing(filled, client):
    expected = fingerprint(client)
    client.save()
    filled.kill()
    filled.start()

    with filled.client() as again:
        assert [] == differences(expected, fingerprint(again))


def test_a_type_that_nobody_knows_is_read_as_it_would_be_stored(filled):
    with filled.client() as client, RedisConnection(client, database=0) as server:
        client.set("text", "x")

        assert [client.dump("text")] == list(FOREIGN.windows(server, b"text", 1, 1))
        assert [] == list(FOREIGN.windows(server, b"gone", 0, 1))
