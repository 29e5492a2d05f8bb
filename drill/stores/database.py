"""One database as a store, on a server of its own or beside others."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from drill.datasets import database
from drill.fingerprints import Fingerprint
from drill.fingerprints import postgres as postgres_fingerprint
from drill.losses.ledger import Writer
from drill.progress import working_on
from drill.servers.postgres import PostgresServer
from drill.stores.store import GrowingStore, ServerStore


class DatabaseStore(ServerStore, GrowingStore):
    """The database on a server of its own: the disaster is SIGKILL and the data directory gone."""

    procedure = "postgres"
    server: PostgresServer
    smallest = 60_000_000

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

    def grow(self, size: int) -> None:
        """Add alerts until there are at least so many bytes."""
        with working_on(f"growing the database to {size} bytes"), self.server.connect(self.name) as connection:
            while (missing := size - self.size()) > 0:
                database.grow(connection, alerts=missing // database.BYTES_PER_ALERT + 1)
            connection.execute("CHECKPOINT")

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
