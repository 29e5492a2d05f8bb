"""Blank, disposable targets: for each restore a server, host, machine or place that holds nothing, seen as a store."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count

from drill.backups.catalogue import StoredBackup
from drill.datasets import database
from drill.hosts import AppHost
from drill.machines import Machine, MachineStore
from drill.machines.machine import NAME
from drill.policy import Policy, Procedure
from drill.rehearsal import obstacle
from drill.runtimes import Runtime
from drill.servers.postgres import PostgresClusters
from drill.servers.process import ServerError
from drill.servers.redis import RedisServer
from drill.servers.wal_keeping import WalKeeping
from drill.stores import CacheStore, ClusterStore, DatabaseStore, HostStore, SourceStore, Store

_numbers = count(1)


class Targets:
    """Makes blank targets, and takes back those that nothing has touched."""

    def __init__(self, policy: Policy, runtime: Runtime, clusters: PostgresClusters) -> None:
        """Remember where they are made."""
        self.policy = policy
        self.runtime = runtime
        self._clusters = clusters
        self._untouched: list[DumpTarget] = []

    def obstacle(self, procedure: Procedure, backup: StoredBackup) -> str | None:
        """Return why there is no target for a backup; None where there is one."""
        host = str(backup.manifest.source.get("host"))
        if procedure.engine == "machine" and host != NAME:
            return f"it is of the machine {host!r}, and only {NAME!r} tells a drill what is on it"
        return obstacle(procedure)

    @contextmanager
    def blank(self, procedure: Procedure, backup: StoredBackup) -> Iterator[Store]:
        """Give a store that holds nothing, for a backup of this procedure; it goes with the block."""
        if procedure.engine == "redis":
            server = RedisServer.blank(self.runtime, append_only=True)
            yield from _discarded(CacheStore(server, procedure=procedure.name), server.discard)
        elif procedure.engine == "files":
            host = AppHost.blank(self.runtime)
            yield from _discarded(HostStore(host, procedure), host.discard)
        elif procedure.engine == "git":
            yield from self._place(procedure)
        elif procedure.engine == "machine":
            machine = Machine(self.runtime)
            machine.provision()
            yield from _discarded(MachineStore(machine, procedure=procedure.name), machine.discard)
        elif procedure.fetch is not None:
            yield from self._directory(procedure, backup)
        else:
            yield from self._database(procedure, backup)

    def close(self) -> None:
        """Remove what was kept for the next one."""
        while self._untouched:
            self._untouched.pop().server.discard()

    def _place(self, procedure: Procedure) -> Iterator[Store]:
        home = self.runtime.workspace.directory / f"restored-source-{next(_numbers)}"
        home.mkdir(mode=0o700)
        store = SourceStore(home / "repository.git", procedure=procedure.name)
        yield from _discarded(store, lambda: shutil.rmtree(home))

    def _directory(self, procedure: Procedure, backup: StoredBackup) -> Iterator[Store]:
        repository = backup.directory.parent.parent
        keeping = WalKeeping.reading(
            self.policy, procedure.name, repository=repository, workspace=self.runtime.workspace
        )
        vacant = self._clusters.vacant(keeping=[keeping])
        yield from _discarded(PhysicalTarget(vacant, keeping), vacant.discard)

    def _database(self, procedure: Procedure, backup: StoredBackup) -> Iterator[Store]:
        # A restore that was refused leaves a server as blank as it was, and starting one costs more than most refusals.
        try:
            target = self._untouched.pop()
        except IndexError:
            target = DumpTarget(self._clusters.blank(), name=database.NAME)
        target.touched = True
        target.procedure = procedure.name
        target.name = str(backup.manifest.source.get("database", database.NAME))
        try:
            yield target
        except BaseException:
            target.server.discard()
            raise
        if target.touched:
            target.server.discard()
        else:
            self._untouched.append(target)


class DumpTarget(DatabaseStore):
    """A blank server for dumps; ``touched``, once handed out, until it is known to be as blank as before."""

    touched = True

    def leftovers(self) -> list[str]:
        """Return what is there although the target should be blank, and remember whether that is nothing."""
        found = super().leftovers()
        self.touched = bool(found)
        return found


class PhysicalTarget(ClusterStore):
    """An empty data directory, whose tablespaces stay beside it wherever they were on the source."""

    def environment(self) -> Mapping[str, str]:
        """Return what the restore needs, and where tablespaces go: production's own places may be on this machine."""
        return {**super().environment(), "RESTORE_TABLESPACES": str(self.server.tablespaces)}

    def replay(self) -> None:
        """Start the server on what was restored, wait until it takes writes, and have it let us in.

        Its passwords are those of where it is from, which nobody here knows.

        Raises:
            ServerError: it ended instead, or nobody is let in.
            StillWaiting: it stayed in recovery.
        """
        self.server.service.start()
        self.server.wait("be promoted", self._is_promoted_or_pauses)
        if not self.server.lets_us_in():
            self.server.stop()
            self.server.take_over()
            self.server.start()

    def _is_promoted_or_pauses(self) -> bool:
        """Tell whether it takes writes.

        Raises:
            ServerError: it never will by itself: it has paused at its target.
        """
        if self.server.takes_writes():
            return True
        if self.server.pauses():
            raise ServerError(
                f"{self.server} pauses at its recovery target: it can be read, and takes no write",
                remedy="have the restore set recovery_target_action = promote",
            )
        return False

    def leftovers(self) -> list[str]:
        """Return what is in the directories although they should be empty."""
        beside = sorted(self.server.tablespaces.iterdir())
        return super().leftovers() + [f"tablespaces/{each.name}" for each in beside]


def _discarded(store: Store, discard: Callable[[], None]) -> Iterator[Store]:
    try:
        yield store
    finally:
        discard()
