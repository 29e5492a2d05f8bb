"""One recovery of a server whose disk is gone, timed by phase."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.laboratory import DATABASE
from bench.measurement import seconds
from drill.servers.postgres import PostgresClusters, PostgresServer
from drill.servers.wal_keeping import WalKeeping


@dataclass(frozen=True, slots=True)
class Phases:
    """What the parts of one recovery took, in seconds."""

    restore: float
    replay: float
    verify: float

    @property
    def total(self) -> float:
        """The whole of it."""
        return self.restore + self.replay + self.verify


@contextmanager
def blank_place(clusters: PostgresClusters, keeping: Sequence[WalKeeping]) -> Iterator[PostgresServer]:
    """Have a server without data, which reaches these ways of keeping the log."""
    server = clusters.blank(keeping=keeping)
    server.lose_data()
    try:
        yield server
    finally:
        server.discard()


def recovered(target: PostgresServer, restore: Callable[[], None]) -> Phases:
    """Restore onto the empty directory, start, wait until writes are taken, and ask for a row."""
    clear(target)
    return Phases(
        restore=seconds(restore),
        replay=seconds(lambda: _start(target)),
        verify=seconds(lambda: _ask(target)),
    )


def clear(target: PostgresServer) -> None:
    """Kill the server and leave its directory empty."""
    target.service.kill()
    put_aside(target.data)
    target.lose_data()
    target.provision_directory()
    os.sync()  # what was written before is nobody's business any more


def put_aside(directory: Path) -> None:
    """Let it stay until the workspace goes: ext4 without a journal makes files slowly where many were just removed."""
    if directory.exists():
        directory.rename(directory.with_name(f"{directory.name}-{time.monotonic_ns()}"))


def _start(target: PostgresServer) -> None:
    def takes_writes() -> bool:
        with target.connect("postgres") as connection:
            return connection.execute("SELECT pg_is_in_recovery()").fetchall() == [(False,)]

    target.start()
    target.wait("take writes", takes_writes)


def _ask(target: PostgresServer) -> None:
    with target.connect(DATABASE) as connection:
        answer = connection.execute("SELECT abalance FROM pgbench_accounts WHERE aid = 1").fetchall()
    if answer != [(0,)]:
        raise RuntimeError(f"{target} answers {answer} instead of the one row that was backed up")


def by_phase(found: Sequence[Phases]) -> str:
    """Return the median of each phase, as people read it."""
    return ", ".join(f"{name} {median(getattr(each, name) for each in found):.2f} s" for name in Phases.__slots__)
