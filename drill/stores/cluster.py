"""The whole PostgreSQL server as a store: every database, its write-ahead log, and physical backups of it all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg

from drill.commands.execution import SLUG
from drill.datasets import cluster, database
from drill.errors import DrillError
from drill.fingerprints import Fingerprint
from drill.fingerprints import postgres as postgres_fingerprint
from drill.policy import Policy
from drill.progress import working_on
from drill.recoveries.moments import Moment
from drill.runtimes import Runtime
from drill.servers.postgres import FIRST_WITH_INCREMENTS, PostgresServer
from drill.servers.receiver import WalReceiver
from drill.servers.wal_keeping import WalKeeping
from drill.stores.database import DatabaseStore
from drill.stores.store import IncrementalStore
from drill.waiting import Patience, eventually

MANY = 200
"""Writes on each side of a moment."""
SPANNING = "spans-the-moment"
UNLOGGED = """
SELECT CASE relkind WHEN 'S' THEN 'state of ' ELSE 'rows of ' END || name.type || ' ' || name.identity
FROM pg_class AS c CROSS JOIN LATERAL pg_identify_object('pg_class'::regclass, c.oid, 0) AS name
WHERE relpersistence = 'u' AND relkind IN ('r', 'S')
"""
NOTHING_FETCHED = "false"
"""The restore_command of a server whose log nobody keeps: there is never a segment."""


class ClusterStore(DatabaseStore, IncrementalStore):
    """All databases of one server, backed up as files; the application's questions go to the estate's database."""

    replays = True

    def __init__(self, server: PostgresServer, keeping: WalKeeping, *, name: str = database.NAME) -> None:
        super().__init__(server, name=name)
        self.keeping = keeping
        self.procedure = keeping.procedure.name
        self.receiver: WalReceiver | None = None

    def environment(self) -> Mapping[str, str]:
        """Return libpq's variables, the directory to restore to, and how the server gets its log back."""
        return {
            **super().environment(),
            "RESTORE_TARGET": str(self.server.data),
            "RESTORE_COMMAND": self.keeping.restore_command or NOTHING_FETCHED,
        }

    def fingerprint(self) -> Fingerprint:
        """Return definitions, rows, sequences, roles and grants of every database."""
        with working_on("reading every database"):
            parts = {name: self._fingerprint_of(name) for name in self.server.database_names()}
        return replace(
            parts.get(self.name) or next(iter(parts.values())),
            facts={f"{name}: {where}": fact for name, part in parts.items() for where, fact in part.facts.items()},
            contents={
                f"{name}: {where}": held for name, part in parts.items() for where, held in part.contents.items()
            },
            recovered={
                f"{name}: {where}": fact for name, part in parts.items() for where, fact in part.recovered.items()
            },
        )

    def log_canaries(self) -> dict[str, bytes]:
        """Return some of what was written since the server has kept its log, and nobody may learn from that."""
        return cluster.canaries(self.server)

    def size(self) -> int:
        """Return the size of all databases in bytes."""
        with self.server.connect("postgres") as connection:
            row = connection.execute("SELECT sum(pg_database_size(oid)) FROM pg_database").fetchone()
        return int(row[0]) if row else 0

    def provision(self) -> None:
        """Put an empty data directory in the place of the lost one; nothing runs on it yet."""
        self.server.provision_directory()

    def leftovers(self) -> list[str]:
        """Return what is in the data directory although it should be empty."""
        return sorted(entry.name for entry in self.server.data.iterdir()) if self.server.data.exists() else []

    def replay(self) -> None:
        """Start the server on what was restored, and wait until it has replayed its log and takes writes.

        Raises:
            ServerError: it ended instead, as it does where the recovery target is never reached.
            StillWaiting: it stayed in recovery.
        """
        self.server.start()
        self.server.wait("be promoted", self._is_promoted)

    def unlogged(self) -> frozenset[str]:
        """Return the contents of unlogged tables and the states of their sequences, by the fingerprint's places."""
        return frozenset(
            f"{name}: {where}" for name in self.server.database_names() for where in self._unlogged_in(name)
        )

    def _unlogged_in(self, name: str) -> list[str]:
        with self.server.connect(name) as connection:
            rows = connection.execute(UNLOGGED).fetchall()
        return [where for (where,) in rows]

    def require_increments(self) -> None:
        """See that incremental backups can be made of the server at all.

        Raises:
            DrillError: its version makes none.
        """
        if not self.server.makes_increments:
            raise DrillError(
                f"{self.server} is older than {FIRST_WITH_INCREMENTS}: it makes no incremental backups",
                remedy="drill a newer version (--image postgres=…), and use full backups until production runs it",
            )

    def pass_moment(self, name: str = "before-the-mistake") -> Moment:
        """Write without pause, set a restore point in the middle of it, and have all of it archived."""
        with self.writer() as writer:
            writer.wait_for(MANY)
            with writer.paused() as before:
                moment = self.mark(name, before=before)
            writer.wait_for(MANY)
        self.archive_now()
        return replace(moment, written=len(writer.ledger))

    def mark(self, name: str, *, before: int = 0) -> Moment:
        """Set a restore point now.

        Args:
            name: of the restore point.
            before: how many ledger writes have been committed.
        """
        with self.server.connect(self.name) as connection:
            row = connection.execute("SELECT pg_create_restore_point(%s), clock_timestamp()", [name]).fetchone()
        lsn, at = row or ("", datetime.now(UTC))
        return Moment(name=name, at=at, lsn=lsn, before=before, written=before)

    def write(self, numbers: range) -> None:
        """Commit ledger writes of these numbers, one by one."""
        with self.server.connect(self.name) as connection:
            for number in numbers:
                database.write(connection, number)

    def archive_writes(self, numbers: range) -> range:
        """Commit ledger writes of these numbers and have them archived; gives the numbers back."""
        self.write(numbers)
        self.archive_now()
        return numbers

    def fill_segments(self, number: int) -> None:
        """Have that many segments of the log archived, with a write in each."""
        for segment in range(number):
            self.write(range(segment, segment + 1))
            self.archive_now()

    def finish_segment(self, *, with_writes: range) -> None:
        """Commit ledger writes of these numbers and have the server finish the segment that they are in."""
        self.write(with_writes)
        with self.server.connect("postgres") as connection:
            connection.execute("SELECT pg_switch_wal()")

    def archive_now(self) -> None:
        """Have the server finish its log segment, and wait until everything up to it is archived.

        Raises:
            StillWaiting: archiving does not get there.
        """
        with self.server.connect("postgres") as connection:
            # What is returned lies just after the end: where nothing was written since the last switch, that is in a
            # segment that nobody finishes.
            ((segment,),) = connection.execute("SELECT pg_walfile_name(pg_switch_wal() - 1)").fetchall()
            eventually(
                f"{segment} to be archived", lambda: self.has_archived(connection, segment), Patience.WAL_ARCHIVED
            )

    def throw_away_log(self) -> None:
        """Have the server remove every finished segment of its log that nobody needs any more: no slot, no archive."""
        with self.server.connect("postgres") as connection:
            for _ in range(2):  # what the last checkpoint but one needed goes, too
                connection.execute("SELECT pg_switch_wal()")
                connection.execute("CHECKPOINT")

    def keep_now(self) -> None:
        """Wait until all that is committed by now is kept beside the server: archived, or streamed.

        Raises:
            StillWaiting: it does not get there.
        """
        if self.keeping.procedure.receive is None:
            self.archive_now()
            return
        with self.server.connect("postgres") as connection:
            ((end,),) = connection.execute("SELECT pg_current_wal_flush_lsn()").fetchall()
            received = "SELECT 1 FROM pg_stat_replication WHERE flush_lsn >= %s"
            eventually(
                f"the log to be received up to {end}",
                lambda: connection.execute(received, [end]).fetchall(),
                Patience.WAL_ARCHIVED,
            )

    def require_archiving(self) -> None:
        """See that the server can archive its log at all.

        Raises:
            DrillError: it cannot; the message ends with what the command said.
            StillWaiting: it does not even try.
        """
        with self.server.connect("postgres") as connection:
            ((segment,),) = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchall()
            eventually(
                f"{segment} to be archived, or not",
                lambda: self.has_archived(connection, segment) or self._has_failed_to_archive(connection),
                Patience.WAL_ARCHIVED,
            )
            if not self.has_archived(connection, segment):
                said = [line for line in self.server.service.read_log().splitlines() if line.startswith("error: ")]
                raise DrillError(
                    f"{self.server} cannot archive its log: {said[-1] if said else 'see its log'}",
                    remedy=f"name what is missing in server_programs of [procedures.{self.procedure}]",
                )

    def refusals(self) -> list[str]:
        """Return the reasons that its log's commands have given for refusing, by what the server noted; each once."""
        return sorted({found[1] for found in map(SLUG.match, self.server.service.read_log().splitlines()) if found})

    def span_moment(self) -> Moment:
        """Pass a moment while a transaction is open that began before it; it is committed after it."""
        with self.server.connect(self.name) as connection:
            with connection.transaction():
                connection.execute("INSERT INTO counting.configuration VALUES (%s, 'true')", [SPANNING])
                moment = self.pass_moment()
                connection.execute("UPDATE counting.configuration SET note = 'later' WHERE key = %s", [SPANNING])
            self.archive_now()
        return moment

    def spanning(self) -> list[tuple[object, ...]]:
        """Return what there is of the transaction that spans a moment."""
        with self.server.connect(self.name) as connection:
            return connection.execute(
                "SELECT key, note FROM counting.configuration WHERE key = %s", [SPANNING]
            ).fetchall()

    def is_archiving(self) -> bool:
        """Tell whether the server sends its log anywhere."""
        with self.server.connect("postgres") as connection:
            rows = connection.execute("SELECT 1 FROM pg_stat_activity WHERE backend_type = 'archiver'").fetchall()
        return bool(rows)

    @contextmanager
    def receiving(self, runtime: Runtime) -> Iterator[None]:
        """Have the log streamed until the block ends, where the procedure streams it."""
        if self.keeping.procedure.receive is None:
            yield
        else:
            with WalReceiver(self.server, self.keeping, runtime=runtime) as self.receiver:
                yield
            self.receiver = None

    def return_to_service(self) -> None:
        """Take a recovered server back into service: it archives again, on its new timeline."""
        self.server.keep_log()
        self.server.stop()
        self.server.start()

    def change_key(self, policy: Policy) -> None:
        """Have the log encrypted to a policy's new key from now on, by a server that has the old ones, too."""
        self.keeping = self.keeping.rekeyed(policy)
        self.server.keep_log_as(self.keeping)

    def go_on(self, number: int) -> Moment:
        """Commit so many ledger writes after those that are there and have them archived."""
        before = len(self.written())
        self.archive_writes(range(before, before + number))
        return self.mark("after-that", before=before + number)

    def _fingerprint_of(self, name: str) -> Fingerprint:
        with self.server.connect(name) as connection:
            return postgres_fingerprint.fingerprint(connection)

    def _is_promoted(self) -> bool:
        try:
            with self.server.connect("postgres") as connection:
                rows = connection.execute("SELECT pg_is_in_recovery()").fetchall()
        except psycopg.OperationalError:  # it may end while it replays
            return False
        return rows == [(False,)]

    def has_archived(self, connection: psycopg.Connection[tuple[Any, ...]], segment: str) -> bool:
        """Tell whether the server has archived a segment of its log, and with it all before it."""
        ((newest,),) = connection.execute("SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver").fetchall()
        return str(newest)[:24] >= segment

    def _has_failed_to_archive(self, connection: psycopg.Connection[tuple[object, ...]]) -> bool:
        return connection.execute("SELECT failed_count > 0 FROM pg_stat_archiver").fetchall() == [(True,)]


OpenCluster = Callable[..., tuple[ClusterStore, ...]]
"""Starts one server for the names of procedures, and gives a store for each; ``kept=False``: their log is not kept."""
