"""A small shop on real servers, and the scripts as an operator runs them: as programs, with an environment."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from drill.runtimes import Runtime
from drill.servers.postgres import PostgresClusters, PostgresServer
from drill.servers.redis import RedisServer
from tests.backup_scripts import interruption, physical
from tests.backup_scripts.interruption import Interruption
from tests.backup_scripts.operating import Scripts, mounted
from tests.backup_scripts.physical import History

SHOP = (Path(__file__).parent / "shop.sql").read_text("utf-8")


@pytest.fixture
def scripts(repository: Path) -> Scripts:
    """The scripts with an empty repository and no server."""
    return Scripts(repository, {})


@pytest.fixture(scope="session")
def killing() -> Iterator[Interruption]:
    """Runs scripts, and kills them at the N-th of their effects."""
    with interruption.interruption() as running:
        yield running


@pytest.fixture(scope="session")
def shop(clusters: PostgresClusters) -> Iterator[PostgresServer]:
    """A server with the database "shop"; tests only read it."""
    server = clusters.blank()
    with server.connect("postgres") as connection:
        connection.execute("CREATE DATABASE shop TEMPLATE template0")
    with server.connect("shop") as connection:
        connection.execute(SHOP)
    yield server
    server.discard()


@pytest.fixture(scope="session")
def shared_target(clusters: PostgresClusters) -> Iterator[PostgresServer]:
    server = clusters.blank()
    yield server
    server.discard()


@pytest.fixture
def target(shared_target: PostgresServer) -> Iterator[PostgresServer]:
    """A server that holds nothing; what a test restores to it is removed again."""
    yield shared_target
    with shared_target.connect("postgres") as connection:
        connection.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
        for (role,) in connection.execute("SELECT rolname FROM pg_roles WHERE oid > 16383").fetchall():
            connection.execute(psycopg.sql.SQL("DROP ROLE {}").format(psycopg.sql.Identifier(role)))
        connection.execute("ALTER ROLE postgres RESET ALL")


@pytest.fixture(scope="session")
def taken_from_shop(shop: PostgresServer, runtime: Runtime) -> Path:
    """A repository with one backup of the shop, for `stored_dump` to copy."""
    repository = runtime.workspace.directory / "taken-from-shop"
    repository.mkdir(mode=0o700)
    Scripts(repository, shop.environment("shop")).done("postgres_dump")
    return repository


@pytest.fixture
def stored_dump(taken_from_shop: Path, scripts: Scripts) -> Path:
    """A backup of the shop in the test's own repository."""
    shutil.copytree(taken_from_shop, scripts.repository, dirs_exist_ok=True)
    return next(path for path in scripts.home.iterdir() if path.is_dir())


@pytest.fixture(scope="session")
def plant(clusters: PostgresClusters) -> Iterator[PostgresServer]:
    """A server that can be backed up physically; tests only read it."""
    server = clusters.seeded("physical", physical.seed)
    yield server
    server.discard()


@pytest.fixture
def own_plant(clusters: PostgresClusters) -> Iterator[PostgresServer]:
    """A server of one's own that can be backed up physically."""
    server = clusters.seeded("physical", physical.seed)
    yield server
    server.discard()


@pytest.fixture(scope="session")
def history(clusters: PostgresClusters, runtime: Runtime) -> Iterator[History]:
    """Backups and the log of a server that is lost now; copy the repository before changing it."""
    server = clusters.seeded("physical", physical.seed)
    repository = server.service.home / "repository"
    (repository / "shop").mkdir(parents=True)
    physical.give(runtime, repository)
    physical.give_archiver(server)
    physical.archiving(server, repository)
    yield physical.lived(server, Scripts(repository, server.environment()))
    server.discard()


@pytest.fixture
def lost(clusters: PostgresClusters) -> Iterator[PostgresServer]:
    """A server whose data directory is gone, to be recovered."""
    server = clusters.blank()
    server.lose_data()
    physical.give_archiver(server)
    yield server
    server.discard()


@pytest.fixture
def recovering(lost: PostgresServer, history: History, runtime: Runtime) -> Scripts:
    """The scripts, with a copy of the repository of `history`, to recover the lost server."""
    repository = Path(shutil.copytree(history.repository, lost.service.home / "repository"))
    physical.give(runtime, repository)
    facts = {"BACKUP_REPOSITORY": str(repository), "BACKUP_SET": "shop"}
    fetch = " ".join(
        [f"{name}={value}" for name, value in facts.items()] + [f"{lost.service.home}/postgres_wal fetch %f %p"]
    )
    return Scripts(repository, lost.environment() | {"RESTORE_TARGET": str(lost.data), "RESTORE_COMMAND": fetch})


@pytest.fixture(scope="session")
def cache(runtime: Runtime) -> Iterator[RedisServer]:
    """A server with keys in two database indexes; tests only read it."""
    server = RedisServer.blank(runtime)
    _fill(server)
    yield server
    server.discard()


@pytest.fixture(scope="session")
def untouched_redis(runtime: Runtime) -> Iterator[RedisServer]:
    """A blank server for what is refused; each test sees to it that it is left as it was."""
    server = RedisServer.blank(runtime)
    yield server
    server.discard()


@pytest.fixture
def append_only_redis(runtime: Runtime) -> Iterator[RedisServer]:
    """A blank server that keeps an append-only file."""
    server = RedisServer.blank(runtime, append_only=True)
    yield server
    server.discard()


@pytest.fixture(scope="session")
def taken_from_cache(cache: RedisServer, runtime: Runtime) -> Path:
    repository = runtime.workspace.directory / "taken-from-cache"
    repository.mkdir(mode=0o700)
    Scripts(repository, cache.environment()).done("redis_snapshot")
    return repository


@pytest.fixture
def stored_snapshot(taken_from_cache: Path, scripts: Scripts) -> Path:
    """A snapshot of the cache in the test's own repository."""
    shutil.copytree(taken_from_cache, scripts.repository, dirs_exist_ok=True)
    return next(path for path in scripts.home.iterdir() if path.is_dir())


@pytest.fixture(
    params=["a limit of file size", "a small file system"] if os.getuid() == 0 else ["a limit of file size"]
)
def full_disk(scripts: Scripts, request: pytest.FixtureRequest) -> Iterator[Scripts]:
    """The scripts with 64 KiB left; only root may mount a file system."""
    if request.param == "a small file system":
        with mounted(scripts.repository, "size=64k"):
            yield scripts
    else:
        yield scripts.under("sh", "-c", 'ulimit -f 128; exec "$@"', "sh")


@pytest.fixture
def read_only(scripts: Scripts) -> Iterator[Scripts]:
    """The scripts with a repository that can be read and not written."""
    if os.getuid() == 0:
        with mounted(scripts.repository, "ro"):
            yield scripts
    else:
        scripts.repository.chmod(0o500)
        yield scripts
        scripts.repository.chmod(0o700)


def _fill(server: RedisServer) -> None:
    with server.client(0) as client, server.client(5) as other:
        client.config_set("repl-diskless-sync-delay", 0)
        client.set("photo", secrets.token_bytes(600_000))
        client.hset("camera", mapping={"name": "Cổng số 1"})
        client.rpush("recent", "a", "b")
        other.set("session", "user", ex=3600)
