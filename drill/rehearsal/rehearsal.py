"""Runs every backup procedure on the estate, and records what the source held at each moment that can be restored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType

from drill.backups import backup as backups
from drill.backups.backup import Backup
from drill.commands.runbook import Runbook
from drill.errors import DrillError
from drill.policy import Policy, Procedure
from drill.recoveries.moments import BACKUP_END, END
from drill.rehearsal import record as records
from drill.rehearsal.record import Record, RecordedBackup, RecordedSet, State
from drill.rehearsal.sources import Sources, obstacle
from drill.runtimes import Engine
from drill.stores import ClusterStore, IncrementalStore, Store
from drill.waiting import Patience, eventually

WRITES = 40
"""Between two moments."""
INCREMENTS = 2
MOMENT = "before-the-mistake"
NOTHING: Mapping[str, str] = MappingProxyType({})


def chosen(policy: Policy, names: Sequence[str]) -> list[Procedure]:
    """Return the procedures of the sets that are named; where none is, of all that can be rehearsed here.

    Raises:
        DrillError: the policy has no such set, or one directory for two procedures.
    """
    known = {each.set: each for each in policy.procedures.values()}
    if unknown := [name for name in names if name not in known]:
        raise DrillError(f"no procedure keeps a set {unknown[0]!r}", remedy=f"name one of {', '.join(known)}")
    return [each for name, each in known.items() if (name in names if names else obstacle(each) is None)]


def lacking(policy: Policy, names: Sequence[str]) -> dict[str, str]:
    """Return the sets that cannot be rehearsed here although all were asked for, and why."""
    obstacles = {} if names else {each.set: obstacle(each) for each in policy.procedures.values()}
    return {name: why for name, why in obstacles.items() if why is not None}


def make_room(repository: Path) -> None:
    """Make the directory of a rehearsal, which never mixes with what is there.

    Raises:
        DrillError: it is no directory, or not an empty one, or nobody can write there.
    """
    another = "name a directory that is empty, or not there yet"
    try:
        if repository.exists() and not repository.is_dir():
            raise DrillError(f"{repository} is no directory", remedy=another)
        repository.mkdir(mode=0o711, parents=True, exist_ok=True)
        if any(repository.iterdir()):
            raise DrillError(f"{repository} is not empty", remedy=another)
        with TemporaryFile(dir=repository):
            pass
    except OSError as error:
        raise DrillError(f"{repository}: {error.strerror}", remedy="name a directory that can be written to") from error


def rehearse(
    sources: Sources, stores: dict[str, Store], *, runbook: Runbook, lacks: Mapping[str, str] = NOTHING
) -> Record:
    """Take every backup into the sources' repository, and write the record.

    Args:
        sources: made the estate, and know the repository.
        stores: what is backed up, by procedure.
        runbook: runs the procedures.
        lacks: the sets that were to be rehearsed as well and cannot be here, and why; nobody asks for any other.

    Raises:
        Disproof: a backup command failed.
    """
    taking = _Taking(sources, runbook)
    for store in stores.values():
        taking.all_of(store)
    taking.finish()
    sets = {runbook.policy.procedures[name].set: recorded for name, recorded in taking.recorded()}
    others = [each.set for each in runbook.policy.procedures.values() if each.set not in sets]
    versions = {engine: str(sources.runtime.version(engine)) for engine in Engine}
    record = Record(
        schema=records.SCHEMA,
        at=datetime.now(UTC),
        seed=sources.seed,
        scale=sources.scale,
        runtime=sources.runtime.name,
        versions=versions,
        sets=sets,
        left_out={name: lacks.get(name) for name in others},
    )
    record.write(sources.repository)
    return record


class _Taking:
    """Takes backups and notes states; numbers the fingerprints."""

    def __init__(self, sources: Sources, runbook: Runbook) -> None:
        self._sources = sources
        self._runbook = runbook
        self._numbers = count()
        self._clusters: list[ClusterStore] = []
        self._taken: dict[str, list[Backup]] = {}
        self._states: dict[str, list[State]] = {}

    def all_of(self, store: Store) -> None:
        """Take the backups of one procedure, a chain with writes in between where it makes increments."""
        taken = self._taken[store.procedure] = [backups.take(store, runbook=self._runbook)]
        target = END
        if isinstance(store, ClusterStore):
            self._clusters.append(store)
            target = BACKUP_END
        if isinstance(store, IncrementalStore) and self._makes_increments(store):
            for _ in range(INCREMENTS):
                store.write(self._next(store))
                taken.append(backups.take(store, runbook=self._runbook, parent=taken[-1]))
        self._states[store.procedure] = [self._state(each.id, each, target) for each in taken]

    def finish(self) -> None:
        """Mark a moment in the log, go on writing, and have all logs kept to their end.

        After the last backup, because every backup of a server adds to every log that is kept of it.
        """
        if not self._clusters:
            return
        store = self._clusters[0]
        store.write(self._next(store))
        before = _Held(store)
        with store.server.connect("postgres") as connection:
            connection.execute("SELECT pg_create_restore_point(%s)", [MOMENT])
            # What comes next lies in a segment of its own: either can be lost without the other.
            connection.execute("SELECT pg_switch_wal()")
        store.write(self._next(store))
        for each in self._clusters:
            self._finish_log(each)
        # Only now, as it takes its time: because of its age, one more segment could be archived meanwhile, the newest,
        # and hold nothing that anybody would miss.
        after = _Held(store)
        for each in self._clusters:
            last = self._taken[each.procedure][-1].id
            moments = ((before, f"name:{MOMENT}"), (after, END))
            self._states[each.procedure] += [self._state(last, held, target) for held, target in moments]

    def recorded(self) -> Iterator[tuple[str, RecordedSet]]:
        """Yield what is to be recorded of each procedure."""
        for procedure, taken in self._taken.items():
            yield (
                procedure,
                RecordedSet(
                    procedure=procedure,
                    backups=tuple(map(_recorded, taken)),
                    states=tuple(self._states[procedure]),
                ),
            )

    def _makes_increments(self, store: IncrementalStore) -> bool:
        if self._runbook.policy.procedures[store.procedure].incremental is None:
            return False
        return not isinstance(store, ClusterStore) or store.server.makes_increments

    def _finish_log(self, store: ClusterStore) -> None:
        if store.keeping.procedure.archive:
            store.archive_now()
            # What a running server would archive later, because of its archive_timeout, is not what was recorded.
            with store.server.connect("postgres") as connection:
                connection.execute("ALTER SYSTEM SET archive_command = ''")
                connection.execute("SELECT pg_reload_conf()")
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

    def _next(self, store: IncrementalStore) -> range:
        written = store.written()
        start = max(written, default=-1) + 1
        return range(start, start + WRITES)

    def _state(self, backup_id: str, held: Backup | _Held, target: str) -> State:
        name, sha256 = records.keep(held.held, self._sources.repository, number=next(self._numbers))
        return State(
            backup=backup_id,
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
