"""A runtime with a database of a known size on one server and a blank server beside it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drill.runtimes import Runtime
from drill.servers.postgres import PostgresClusters, PostgresServer

DATABASE = "measured"
# pgbench's tables take 15 MB for each step of its scale.
BYTES_PER_SCALE = 15_000_000


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

    def clear_target(self) -> None:
        """Drop what was restored."""
        self.target.drop_database(DATABASE)
        self.settle()


@contextmanager
def laboratory(runtime: Runtime, clusters: PostgresClusters, *, megabytes: int) -> Iterator[Laboratory]:
    """Make both servers and fill the first; pgbench's data is what everybody can make again."""
    source, target = clusters.blank(), clusters.blank()
    for server in (source, target):
        with server.connect("postgres") as connection:
            # A checkpoint that starts in the middle of a restore makes it a third slower, and comes when it likes.
            connection.execute("ALTER SYSTEM SET max_wal_size = '8GB'")
            connection.execute("SELECT pg_reload_conf()")
    source.create_database(DATABASE)
    scale = max(1, round(megabytes * 1_000_000 / BYTES_PER_SCALE))
    run(
        ["pgbench", "--initialize", "--quiet", f"--scale={scale}", DATABASE],
        environment=source.environment(DATABASE),
    )
    with source.connect(DATABASE) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    yield Laboratory(runtime, source, target, bytes=int(row[0]) if row else 0)
    source.discard()
    target.discard()


def run(
    command: Sequence[str], *, environment: Mapping[str, str], directory: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end.

    Raises:
        RuntimeError: it failed; the message ends with what it said.
    """
    done = subprocess.run(command, env=dict(environment), cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} exited with {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done
