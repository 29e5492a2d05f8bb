"""A disposable PostgreSQL server, blank or copied from a template cluster."""

from __future__ import annotations

import itertools
import struct
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from drill.commands.search_path import search_path
from drill.runtimes import Engine, Runtime
from drill.runtimes.trees import copy_tree, remove_tree
from drill.runtimes.workspace import write_private
from drill.servers.process import ServerProcess
from drill.servers.wal_keeping import WalKeeping

SUPERUSER = "postgres"
FIRST_WITH_INCREMENTS = 17
# Production's durability is kept: a restore that skips fsync would be timed too kindly.
SETTINGS = """
unix_socket_directories = ''
max_connections = 60
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
"""
RESUME = "pg_wal_replay_resume()"
"""What a server advises in its log, in every language, that has paused at its target (xlogrecovery.c)."""
READY_LINE = 7
"""The line of postmaster.pid, counted from zero, that says whether connections are taken."""
STATE_OFFSET, IN_PRODUCTION = 16, 6
"""Where pg_control holds the cluster's state, and what that is when it takes writes (catalog/pg_control.h)."""
_numbers = itertools.count(1)


class PostgresServer(ServerProcess):
    """One server; ``connect`` as its superuser, or hand its ``environment`` to a script."""

    def __init__(self, runtime: Runtime, *, home: Path, template: Path, keeping: Sequence[WalKeeping] = ()) -> None:
        self._runtime = runtime
        self._template = template
        self._keeping = keeping
        self.database = "postgres"
        port = runtime.workspace.claim_port()
        command = ["postgres", "-D", str(home / "data"), "-p", str(port), "-h", runtime.listen_address]
        shared = [directory for way in keeping for directory in way.shared]
        super().__init__(
            runtime.service(Engine.POSTGRES, command, home=home, port=port, supervised=False, shared=shared)
        )

    def __str__(self) -> str:
        return f"PostgreSQL on port {self.port}"

    def provision(self, template: Path | None = None) -> None:
        """Put a cluster in the place of the missing data directory: a blank one unless a template is named."""
        copy_tree(template or self._template, self.data)

    def keep_log(self) -> None:
        """Have the server, from its next start on, keep its log as it was made to."""
        # The last file that the server reads: after a recovery, this one says that nothing is archived.
        with (self.data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
            settings.writelines(way.settings(summaries=self.makes_increments) for way in self._keeping)

    def keep_log_as(self, keeping: WalKeeping) -> None:
        """Have the server keep its log in another way than it was made to, from now on; it is started anew."""
        self._keeping = [keeping if way.directory == keeping.directory else way for way in self._keeping]
        self.keep_log()
        self.stop()
        self.start()

    @property
    def makes_increments(self) -> bool:
        """Whether a server of this version keeps the summaries of its log that incremental backups are made from."""
        return self._runtime.version(Engine.POSTGRES).major >= FIRST_WITH_INCREMENTS

    def provision_directory(self) -> None:
        """Put empty directories in the place of the missing disks: the target of a physical restore."""
        for place in (self.data, self.tablespaces):
            place.mkdir(mode=0o700)
            self._runtime.workspace.user.give(place)

    @property
    def tablespaces(self) -> Path:
        """The directory of the tablespaces that lie outside the data directory; it is lost with it."""
        return self.service.home / "tablespaces"

    def make_tablespace(self, name: str) -> None:
        """Make a tablespace outside the data directory."""
        directory = self.tablespaces / name
        directory.mkdir(parents=True, mode=0o700)
        for place in (self.tablespaces, directory):
            self._runtime.workspace.user.give(place)
        with self.connect("postgres") as connection:
            connection.execute(
                sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(sql.Identifier(name), sql.Literal(str(directory)))
            )

    def lose_data(self) -> None:
        """Lose the disk: the data directory and the tablespaces are gone, and the server is killed first."""
        super().lose_data()
        remove_tree(self.tablespaces)

    def connect(self, database: str | None = None) -> psycopg.Connection[tuple[Any, ...]]:
        """Return an autocommitting connection of the superuser.

        Raises:
            psycopg.OperationalError: the server or the database is not there.
        """
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=SUPERUSER,
            password=self._runtime.workspace.password.get_secret_value(),
            dbname=database or self.database,
            autocommit=True,
            connect_timeout=10,
            application_name="dr-drill",
        )

    def environment(self, database: str | None = None) -> dict[str, str]:
        """Return what a script needs to reach this server: libpq's variables and PATH; the password is in a file."""
        return {
            "PATH": search_path(self._runtime.programs),
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": SUPERUSER,
            "PGPASSFILE": str(self._runtime.workspace.password_file()),
            "PGDATABASE": database or self.database,
        }

    def clone_database(self, template: str) -> str:
        """Make a database that holds what ``template`` holds and return its name."""
        name = f"{template}_{next(_numbers)}"
        with self.connect("postgres") as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return name

    def create_database(self, name: str) -> None:
        """Make an empty database."""
        with self.connect("postgres") as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))

    def drop_database(self, name: str) -> None:
        """Drop a database, its sessions included; no error where it is gone already."""
        with self.connect("postgres") as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def database_names(self) -> list[str]:
        """Return the databases that are no templates, sorted."""
        with self.connect("postgres") as connection:
            rows = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1")
            return [name for (name,) in rows]

    def takes_writes(self) -> bool:
        """Tell whether the server runs and has recovered, by its own files: nobody has to be let in to see that.

        The postmaster calls itself ready in hot standby too, and a copy of a running server's control file calls that
        in production before it was ever started: only together they tell.
        """
        try:
            control = (self.data / "global" / "pg_control").read_bytes()
        except FileNotFoundError:
            return False
        recovering = any((self.data / name).exists() for name in ("recovery.signal", "standby.signal"))
        (state,) = struct.unpack_from("=i", control, STATE_OFFSET)
        return not recovering and state == IN_PRODUCTION and self._is_ready()

    def pauses(self) -> bool:
        """Tell whether the server has stopped its recovery at the target, and waits to be told how to go on."""
        return self._is_ready() and RESUME in self.service.read_log()

    def _is_ready(self) -> bool:
        try:
            told = (self.data / "postmaster.pid").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return False
        return [line.strip() for line in told[READY_LINE:]] == ["ready"]

    def lets_us_in(self) -> bool:
        """Tell whether the running server takes our password: one that was restored has that of where it is from."""
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError as error:
            return "password authentication failed" not in str(error)
        return True

    def take_over(self) -> None:
        """Give the superuser of a stopped server our password; nobody is let in without one meanwhile."""
        feed = self.service.home / "take-over"
        password = self._runtime.workspace.password.get_secret_value()
        write_private(feed, f"ALTER ROLE {SUPERUSER} WITH LOGIN PASSWORD '{password}' VALID UNTIL 'infinity'\n")
        self._runtime.workspace.user.give(feed)
        command = ["postgres", "--single", "-D", str(self.data), "postgres"]
        try:
            self._runtime.run_once(Engine.POSTGRES, command, home=self.service.home, feed=feed)
        finally:
            feed.unlink()

    def _answers(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True


class PostgresClusters:
    """Makes servers, each on a copy of a cluster that was initialised once per session."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._templates: dict[str, Path] = {}
        # Whoever restores several backups at once needs the same blank cluster at the same moment.
        self._initialising = threading.Lock()

    def blank(self, *, keeping: Sequence[WalKeeping] = ()) -> PostgresServer:
        """Start a server that holds nothing of ours, its write-ahead log kept in these ways."""
        return self._start(self._blank_cluster(), keeping=keeping)

    def vacant(self, *, keeping: Sequence[WalKeeping] = ()) -> PostgresServer:
        """Return a server that has never run, with empty directories: the target of a physical restore."""
        home = self._runtime.workspace.make(f"postgres-{next(_numbers)}")
        server = PostgresServer(self._runtime, home=home, template=self._blank_cluster(), keeping=keeping)
        server.provision_directory()
        return server

    def seeded(
        self, name: str, seed: Callable[[PostgresServer], None], *, keeping: Sequence[WalKeeping] = ()
    ) -> PostgresServer:
        """Start a server that ``seed`` has filled; it is called once, later servers are copies.

        Args:
            name: of the content.
            seed: fills a blank server with it.
            keeping: the ways in which the server's write-ahead log is kept.
        """
        if name not in self._templates:
            first = self.blank()
            seed(first)
            first.stop()
            self._templates[name] = first.data
        return self._start(self._templates[name], keeping=keeping)

    def _start(self, cluster: Path, *, keeping: Sequence[WalKeeping] = ()) -> PostgresServer:
        home = self._runtime.workspace.make(f"postgres-{next(_numbers)}")
        server = PostgresServer(self._runtime, home=home, template=self._blank_cluster(), keeping=keeping)
        server.provision(cluster)
        server.keep_log()
        server.start()
        return server

    def _blank_cluster(self) -> Path:
        with self._initialising:
            if "blank" not in self._templates:
                self._templates["blank"] = self._initialise(self._runtime.workspace.make("postgres-blank"))
            return self._templates["blank"]

    def _initialise(self, home: Path) -> Path:
        password = home / "password"
        write_private(password, self._runtime.workspace.password.get_secret_value())
        self._runtime.workspace.user.give(password)
        self._runtime.run_once(
            Engine.POSTGRES,
            [
                "initdb",
                f"--pgdata={home / 'data'}",
                f"--username={SUPERUSER}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--data-checksums",
                "--no-sync",
            ],
            home=home,
        )
        password.unlink()
        with (home / "data" / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS)
        # In docker, clients come from the bridge's address.
        with (home / "data" / "pg_hba.conf").open("a", encoding="utf-8") as rules:
            rules.writelines(f"host {what} all 0.0.0.0/0 scram-sha-256\n" for what in ("all", "replication"))
        return home / "data"
