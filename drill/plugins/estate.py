"""The disposable estate as fixtures: one runtime and one shared server per session, everything else per scenario."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import pytest

from drill.backups.kept import KeptChain
from drill.commands.runbook import Runbook
from drill.datasets import cache, cluster, database, source
from drill.datasets import host as host_dataset
from drill.documented import recovered_as_documented
from drill.evidence.attachments import attach_text
from drill.evidence.journal import Journal
from drill.hosts import AppHost, as_the_runtime_has_it
from drill.losses.ways import Ways
from drill.machines import LostMachine, MachineContainer
from drill.machines.kept import BackedUpMachine
from drill.plugins.session import SETTINGS, Settings
from drill.policy import Policy
from drill.progress import working_on
from drill.runtimes import Runtime
from drill.runtimes.protocol import Host
from drill.servers.postgres import PostgresClusters, PostgresServer
from drill.servers.process import ServerProcess
from drill.servers.receiver import WalReceiver
from drill.servers.redis import RedisServer, RedisServers
from drill.servers.wal_keeping import WalKeeping
from drill.sites import Site
from drill.sites.lenient import LenientServer
from drill.sites.server import SiteServer
from drill.stores import ClusterStore, DatabaseCopy, DatabaseStore, OpenCluster

JOURNAL = pytest.StashKey[Journal]()
SERVERS = pytest.StashKey[list[ServerProcess]]()
RUNTIME = pytest.StashKey[Runtime]()
Server = TypeVar("Server", bound=ServerProcess)
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def settings(pytestconfig: pytest.Config) -> Settings:
    """What the run was asked for."""
    return pytestconfig.stash[SETTINGS]


@pytest.fixture
def policy(settings: Settings) -> Policy:
    """The policy that is being drilled; a scenario may put another one in its place, for itself alone."""
    return settings.policy


@pytest.fixture(scope="session")
def runtime(settings: Settings, pytestconfig: pytest.Config) -> Iterator[Runtime]:
    """The runtime, open for the session; its workspace and servers go with it."""
    if settings.resolution is None:
        raise settings.problem or AssertionError("neither a runtime nor a reason")
    runtime = settings.resolution.open()
    pytestconfig.stash[RUNTIME] = runtime
    yield runtime
    runtime.close()


@pytest.fixture(scope="session")
def clusters(runtime: Runtime) -> PostgresClusters:
    """Template clusters, initialised on first use."""
    return PostgresClusters(runtime)


@pytest.fixture(scope="session")
def postgres(clusters: PostgresClusters, settings: Settings) -> PostgresServer:
    """The session's shared server with the seeded estate; clone its database, never change the original."""
    return _seeded(clusters, settings)


@pytest.fixture
def database_name(postgres: PostgresServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """A copy of the estate's database on the shared server."""
    request.node.stash.setdefault(SERVERS, []).append(postgres)
    name = postgres.clone_database(database.NAME)
    yield name
    postgres.drop_database(name)


@pytest.fixture
def bystander(postgres: PostgresServer, database_name: str) -> DatabaseStore:
    """A copy of the estate's database that nothing happens to, to tell what slows the machine down."""
    return DatabaseCopy(postgres, name=database_name)


@pytest.fixture
def fresh_postgres(
    clusters: PostgresClusters, settings: Settings, request: pytest.FixtureRequest
) -> Iterator[PostgresServer]:
    """A server of one's own with the seeded estate, for whoever kills it."""
    yield from _own(_seeded(clusters, settings), request)


@pytest.fixture
def open_cluster(
    clusters: PostgresClusters,
    runtime: Runtime,
    policy: Policy,
    settings: Settings,
    repository: Path,
    request: pytest.FixtureRequest,
) -> Iterator[OpenCluster]:
    """Starts a server of one's own, with every database, whose log is kept as procedures of the policy say."""
    opened: list[PostgresServer] = []

    def open_(*procedures: str, kept: bool = True) -> tuple[ClusterStore, ...]:
        keeping = [
            WalKeeping.prepared(policy, procedure, repository=repository, workspace=runtime.workspace, kept=kept)
            for procedure in procedures
        ]
        server = _seeded(clusters, settings, keeping=keeping)
        opened.append(server)
        request.node.stash.setdefault(SERVERS, []).append(server)
        cluster.extend(server)
        stores = tuple(ClusterStore(server, way) for way in keeping)
        for store in stores:
            if store.keeping.recipient and store.keeping.procedure.archive:
                store.require_archiving()
        return stores

    yield open_
    for server in opened:
        server.discard()


@pytest.fixture(scope="session")
def kept_chain(clusters: PostgresClusters, runtime: Runtime, settings: Settings) -> Iterator[KeptChain]:
    """A server whose log is archived and a chain of it, taken once; whoever loses it leaves it lost."""
    runbook = _session_runbook(runtime, settings)
    keeping = WalKeeping.prepared(
        settings.policy, "postgres-physical", repository=runbook.repository, workspace=runtime.workspace
    )
    server = _seeded(clusters, settings, keeping=[keeping])
    cluster.extend(server)
    store = ClusterStore(server, keeping)
    store.require_archiving()
    yield KeptChain.taken(store, runbook)
    server.discard()


@pytest.fixture
def three_ways(open_cluster: OpenCluster, runtime: Runtime) -> Iterator[Ways]:
    """A server of one's own whose data is dumped, whose log is archived and whose log is streamed."""
    archived, streamed = open_cluster("postgres-physical", "postgres-streaming")
    with WalReceiver(streamed.server, streamed.keeping, runtime=runtime) as receiver:
        yield Ways(archived, receiver, streamed)


@pytest.fixture
def blank_postgres(clusters: PostgresClusters, request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """A server of one's own that holds nothing."""
    yield from _own(clusters.blank(), request)


@pytest.fixture
def redis_server(runtime: Runtime, settings: Settings, request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """A server of one's own with the seeded estate."""
    server = RedisServer.blank(runtime)
    yield from _own(_filled(server, settings), request)


@pytest.fixture
def redis_servers(runtime: Runtime, settings: Settings, request: pytest.FixtureRequest) -> Iterator[RedisServers]:
    """Makes servers of one's own, blank or with the seeded estate; they go with the scenario."""
    with ExitStack() as discarding:

        def make(configuration: Mapping[str, str] = MappingProxyType({}), *, filled: bool = True) -> RedisServer:
            server = RedisServer.blank(runtime, settings=configuration)
            request.node.stash.setdefault(SERVERS, []).append(server)
            discarding.callback(server.discard)
            return _filled(server, settings) if filled else server

        yield make


@pytest.fixture
def blank_redis(runtime: Runtime, request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """A server of one's own that holds nothing."""
    yield from _own(RedisServer.blank(runtime), request)


@pytest.fixture
def app_host(runtime: Runtime, settings: Settings) -> Iterator[AppHost]:
    """A host of one's own with the application's files."""
    host = AppHost.blank(runtime)
    missing = host_dataset.seed(host.root, seed=settings.seed, scale=settings.scale)
    attach_text("what this host cannot hold", "\n".join(missing) or "nothing")
    yield host
    host.discard()


@pytest.fixture
def runtime_host(runtime: Runtime, settings: Settings) -> Iterator[Host]:
    """A host of one's own as the runtime has it, a container where there are any, with the files of the application."""
    host, which = as_the_runtime_has_it(runtime)
    missing = host_dataset.seed_application(host.root, seed=settings.seed, scale=settings.scale)
    attach_text("what the host is", which)
    attach_text("what this host cannot hold", "\n".join(missing) or "nothing")
    yield host
    host.discard()


@pytest.fixture(scope="session")
def backed_up_machine(runtime: Runtime, settings: Settings) -> Iterator[BackedUpMachine]:
    """A machine and its backup, taken once; whoever loses it leaves it lost."""
    machine = BackedUpMachine.taken(runtime, _session_runbook(runtime, settings))
    yield machine
    machine.store.server.discard()


@pytest.fixture(scope="session")
def documented_recovery(runtime: Runtime, settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """What the document's commands that recover a machine are found wanting in, each by its id; carried out once."""
    machine = LostMachine(runtime)
    try:
        machine.start()
        return recovered_as_documented(machine, policy=settings.policy)
    finally:
        machine.discard()


@pytest.fixture
def lost_machine(runtime: Runtime, request: pytest.FixtureRequest) -> Iterator[LostMachine]:
    """A machine of one's own that has lost its disk, started from a recovery medium."""
    machine = LostMachine(runtime)
    request.node.stash.setdefault(SERVERS, []).append(machine)
    try:
        machine.start()
        yield machine
    finally:
        machine.discard()


@pytest.fixture
def machine_container(runtime: Runtime) -> Iterator[MachineContainer]:
    """A container of one's own, to be made of what is restored; only where the runtime has containers."""
    container = MachineContainer(runtime)
    yield container
    container.discard()


@pytest.fixture
def source_repository(runtime: Runtime, settings: Settings) -> Path:
    """A git repository of one's own with the application's source code; it goes with the runtime's workspace."""
    home = runtime.workspace.directory / f"source-{next(_numbers)}"
    home.mkdir(mode=0o700)
    source.seed(home / "counting.git", seed=settings.seed, scale=settings.scale)
    return home / "counting.git"


@pytest.fixture
def repository(runtime: Runtime) -> Path:
    """An empty repository; it goes with the runtime's workspace."""
    directory = runtime.workspace.directory / f"repository-{next(_numbers)}"
    directory.mkdir(mode=0o700)
    return directory


@pytest.fixture(scope="session")
def site_server(runtime: Runtime) -> Iterator[SiteServer]:
    """The session's S3 server; every scenario has a bucket of its own."""
    server = SiteServer(runtime.workspace)
    server.start()
    yield server
    server.discard()


@pytest.fixture
def site(site_server: SiteServer) -> Site:
    """An empty disaster recovery site with Object Lock."""
    return site_server.new_site()


@pytest.fixture
def lenient_site(runtime: Runtime) -> Iterator[Site]:
    """An empty site that says that it locks, and lets locked copies be weakened."""
    server = LenientServer(runtime.workspace)
    yield server.new_site()
    server.stop()


@pytest.fixture
def journal(request: pytest.FixtureRequest) -> Journal:
    """Where this scenario writes down what it did and measured."""
    journal: Journal = request.node.stash.setdefault(JOURNAL, Journal())
    return journal


@pytest.fixture
def runbook(policy: Policy, settings: Settings, repository: Path, journal: Journal) -> Runbook:
    """The policy's procedures, pointed at this scenario's repository."""
    return Runbook(policy, repository=repository, directory=settings.policy_path.resolve().parent, journal=journal)


def _session_runbook(runtime: Runtime, settings: Settings) -> Runbook:
    """Return a runbook of the session's, with an empty repository; nobody reads its journal."""
    repository = runtime.workspace.directory / f"repository-{next(_numbers)}"
    repository.mkdir(mode=0o700)
    directory = settings.policy_path.resolve().parent
    return Runbook(settings.policy, repository=repository, directory=directory, journal=Journal())


def _own(server: Server, request: pytest.FixtureRequest) -> Iterator[Server]:
    request.node.stash.setdefault(SERVERS, []).append(server)
    yield server
    server.discard()


def _filled(server: RedisServer, settings: Settings) -> RedisServer:
    with working_on(f"filling the cache, scale {settings.scale}"):
        cache.seed(server.client, seed=settings.seed, scale=settings.scale)
    return server


def _seeded(clusters: PostgresClusters, settings: Settings, *, keeping: Sequence[WalKeeping] = ()) -> PostgresServer:
    def seed(server: PostgresServer) -> None:
        server.create_database(database.NAME)
        with working_on(f"filling the database, scale {settings.scale}"), server.connect(database.NAME) as connection:
            database.seed(connection, seed=settings.seed, scale=settings.scale)

    return clusters.seeded("estate", seed, keeping=keeping)
