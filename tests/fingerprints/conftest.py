"""A server with one of everything on it, and copies of its database to be changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from drill.fingerprints import Fingerprint
from drill.fingerprints.postgres import fingerprint
from drill.runtimes import Runtime
from drill.servers.postgres import PostgresClusters, PostgresServer
from drill.servers.redis import RedisServer
from tests.fingerprints.one_of_everything import fill

RICH = "rich"
SCHEMA = Path(__file__).with_name("rich_schema.sql")


@pytest.fixture(scope="session")
def rich_server(clusters: PostgresClusters) -> Iterator[PostgresServer]:
    """A server whose database ``rich`` holds one of everything; clone it, never change it."""
    server = clusters.blank()
    with server.connect() as connection:
        # Copies are made by the dozen, and each would wait for the disk.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    server.create_database(RICH)
    with server.connect(RICH) as connection:
        connection.execute(SCHEMA.read_bytes())
    yield server
    server.discard()


@pytest.fixture(scope="session")
def rich(rich_server: PostgresServer) -> Fingerprint:
    """The fingerprint that every fresh copy of the rich database has."""
    name = rich_server.clone_database(RICH)
    with rich_server.connect(name) as connection:
        return fingerprint(connection)


@pytest.fixture
def copy(rich_server: PostgresServer) -> Iterator[str]:
    """The name of a copy of the rich database."""
    name = rich_server.clone_database(RICH)
    yield name
    rich_server.drop_database(name)


@pytest.fixture(scope="module")
def filled(runtime: Runtime) -> Iterator[RedisServer]:
    """A cache server of the module's own, for its tests to fill afresh."""
    server = RedisServer.blank(runtime)
    yield server
    server.discard()


@pytest.fixture
def client(filled: RedisServer) -> Iterator[Redis]:
    """A client of database 0 of a server that holds one of everything, afresh."""
    with filled.client() as client, filled.client(3) as other:
        client.flushall()
        client.function_flush()
        client.acl_deluser("app", "more")
        fill(client, other)
        yield client
