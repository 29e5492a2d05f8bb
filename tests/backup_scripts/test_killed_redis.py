"""redis_restore, killed before its effects: all keys are there or none, and the next run finishes it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from drill.backups.catalogue import contents
from drill.runtimes import Runtime
from drill.servers.redis import RedisServer
from drill.waiting import Patience, eventually
from tests.backup_scripts.interruption import Interruption, points
from tests.backup_scripts.operating import Scripts, Taken
from tests.backup_scripts.redis_servers import held, rewriting, rewritten, server_with, setting

LEFT = (".landing-restore", ".restore")
"""What a killed restore leaves, and one that has ended never does."""
POLICY = "volatile-lfu"


@dataclass(frozen=True)
class Kept:
    """What the target's configuration file says of `appendonly`, and what it was told since."""

    at_start: bool
    now: bool

    @contextlib.contextmanager
    def target(self, runtime: Runtime) -> Iterator[RedisServer]:
        """Run a blank server that is so."""
        with server_with(runtime, append_only=self.at_start) as server:
            if self.now != self.at_start:
                with server.client() as client:
                    client.config_set("appendonly", "yes" if self.now else "no")
                    eventually("its first rewrite to end", lambda: not rewriting(client), Patience.SERVER_READY)
            yield server


KEPT = {
    "with snapshots": Kept(at_start=False, now=False),
    "with an append-only file": Kept(at_start=True, now=True),
    "with an append-only file for the moment": Kept(at_start=False, now=True),
}


@pytest.fixture(scope="module")
def source(runtime: Runtime) -> Iterator[RedisServer]:
    """A server with keys, and with a setting and a user that no configuration file knows; tests only read it."""
    with server_with(runtime, append_only=True) as server:
        with server.client() as client, server.client(5) as other:
            client.mset({"photo": "a" * 50_000, "counter": 1})
            rewritten(server)
            client.rpush("recent", "a", "b")
            other.set("session", "user", ex=3600)
            client.config_set("maxmemory-policy", POLICY)
            client.acl_setuser("clerk", enabled=True, nopass=True, commands=["+get"], keys=["a*"])
        yield server


@pytest.fixture(scope="module")
def taken(source: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Taken:
    scripts = ("redis_snapshot", "redis_appendonly")
    return Taken.by(*scripts, of=source.environment(), below=tmp_path_factory.mktemp("taken"))


@pytest.fixture
def stored(scripts: Scripts, taken: Taken) -> Mapping[str, dict]:
    """What the scripts have said of their backups, which are in the test's own repository."""
    return taken.copied(scripts)


def users(server: RedisServer) -> set[str]:
    with server.client() as client:
        return {line for line in client.acl_list() if not line.startswith("user default ")}


def left(data: Path) -> list[str]:
    return [name for name in LEFT if (data / name).exists()]


def missing(target: RedisServer, source: RedisServer, kept: Kept) -> list[str]:
    """Return what a finished restore would have done, and this one has not."""
    wanted = {
        "keys": held(target) == held(source),
        "users": users(target) == users(source),
        "settings": setting(target, "maxmemory-policy") == POLICY,
        "appendonly": setting(target, "appendonly") == ("yes" if kept.now else "no"),
        "cleared": not left(target.data),
    }
    return [what for what, done in wanted.items() if not done]


def crashed(server: RedisServer) -> dict:
    """What a server holds when it has crashed as well, and is started again."""
    server.kill()
    server.start()
    return held(server)


@pytest.mark.parametrize("seed", [7], ids=["seed 7"])
@pytest.mark.parametrize(
    ("script", "kept"),
    [
        ("redis_snapshot", "with an append-only file"),
        ("redis_snapshot", "with an append-only file for the moment"),
        ("redis_appendonly", "with snapshots"),
        ("redis_appendonly", "with an append-only file for the moment"),
    ],
)
def test_a_restore_that_is_killed_anywhere_is_finished_by_the_next(
    killing: Interruption, scripts: Scripts, runtime: Runtime, source, stored, script, kept, seed
):
    repository, wrong, backup, kept = contents(scripts.repository), [], stored[script]["id"], KEPT[kept]
    with kept.target(runtime) as target:
        complete = killing.run(scripts.on(target.environment()), "redis_restore", backup)
    renames = {number for number, effect in enumerate(complete.effects, 1) if effect == "rename"}
    for at in sorted(renames.union(points(complete, most=6, seed=seed))):
        with kept.target(runtime) as target:
            restoring = scripts.on(target.environment())
            killed = killing.killed(restoring, "redis_restore", backup, at=at)
            if not killed.killed and not killed.status:
                continue  # it has asked less often whether the server is back
            again = killing.run(restoring, "redis_restore", backup)
            if again.status or missing(target, source, kept) or crashed(target) != held(source):
                wrong.append(f"{killed}: then {again.said} {missing(target, source, kept)}")

    assert [] == wrong
    assert repository == contents(scripts.repository)


@pytest.mark.parametrize("seed", [8], ids=["seed 8"])
@pytest.mark.parametrize("kept", [KEPT["with snapshots"], KEPT["with an append-only file"]], ids=list(KEPT)[:2])
def test_a_cache_whose_restore_is_killed_anywhere_holds_all_or_nothing_when_it_crashes(
    killing: Interruption, scripts: Scripts, runtime: Runtime, source, stored, kept, seed
):
    backup, whole, wrong = stored["redis_snapshot"]["id"], held(source), []
    with kept.target(runtime) as target:
        complete = killing.run(scripts.on(target.environment()), "redis_restore", backup)
    for at in points(complete, most=6, seed=seed):
        with kept.target(runtime) as target:
            restoring = scripts.on(target.environment())
            killed = killing.killed(restoring, "redis_restore", backup, at=at)
            if crashed(target) not in ({}, whole):
                wrong.append(f"{killed}: a part of the keys is there")
            again = killing.run(restoring, "redis_restore", backup)
            if killed.killed and (again.status or crashed(target) != whole or left(target.data)):
                wrong.append(f"{killed}, then a crash: then {again.said}")

    assert [] == wrong


def test_a_part_of_the_keys_would_be_seen(cache, blank_redis):
    with blank_redis.client() as client:
        client.set("recent", "a")
        client.save()

    assert crashed(blank_redis) not in ({}, held(cache))
