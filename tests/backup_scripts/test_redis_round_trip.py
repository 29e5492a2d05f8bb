"""redis_snapshot and redis_restore: what comes back is what was there, whatever persistence the target has."""

import json

import pytest

from drill.waiting import Patience, eventually
from tests.backup_scripts.operating import Scripts, replacing
from tests.backup_scripts.redis_servers import held, server_with, setting


def restart(server) -> None:
    server.stop()
    server.start()


@pytest.fixture(params=["blank_redis", "append_only_redis"])
def target(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def written(runtime):
    """A server that each test fills afresh."""
    with server_with(runtime) as server:
        yield server


def test_what_is_restored_is_what_was_there(scripts: Scripts, stored_snapshot, cache, target):
    restored = scripts.on(target.environment()).done("redis_restore", stored_snapshot.name)

    assert 4 == restored["keys"]
    assert {"backup_id", "set", "keys", "settings", "users", "seconds", "bytes"} == restored.keys()
    assert held(cache) == held(target)


def test_what_is_restored_survives_restarts_and_so_do_later_writes(scripts: Scripts, stored_snapshot, cache, target):
    scripts.on(target.environment()).done("redis_restore", stored_snapshot.name)
    restart(target)
    after_first = held(target)
    with target.client() as client:
        client.set("later", 1)
        client.save()
    restart(target)

    assert held(cache) == after_first
    assert held(cache).keys() | {(0, b"later")} == held(target).keys()


def test_what_a_blank_target_once_did_is_not_replayed(scripts: Scripts, stored_snapshot, cache, target):
    with target.client() as client:
        client.set("mistake", 1)
        client.flushall()
    scripts.on(target.environment()).done("redis_restore", stored_snapshot.name)
    restart(target)

    assert held(cache) == held(target)


def test_the_restored_files_belong_to_the_owner_of_the_data_directory(scripts: Scripts, stored_snapshot, target):
    scripts.on(target.environment()).done("redis_restore", stored_snapshot.name)
    owner = target.data.stat()

    assert {(owner.st_uid, owner.st_gid)} == {(p.stat().st_uid, p.stat().st_gid) for p in target.data.rglob("*")}
    assert not list(target.data.glob(".*"))


def test_what_the_server_did_not_read_is_not_left_for_a_later_start(scripts: Scripts, stored_snapshot, target):
    scripts.on(target.environment()).done("redis_restore", stored_snapshot.name)
    read = "appendonlydir" if setting(target, "appendonly") == "yes" else "dump.rdb"

    assert [read] == [path.name for path in target.data.iterdir()]


def test_the_manifest_says_what_was_stored(scripts: Scripts, cache):
    printed = scripts.on(cache.environment() | {"BACKUP_NOW": "2026-11-23T02:00:00Z"}).done("redis_snapshot")
    backup = scripts.home / "20261123T020000.000000Z-snapshot"
    with cache.client() as client:
        info = client.info()

    assert [backup.name] == scripts.in_sight()
    assert printed == json.loads((backup / "manifest.json").read_text())
    assert (1, backup.name, "shop", "snapshot", None) == tuple(
        printed[name] for name in ("schema", "id", "set", "kind", "parent")
    )
    assert info.get("server_name", "redis") == printed["source"]["engine"]
    assert info["master_replid"] == printed["source"]["system_identifier"]
    assert {"0": {"keys": 3, "expires": 0}, "5": {"keys": 1, "expires": 1}} == printed["source"]["databases"]
    assert 0 == printed["source"]["changes"]
    assert {"configuration.json", "dump.rdb"} == {file["path"] for file in printed["files"]}
    assert printed["stored_bytes"] == sum(file["size"] for file in printed["files"])


def test_keys_that_expired_since_are_not_missed(scripts: Scripts, written, blank_redis):
    with written.client() as client:
        client.config_set("repl-diskless-sync-delay", 0)
        client.flushall()
        client.set("stays", 1)
        client.set("goes", 1, px=4000)
    made = scripts.on(written.environment()).done("redis_snapshot")
    with written.client() as client:
        eventually("the key to expire", lambda: not client.exists("goes"), Patience.SERVER_READY)

    assert 2 == made["source"]["databases"]["0"]["keys"]
    assert 1 == scripts.on(blank_redis.environment()).done("redis_restore", made["id"])["keys"]


@pytest.mark.parametrize(
    "meanwhile", ["SET a 1", "DEL photo", "FLUSHALL", "MSET a 1 b 2 c 3 d 4", "EXPIRE photo 0", "RENAME photo camera"]
)
def test_a_source_that_is_written_to_meanwhile_is_no_false_alarm(
    scripts: Scripts, written, blank_redis, tmp_path, meanwhile
):
    with written.client() as client:
        client.config_set("repl-diskless-sync-delay", 0)
        client.flushall()
        client.mset({"photo": 1, "camera": 2, "counter": 3})
    script = f"""
    case "$*" in *--rdb*) "$REAL" -h "$REDIS_HOST" -p "$REDIS_PORT" {meanwhile} >&2; esac
    exec "$REAL" "$@" """
    environment = replacing("redis-cli", script, environment=written.environment(), directory=tmp_path)
    made = scripts.on(environment).done("redis_snapshot")
    restored = scripts.on(blank_redis.environment()).done("redis_restore", made["id"])

    assert made["source"]["changes"] > 0
    assert len(held(written)) == restored["keys"]
    assert held(written) == held(blank_redis)
