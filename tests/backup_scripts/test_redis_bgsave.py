"""redis_snapshot --method bgsave: this save and no other, or no backup at all."""

import shutil

import pytest

from drill.waiting import Patience, eventually
from tests.backup_scripts.operating import Scripts, replacing
from tests.backup_scripts.redis_servers import held, server_with, without_disk, without_memory

METHOD = ("redis_snapshot", "--method", "bgsave")


@pytest.fixture
def source(blank_redis):
    """A server with two keys and the file of an earlier save beside them."""
    with blank_redis.client() as client, blank_redis.client(3) as other:
        client.set("yesterday", 1)
        client.save()
        client.set("today", 1)
        other.set("session", 1, ex=3600)
    return blank_redis


@pytest.mark.parametrize("append_only", [True, False])
def test_what_is_restored_is_what_was_there(scripts: Scripts, source, runtime, append_only):
    made = scripts.on(source.environment()).done(*METHOD)
    with server_with(runtime, append_only=append_only) as target:
        scripts.on(target.environment()).done("redis_restore", made["id"])

        assert held(source) == held(target)
    assert {"0": {"keys": 2, "expires": 0}, "3": {"keys": 1, "expires": 1}} == made["source"]["databases"]
    assert 0 == made["source"]["changes"]


@pytest.mark.parametrize("failing", [without_disk, without_memory])
def test_a_save_that_fails_is_named_and_no_older_file_is_taken(scripts: Scripts, source, runtime, failing):
    failing(source, runtime)
    ran = scripts.on(source.environment()).run(*METHOD)
    source.data.chmod(0o700)

    assert (1, "save-failed") == (ran.status, ran.slug)
    assert "disk space or memory" in ran.said
    assert [] == scripts.in_sight()


def test_a_save_that_another_began_is_not_taken_for_this_one(scripts: Scripts, source):
    with source.client() as client:
        client.config_set("rdb-key-save-delay", 300_000)
        client.bgsave()
        client.set("since", 1)
        made = scripts.on(source.environment()).done(*METHOD)

    assert {"keys": 3, "expires": 0} == made["source"]["databases"]["0"]
    assert b"since" in (scripts.home / made["id"] / "dump.rdb").read_bytes()


def test_a_save_that_does_not_end_is_given_up(scripts: Scripts, source):
    with source.client() as client:
        client.config_set("rdb-key-save-delay", 10_000_000)
        ran = scripts.on(source.environment()).run(*METHOD, "--wait", "1")

    assert (1, "server-busy") == (ran.status, ran.slug)
    assert [] == scripts.in_sight()


def test_a_save_that_is_killed_is_no_backup(scripts: Scripts, source, tmp_path):
    script = """
    case "$*" in *BGSAVE*) "$REAL" -h "$REDIS_HOST" -p "$REDIS_PORT" CONFIG SET rdb-key-save-delay 10000000 >&2;; esac
    exec "$REAL" "$@" """
    environment = replacing("redis-cli", script, environment=source.environment(), directory=tmp_path)
    with scripts.on(environment).start(*METHOD) as process, source.client() as client:
        eventually("the save to run", lambda: client.info()["rdb_bgsave_in_progress"], Patience.SERVER_READY)
        client.config_set("rdb-key-save-delay", 0)
        client.shutdown(nosave=True)
        output, said = process.communicate(timeout=300)

    assert 1 == process.returncode, output
    assert "error: save-failed" in said or "error: server-unreachable" in said
    assert [] == scripts.in_sight()


def test_a_file_that_this_save_did_not_write_is_not_taken(scripts: Scripts, source, tmp_path):
    shutil.copyfile(source.data / "dump.rdb", tmp_path / "dump.rdb")
    ran = scripts.on(source.environment() | {"REDIS_DIR": str(tmp_path)}).run(*METHOD)

    assert (1, "snapshot-stale") == (ran.status, ran.slug)
    assert [] == scripts.in_sight()


def test_a_directory_without_the_file_is_named(scripts: Scripts, source, tmp_path):
    ran = scripts.on(source.environment() | {"REDIS_DIR": str(tmp_path)}).run(*METHOD)

    assert (1, "snapshot-unreadable") == (ran.status, ran.slug)


def test_a_rewrite_of_the_append_only_file_is_waited_for(scripts: Scripts, append_only_redis):
    with append_only_redis.client() as client:
        client.mset({"a": 1, "b": 2})
        client.config_set("rdb-key-save-delay", 200_000)
        client.bgrewriteaof()
        made = scripts.on(append_only_redis.environment()).done(*METHOD)

    assert {"0": {"keys": 2, "expires": 0}} == made["source"]["databases"]


@pytest.mark.parametrize("meanwhile", ["SET a 1", "DEL today", "FLUSHDB", "MSET a 1 b 2 c 3", "EXPIRE today 0"])
def test_a_source_that_is_written_to_meanwhile_is_no_false_alarm(
    scripts: Scripts, source, runtime, tmp_path, meanwhile
):
    script = f"""
    case "$*" in *BGSAVE*) "$REAL" "$@"; "$REAL" -h "$REDIS_HOST" -p "$REDIS_PORT" {meanwhile} >&2; exit;; esac
    exec "$REAL" "$@" """
    environment = replacing("redis-cli", script, environment=source.environment(), directory=tmp_path)
    before = held(source)
    made = scripts.on(environment).done(*METHOD)
    with server_with(runtime) as target:
        scripts.on(target.environment()).done("redis_restore", made["id"])

        assert before == held(target)
    assert made["source"]["changes"] > 0


def test_a_save_that_the_server_gives_up_is_no_backup(scripts: Scripts, source, tmp_path):
    with source.client() as client:
        client.config_set("rdb-key-save-delay", 10_000_000)
        earlier = client.lastsave().timestamp()
        eventually("the next second", lambda: client.time()[0] > earlier, Patience.SERVER_READY)
    script = """
    case "$*" in *BGSAVE*) "$REAL" "$@"; "$REAL" -h "$REDIS_HOST" -p "$REDIS_PORT" FLUSHALL >&2; exit;; esac
    exec "$REAL" "$@" """
    environment = replacing("redis-cli", script, environment=source.environment(), directory=tmp_path)
    ran = scripts.on(environment).run(*METHOD)

    assert (1, "save-failed") == (ran.status, ran.slug)
    assert "the server gave the save up" in ran.said
    assert [] == scripts.in_sight()
