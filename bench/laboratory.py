"""A runtime with a database of a known size on one server and a blank server beside it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from drill.runtimes import Runtime
from drill.runtimes.service_user import ServiceUser
from drill.servers.postgres import PostgresClusters, PostgresServer
from drill.servers.wal_keeping import WalKeeping

DATABASE = "measured"
# pgbench's tables take 15 MB for each step of its scale.
BYTES_PER_SCALE = 15_000_000
# As the estate's events are by the day: a restore has work for every processor, which one table is not.
PARTITIONS = 8


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Where the measurements that need data take place."""

    runtime: Runtime
    source: PostgresServer
    target: PostgresServer
    bytes: int

    @property
    def directory(self) -> Path:
        """A directory that goes with the runtime's workspace."""
        return self.runtime.workspace.directory

    def settle(self) -> None:
        """Write dirty pages out, so that the next measurement does not pay for the one before."""
        for server in (self.source, self.target):
            with server.connect("postgres") as connection:
                connection.execute("CHECKPOINT")
        os.sync()

    def clear_target(self) -> None:
        """Drop what was restored."""
        self.target.drop_database(DATABASE)
        self.settle()


@contextmanager
def laboratory(
    runtime: Runtime, clusters: PostgresClusters, *, megabytes: int, keeping: Sequence[WalKeeping] = ()
) -> Iterator[Laboratory]:
    """Make both servers and fill the first; pgbench's data is what everybody can make again.

    The first one's log can be kept in these ways; none of them is in force yet.
    """
    source, target = clusters.blank(keeping=keeping), clusters.blank()
    # A checkpoint that starts in the middle of a restore makes it a third slower, and comes when it likes.
    configure(target, max_wal_size="8GB")
    # The data directory is copied as it lies: it must hold data, and not a gigabyte of log that was used once.
    configure(source, max_wal_size="64MB", min_wal_size="32MB", archive_command="true")
    source.create_database(DATABASE)
    scale = max(1, round(megabytes * 1_000_000 / BYTES_PER_SCALE))
    run(
        ["pgbench", "--initialize", "--quiet", f"--scale={scale}", f"--partitions={PARTITIONS}", DATABASE],
        environment=source.environment(DATABASE),
    )
    with source.connect(DATABASE) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    yield Laboratory(runtime, source, target, bytes=int(row[0]) if row else 0)
    source.discard()
    target.discard()


def configure(server: PostgresServer, **settings: str | None) -> None:
    """Change settings that need no restart; they go wherever the data directory goes."""
    with server.connect("postgres") as connection:
        for name, value in settings.items():
            connection.execute(
                sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value or ""))
            )
        connection.execute("SELECT pg_reload_conf()")


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: Path | None = None,
    user: ServiceUser | None = None,
    feed: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end.

    Args:
        command: the program and its arguments.
        environment: all that it knows of its surroundings.
        directory: where it starts.
        user: whom it runs as, if not as ourselves.
        feed: the file that it reads on stdin.

    Raises:
        RuntimeError: it failed; the message ends with what it said.
    """
    with (feed or Path(os.devnull)).open("rb") as stdin:
        done = subprocess.run(
            command,
            env=dict(environment),
            cwd=directory,
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
            **(user.credentials() if user else {}),
        )
    if done.returncode:
        raise RuntimeError(f"{command[0]} exited with {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done
