"""The disposable estate that is backed up: one source for each engine, seen by each procedure as its store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from drill.datasets import cache, cluster, database, host, source
from drill.errors import DrillError
from drill.hosts import AppHost
from drill.machines import Machine, MachineStore, template
from drill.policy import Policy, Procedure
from drill.progress import working_on
from drill.runtimes import Runtime, RuntimeUnavailable
from drill.servers.postgres import PostgresClusters, PostgresServer
from drill.servers.receiver import WalReceiver
from drill.servers.redis import RedisServer
from drill.servers.wal_keeping import WalKeeping
from drill.stores import CacheStore, ClusterStore, DatabaseStore, HostStore, SourceStore, Store

REPOSITORY = "counting.git"
_numbers = count(1)


class Sources:
    """Makes the estate's servers, filled from a seed, and gives each procedure the store that it backs up."""

    def __init__(
        self, policy: Policy, runtime: Runtime, clusters: PostgresClusters, *, repository: Path, seed: int, scale: int
    ) -> None:
        """Remember how it is to be made.

        Args:
            policy: names the procedures.
            runtime: where the servers run.
            clusters: makes PostgreSQL servers.
            repository: where the log is kept.
            seed: of the content.
            scale: multiplies it.
        """
        self.policy = policy
        self.runtime = runtime
        self.clusters = clusters
        self.repository = repository
        self.seed = seed
        self.scale = scale
        self.receivers: dict[str, WalReceiver] = {}

    @contextmanager
    def opened(self, procedures: Sequence[Procedure]) -> Iterator[Mapping[str, Store]]:
        """Start what the procedures back up, and give the store of each by the procedure's name.

        Raises:
            DrillError: the servers' user cannot get to the repository, or something is not installed.
        """
        openers = {
            "postgres": self._databases,
            "redis": self._caches,
            "files": self._files,
            "git": self._source_code,
            "machine": self._machines,
        }
        with ExitStack() as stack:
            stores: dict[str, Store] = {}
            for engine, open_ in openers.items():
                if chosen := [each for each in procedures if each.engine == engine]:
                    stores |= open_(chosen, stack)
            yield stores

    def _databases(self, procedures: Sequence[Procedure], stack: ExitStack) -> dict[str, Store]:
        user = self.runtime.workspace.user
        keeping = {
            each.name: WalKeeping.prepared(
                self.policy, each.name, repository=self.repository, workspace=self.runtime.workspace
            )
            for each in procedures
            if is_physical(each)
        }
        if keeping and not user.can_enter(self.repository):
            raise DrillError(
                f"{self.repository}: the user {user.name}, which the servers run as, cannot get there",
                remedy="name a directory below one that everybody may enter",
            )
        server = self.clusters.seeded(f"rehearsal-{self.seed}-{self.scale}", self._seed, keeping=list(keeping.values()))
        stack.callback(server.discard)
        if keeping:
            cluster.extend(server)
        for name, way in keeping.items():
            if way.procedure.archive:
                ClusterStore(server, way).require_archiving()
            if way.procedure.receive:
                receiver = WalReceiver(server, way, runtime=self.runtime)
                self.receivers[name] = stack.enter_context(receiver)
        return {
            each.name: ClusterStore(server, keeping[each.name])
            if each.name in keeping
            else DumpedStore(server, procedure=each.name)
            for each in procedures
        }

    def _caches(self, procedures: Sequence[Procedure], stack: ExitStack) -> dict[str, Store]:
        server = RedisServer.blank(self.runtime, append_only=True)
        stack.callback(server.discard)
        with working_on(f"filling the cache, scale {self.scale}"):
            cache.seed(server.client, seed=self.seed, scale=self.scale)
        return {each.name: CacheStore(server, procedure=each.name) for each in procedures}

    def _files(self, procedures: Sequence[Procedure], stack: ExitStack) -> dict[str, Store]:
        machine = AppHost.blank(self.runtime)
        stack.callback(machine.discard)
        with working_on(f"filling the host, scale {self.scale}"):
            host.seed(machine.root, seed=self.seed, scale=self.scale)
        return {each.name: HostStore(machine, each) for each in procedures}

    def _source_code(self, procedures: Sequence[Procedure], stack: ExitStack) -> dict[str, Store]:
        home = self.runtime.workspace.directory / f"rehearsed-source-{next(_numbers)}"
        home.mkdir(mode=0o700)
        stack.callback(shutil.rmtree, home)
        with working_on(f"filling the git repository, scale {self.scale}"):
            source.seed(home / REPOSITORY, seed=self.seed, scale=self.scale)
        return {each.name: SourceStore(home / REPOSITORY, procedure=each.name) for each in procedures}

    def _machines(self, procedures: Sequence[Procedure], stack: ExitStack) -> dict[str, Store]:
        with working_on("starting the machine"):
            machine = Machine.running(self.runtime)
        stack.callback(machine.discard)
        return {each.name: MachineStore(machine, procedure=each.name) for each in procedures}

    def _seed(self, server: PostgresServer) -> None:
        server.create_database(database.NAME)
        with working_on(f"filling the database, scale {self.scale}"), server.connect(database.NAME) as connection:
            database.seed(connection, seed=self.seed, scale=self.scale)


class DumpedStore(DatabaseStore):
    """The database on a server of its own, backed up by whichever procedure dumps it."""

    def __init__(self, server: PostgresServer, *, procedure: str, name: str = database.NAME) -> None:
        super().__init__(server, name=name)
        self.procedure = procedure


def is_physical(procedure: Procedure) -> bool:
    """Tell whether a procedure copies a PostgreSQL server's files: then it knows how the log comes back."""
    return procedure.engine == "postgres" and procedure.fetch is not None


def obstacle(procedure: Procedure) -> str | None:
    """Return why what a procedure backs up cannot be made here, and what to do; None where it can be."""
    if procedure.engine != "machine":
        return None
    try:
        template.check_available()
    except RuntimeUnavailable as error:
        return str(error)
    return None
