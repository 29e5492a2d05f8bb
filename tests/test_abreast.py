"""Writes over several connections at once: none is begun before all that were begun before it are acknowledged."""

from __future__ import annotations

import threading

import pytest

from drill.losses.abreast import Abreast
from drill.losses.ledger import Writer
from drill.stores import DatabaseStore


class Server:
    """Takes a write over one connection when there is one over every other, too; remembers the order of everything."""

    def __init__(self, connections, *, fails=frozenset()):
        self.connected = 0
        self.open = 0
        self.happened = []
        self._fails = fails
        self._all_there = threading.Barrier(connections, timeout=30)

    def connect(self):
        self.connected += 1
        self.open += 1
        return Connection(self)

    def write(self, connection, number):
        assert connection.server is self
        self.happened.append(("begun", number))
        self._all_there.wait()
        if number in self._fails:
            raise ConnectionResetError(f"{number} failed")
        self.happened.append(("done", number))


class Connection:
    """One of a server's."""

    def __init__(self, server):
        self.server = server

    def close(self):
        self.server.open -= 1


def test_as_many_numbers_are_written_at_once_as_there_are_connections():
    server = Server(4)
    abreast = Abreast(4, connect=server.connect, write=server.write)
    abreast.write(0)
    abreast.write(4)
    abreast.close()
    rounds = [server.happened[start : start + 4] for start in range(0, 16, 4)]

    assert [
        [(what, number) for number in numbers] for numbers in (range(4), range(4, 8)) for what in ("begun", "done")
    ] == [sorted(each) for each in rounds]
    assert (4, 0) == (server.connected, server.open)


def test_when_one_fails_the_others_have_ended_and_it_is_told():
    server = Server(3, fails={1})
    abreast = Abreast(3, connect=server.connect, write=server.write)
    with pytest.raises(ConnectionResetError, match="1 failed"):
        abreast.write(0)

    assert {("done", 0), ("done", 2)} == {each for each in server.happened if each[0] == "done"}
    abreast.close()


def test_a_server_that_lets_in_only_some_of_them_keeps_none():
    server = Server(3)

    def connect():
        if server.connected == 2:
            raise ConnectionRefusedError
        return server.connect()

    with pytest.raises(ConnectionRefusedError):
        Abreast(3, connect=connect, write=server.write)

    assert 0 == server.open


def test_what_was_under_way_when_the_server_was_lost_is_not_acknowledged():
    server = Server(3, fails={7})
    abreast = Abreast(3, connect=server.connect, write=server.write)
    with Writer(abreast.write, lost_by=(ConnectionError,), close=abreast.close, together=3, abreast=True) as writer:
        writer.wait_for(6)

    assert 6 == len(writer.ledger)
    assert 0 == server.open


@pytest.mark.postgres
def test_each_write_is_a_commit_of_its_own(fresh_postgres):
    store = DatabaseStore(fresh_postgres)
    with store.writer() as writer:
        writer.wait_for(40)
    with fresh_postgres.connect(store.name) as connection:
        ((transactions,),) = connection.execute("SELECT count(DISTINCT xmin::text) FROM counting.written").fetchall()

    assert len(writer.ledger) == len(store.written()) == transactions
