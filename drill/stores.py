"""The estate's stores: one way to ask a database and a cache what they hold, to lose them and to get a blank target."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import psycopg
import redis

from drill.datasets import cache, database
from drill.fingerprints import Fingerprint
from drill.fingerprints import postgres as postgres_fingerprint
from drill.fingerprints import redis as redis_fingerprint
from drill.ledger import Writer
from drill.progress import working_on
from drill.servers.postgres import PostgresServer
from drill.servers.process import ServerProcess
from drill.servers.redis import RedisServer


class Store(ABC):
    """Something that holds data, can be backed up, lost and restored; by default on a server of its own."""

    procedure: str
    server: ServerProcess
    replays = False
    """Whether the server is still to be started on what was restored, and replays its log then."""

    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """Return what a script needs to reach the store."""

    @abstractmethod
    def fingerprint(self) -> Fingerprint:
        """Return what the store holds."""

    @abstractmethod
    def health(self) -> tuple[object, ...]:
        """Return the application's first question answered."""

    @abstractmethod
    def size(self) -> int:
        """Return how many bytes the store holds."""

    @abstractmethod
    def writer(self) -> Writer:
        """Return a writer, to be entered, that fills a ledger until the store is lost."""

    @abstractmethod
    def written(self) -> set[int]:
        """Return the numbers of the ledger's writes that are there."""

    def lose(self) -> None:
        """Lose the store at once, with everything that it held: its server is killed and its disk is gone."""
        self.server.lose_data()

    def provision(self) -> None:
        """Put a blank target in the place of the lost store, on the same address."""
        self.server.provision()
        self.server.start()

    def replay(self) -> None:
        """Start the server on what was restored, and wait until it takes writes."""
        self.server.start()

    @abstractmethod
    def leftovers(self) -> list[str]:
        """Return what the target holds although it should be blank."""


class DatabaseStore(Store):
    """The database on a server of its own: the disaster is SIGKILL and the data directory gone."""

    procedure = "postgres"
    server: PostgresServer

    def __init__(self, server: PostgresServer, *, name: str = database.NAME) -> None:
        self.server = server
        self.name = name

    def environment(self) -> Mapping[str, str]:
        """Return libpq's variables."""
        return self.server.environment(self.name)

    def fingerprint(self) -> Fingerprint:
        """Return definitions, rows, sequences, roles and grants."""
        with working_on("reading the database"), self.server.connect(self.name) as connection:
            return postgres_fingerprint.fingerprint(connection)

    def health(self) -> tuple[object, ...]:
        """Return the cameras in service and the busiest day's traffic."""
        with self.server.connect(self.name) as connection:
            return database.health(connection)

    def size(self) -> int:
        """Return the database's size in bytes."""
        with self.server.connect(self.name) as connection:
            return database.size(connection)

    def writer(self) -> Writer:
        """Return a writer of single-row commits."""
        connection = self.server.connect(self.name)
        return Writer(
            lambda number: database.write(connection, number),
            lost_by=(psycopg.OperationalError,),
            close=connection.close,
        )

    def written(self) -> set[int]:
        """Return the ledger rows that are there."""
        with self.server.connect(self.name) as connection:
            return database.written(connection)

    def canaries(self) -> dict[str, bytes]:
        """Return some of what only those who are let in may know."""
        with self.server.connect(self.name) as connection:
            return database.canaries(connection)

    def leftovers(self) -> list[str]:
        """Return databases and roles that a blank server does not have."""
        with self.server.connect("postgres") as connection:
            rows = connection.execute(
                "SELECT 'database ' || datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' "
                "UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres' "
                "ORDER BY 1"
            )
            return [found for (found,) in rows]


class DatabaseCopy(DatabaseStore):
    """A clone of the database on the session's shared server, for scenarios that need data and no disaster."""

    def lose(self) -> None:
        """Drop the database."""
        self.server.drop_database(self.name)

    def provision(self) -> None:
        """Do nothing: the shared server without this database is the target."""

    def leftovers(self) -> list[str]:
        """Return the database where it is there."""
        return [f"database {name}" for name in self.server.database_names() if name == self.name]


class CacheStore(Store):
    """The cache on a server of its own: the disaster is SIGKILL and the data directory gone."""

    server: RedisServer

    def __init__(
        self, server: RedisServer, *, procedure: str = "redis", together: int = 1, flushed: bool = False
    ) -> None:
        """Remember where it is.

        Args:
            server: holds the cache and nothing else.
            procedure: what backs it up and restores it.
            together: how many of the ledger's writes are under way at once.
            flushed: whether a write counts as acknowledged only when it is on the server's disk.
        """
        self.server = server
        self.procedure = procedure
        self.misinformation: dict[str, str] = {}
        self._together = together
        self._flushed = flushed

    def environment(self) -> Mapping[str, str]:
        """Return address, password and data directory, or what is known of them."""
        return self.server.environment() | self.misinformation

    def fingerprint(self) -> Fingerprint:
        """Return every key of every database index, with its expiry."""
        with working_on("reading the cache"), self.server.client() as client:
            return redis_fingerprint.fingerprint(client)

    def health(self) -> tuple[object, ...]:
        """Return a live counter, the busiest cameras and the work in hand."""
        with self.server.client() as client:
            return cache.health(client)

    def size(self) -> int:
        """Return the bytes of memory that the data takes."""
        with self.server.client() as client:
            return cache.size(client)

    def writer(self) -> Writer:
        """Return a writer of single commands."""
        client = self.server.client()
        return Writer(
            lambda number: cache.write(client, number, together=self._together, flushed=self._flushed),
            lost_by=(redis.ConnectionError, redis.TimeoutError),
            close=client.close,
            together=self._together,
        )

    def written(self) -> set[int]:
        """Return the ledger's entries that are there."""
        with self.server.client() as client:
            return cache.written(client)

    def leftovers(self) -> list[str]:
        """Return the database indexes that hold keys."""
        with self.server.client() as client:
            return sorted(f"database index {name}" for name in client.info("keyspace"))

    def crash(self) -> None:
        """Lose the server and not its disk, and start it again on what it had kept."""
        self.server.kill()
        self.server.start()

    def setting(self, name: str) -> str:
        """Return what the server is set to at the moment."""
        with self.server.client() as client:
            found = client.config_get(name)
        return str(found[name])

    def set(self, name: str, value: str) -> None:
        """Change a setting while the server runs."""
        with self.server.client() as client:
            client.config_set(name, value)

    def clear(self) -> None:
        """Delete every key of every database index."""
        with self.server.client() as client:
            client.flushall()
