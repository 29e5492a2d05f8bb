"""Runs every backup procedure on the estate, and records what the source held at each moment that can be restored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from drill.backups import backup as backups
from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.errors import DrillError
from drill.policy import Policy, Procedure
from drill.recoveries.moments import BACKUP_END, END
from drill.rehearsal import record as records
from drill.rehearsal.record import PLACE, Record, RecordedBackup, RecordedSet, State
from drill.rehearsal.sources import Sources
from drill.runtimes import Engine
from drill.stores import ClusterStore, Store
from drill.waiting import Patience, eventually

WRITES = 40
"""Between two moments."""
INCREMENTS = 2
MOMENT = "before-the-mistake"


def chosen(policy: Policy, names: Sequence[str]) -> list[Procedure]:
    """Return the procedures of the sets that are named; of all where none is.

    Raises:
        DrillError: the policy has no such set, or one directory for two procedures.
    """
    known = {each.set: each for each in policy.procedures.values()}
    if unknown := [name for name in names if name not in known]:
        raise DrillError(f"no procedure keeps a set {unknown[0]!r}", remedy=f"name one of {', '.join(known)}")
    return [procedure for name, procedure in known.items() if not names or name in names]


def refuse_taken(repository: Path) -> None:
    """See that a rehearsal would not mix with what is there.

    Raises:
        DrillError: it is no directory, or not an empty one.
    """
    if repository.exists() and not repository.is_dir():
        raise DrillError(f"{repository} is no directory", remedy="name one that is empty, or not there yet")
    if repository.is_dir() and any(repository.iterdir()):
        raise DrillError(f"{repository} is not empty", remedy="name a directory that is empty, or not there yet")


def rehearse(sources: Sources, stores: dict[str, Store], *, runbook: Runbook) -> Record:
    """Take every backup into the sources' repository, and write the record.

    Raises:
        Disproof: a backup command failed.
    """
    taking = _Taking(sources, runbook)
    sets = {runbook.policy.procedures[name].set: taking.all_of(store) for name, store in stores.items()}
    versions = {engine: str(sources.runtime.version(engine)) for engine in Engine}
    record = Record(
        schema=records.SCHEMA,
        at=datetime.now(UTC),
        seed=sources.seed,
        scale=sources.scale,
        runtime=sources.runtime.name,
        versions=versions,
        sets=sets,
    )
    record.write(sources.repository)
    return record


class _Taking:
    """Takes backups and notes states; numbers the fingerprints."""

    def __init__(self, sources: Sources, runbook: Runbook) -> None:
        self._sources = sources
        self._runbook = runbook
        self._number = len(list((sources.repository / PLACE).glob("*.json")))

    def all_of(self, store: Store) -> RecordedSet:
        if isinstance(store, ClusterStore):
            return self._of_cluster(store)
        taken = backups.take(store, runbook=self._runbook)
        return RecordedSet(
            procedure=store.procedure, backups=(_recorded(taken),), states=(self._state(taken, taken, END),)
        )

    def _of_cluster(self, store: ClusterStore) -> RecordedSet:
        """Take a chain with writes in between, mark a moment after it, and keep the log to its end."""
        taken = [backups.take(store, runbook=self._runbook)]
        increments = INCREMENTS if store.keeping.procedure.incremental and store.server.makes_increments else 0
        for _ in range(increments):
            store.write(self._next(store))
            taken.append(backups.take(store, runbook=self._runbook, parent=taken[-1]))
        states = [self._state(each, each, BACKUP_END) for each in taken]
        store.write(self._next(store))
        before = _Held(store)
        with store.server.connect("postgres") as connection:
            connection.execute("SELECT pg_create_restore_point(%s)", [MOMENT])
        store.write(self._next(store))
        after = _Held(store)
        self._finish_log(store)
        states += [self._state(taken[-1], before, f"name:{MOMENT}"), self._state(taken[-1], after, END)]
        return RecordedSet(procedure=store.procedure, backups=tuple(map(_recorded, taken)), states=tuple(states))

    def _finish_log(self, store: ClusterStore) -> None:
        if store.keeping.procedure.archive:
            store.archive_now()
        if receiver := self._sources.receivers.get(store.procedure):
            with store.server.connect("postgres") as connection:
                ((end,),) = connection.execute("SELECT pg_current_wal_flush_lsn()::text").fetchall()
                eventually(
                    f"the receiver to have the log up to {end}",
                    lambda: connection.execute(
                        "SELECT 1 FROM pg_stat_replication WHERE flush_lsn >= %s::pg_lsn "
                        "AND application_name = 'pg_receivewal'",
                        [end],
                    ).fetchall(),
                    Patience.WAL_ARCHIVED,
                )
            receiver.stop()

    def _next(self, store: ClusterStore) -> range:
        written = store.written()
        start = max(written, default=-1) + 1
        return range(start, start + WRITES)

    def _state(self, backup: Backup, held: Backup | _Held, target: str) -> State:
        name, sha256 = records.keep(held.held, self._sources.repository, number=self._number)
        self._number += 1
        return State(
            backup=backup.id,
            target=target,
            held=name,
            sha256=sha256,
            answer=tuple(map(repr, held.healthy)),
            source_bytes=held.source_bytes,
        )


class _Held:
    """What a store holds at a moment of which no backup is taken."""

    def __init__(self, store: Store) -> None:
        self.held = store.fingerprint()
        self.healthy = store.health()
        self.source_bytes = store.size()


def _recorded(taken: Backup) -> RecordedBackup:
    manifest = taken.stored.manifest
    return RecordedBackup(
        id=taken.id,
        kind=manifest.kind,
        parent=manifest.parent,
        finished=records.moment(taken.outcome.result.get("finished", manifest.finished.isoformat())),
        system_identifier=str(manifest.source.get("system_identifier", "")),
    )
