"""Steps about the stores of the estate: which one a scenario is about, and that it is in use."""

from collections.abc import Iterator
from pathlib import Path

from pytest_bdd import given, parsers

from drill.hosts import AppHost
from drill.losses.ledger import Writer
from drill.losses.protection import SUCCESSORS, protection
from drill.policy import Policy
from drill.runtimes import Runtime
from drill.runtimes.protocol import Host
from drill.servers.postgres import PostgresServer
from drill.servers.redis import RedisServer, RedisServers
from drill.stores import CacheStore, DatabaseCopy, DatabaseStore, HostStore, LogStore, OpenCluster, SourceStore, Store

KEEPING = {"archived": "postgres-physical", "streamed": "postgres-streaming"}


@given("the camera-counting database", target_fixture="store")
def the_database(fresh_postgres: PostgresServer) -> Store:
    return DatabaseStore(fresh_postgres)


@given("a copy of the camera-counting database", target_fixture="store")
def copy_of_the_database(postgres: PostgresServer, database_name: str) -> Store:
    return DatabaseCopy(postgres, name=database_name)


@given(parsers.parse("the camera-counting server with its log {kept}"), target_fixture="store")
def the_server(open_cluster: OpenCluster, runtime: Runtime, kept: str) -> Iterator[Store]:
    (store,) = open_cluster(KEEPING[kept])
    with store.receiving(runtime):
        yield store


@given("the camera-counting server without its log", target_fixture="store")
def server_without_log(open_cluster: OpenCluster) -> Store:
    (store,) = open_cluster("postgres-physical", kept=False)
    return store


@given("the camera-counting cache", target_fixture="store")
def the_cache(redis_server: RedisServer) -> Store:
    return CacheStore(redis_server)


@given(parsers.parse("the camera-counting cache, kept by {name}"), target_fixture="store")
def cache_kept_by(redis_servers: RedisServers, name: str) -> Store:
    return protection(name).store(redis_servers)


@given(parsers.parse("a node of a cluster, kept by {name}"), target_fixture="store")
def cluster_node_kept_by(redis_servers: RedisServers, name: str) -> Store:
    return protection(name).store(redis_servers, filled=False, more=SUCCESSORS["is part of a cluster"])


@given(parsers.parse("an empty cache, kept by {name}"), target_fixture="store")
def empty_cache_kept_by(redis_servers: RedisServers, name: str) -> Store:
    return protection(name).store(redis_servers, filled=False)


@given(parsers.parse("the camera-counting host with its {part}"), target_fixture="store")
def host_with_part(app_host: AppHost, policy: Policy, part: str) -> Store:
    kind = LogStore if part == "logs" else HostStore
    return kind(app_host, policy.procedures[part.replace(" ", "-")])


@given(parsers.parse("the camera-counting host, as the runtime has it, with its {part}"), target_fixture="store")
def runtime_host_with_part(runtime_host: Host, policy: Policy, part: str) -> Store:
    return HostStore(runtime_host, policy.procedures[part.replace(" ", "-")])


@given("the source code of the application", target_fixture="store")
def source_code(source_repository: Path) -> Store:
    return SourceStore(source_repository)


@given("it is written to without pause", target_fixture="writer")
def written_to_without_pause(store: Store) -> Iterator[Writer]:
    with store.writer() as writer:
        writer.wait_for(200)
        yield writer


@given("one of its files is written to without pause", target_fixture="writer")
def file_written_to_without_pause(store: HostStore) -> Iterator[Writer]:
    with store.rewriter() as writer:
        writer.wait_for(200)
        yield writer
