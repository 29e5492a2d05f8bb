"""The disposable estate that is backed up: one server for each engine, seen by each procedure as its store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from drill.datasets import cache, cluster, database
from drill.errors import DrillError
from drill.policy import Policy, Procedure
from drill.progress import working_on
from drill.runtimes import Runtime
from drill.servers.postgres import PostgresClusters, PostgresServer
from drill.servers.receiver import WalReceiver
from drill.servers.redis import RedisServer
from drill.servers.wal_keeping import WalKeeping
from drill.stores import CacheStore, ClusterStore, DatabaseStore, Store


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
            DrillError: the servers' user cannot get to the repository, or nothing makes such a store.
        """
        for procedure in procedures:
            if procedure.engine not in ENGINES:
                raise DrillError(
                    f"[procedures.{procedure.name}]: nothing rehearses the engine {procedure.engine!r} yet",
                    remedy=f"name sets of {', '.join(ENGINES)} with --set",
                )
        with ExitStack() as stack:
            stores: dict[str, Store] = {}
            for engine, open_ in ENGINES.items():
                if chosen := [each for each in procedures if each.engine == engine]:
                    stores |= open_(self, chosen, stack)
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


ENGINES = {"postgres": Sources._databases, "redis": Sources._caches}
"""What fills and opens the servers of an engine."""
