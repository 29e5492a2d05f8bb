"""redis_restore refuses what would lose something, and names what is wrong with a backup or a target."""

import json
import shutil
import time

import pytest

from drill.waiting import Patience, eventually
from tests.backup_scripts.operating import NOBODYS_PORT, Scripts, replacing, reseal, restate
from tests.backup_scripts.redis_servers import rewriting, server_with, state


def test_a_target_that_holds_keys_is_refused(scripts: Scripts, stored_snapshot, blank_redis):
    with blank_redis.client(9) as client:
        client.set("precious", 1)
    before = state(blank_redis)
    ran = scripts.on(blank_redis.environment()).run("redis_restore", stored_snapshot.name)

    assert (3, "target-not-empty") == (ran.status, ran.slug)
    assert before == state(blank_redis)


def test_a_target_that_is_used_during_the_copy_is_refused(scripts: Scripts, stored_snapshot, blank_redis, tmp_path):
    script = """
    case "$*" in *CONFIG*) "$REAL" -h "$REDIS_HOST" -p "$REDIS_PORT" SET precious 1 >/dev/null; esac
    exec "$REAL" "$@" """
    environment = replacing("redis-cli", script, environment=blank_redis.environment(), directory=tmp_path)
    run, _, _ = state(blank_redis)
    ran = scripts.on(environment).run("redis_restore", stored_snapshot.name)
    same_run, keys, files = state(blank_redis)

    assert (3, "target-not-empty") == (ran.status, ran.slug)
    assert (run, 1, {"."}) == (same_run, keys["db0"]["keys"], files.keys())


@pytest.mark.parametrize("change", [{"server_version": "99.1.0"}, {"engine": "another"}])
def test_a_backup_of_a_newer_release_or_another_engine_is_refused(
    scripts: Scripts, stored_snapshot, untouched_redis, change
):
    restate(stored_snapshot, source=json.loads((stored_snapshot / "manifest.json").read_text())["source"] | change)
    before = state(untouched_redis)
    ran = scripts.on(untouched_redis.environment()).run("redis_restore", stored_snapshot.name)

    assert (3, "newer-version") == (ran.status, ran.slug)
    assert before == state(untouched_redis)


def test_a_node_of_a_cluster_is_refused(scripts: Scripts, stored_snapshot, runtime):
    bus = runtime.workspace.claim_port()
    with server_with(runtime, "cluster-enabled yes", f"cluster-port {bus}", append_only=True) as node:
        before = state(node)[0]
        saved = [scripts.on(node.environment()).run(script) for script in ("redis_snapshot", "redis_appendonly")]
        restored = scripts.on(node.environment()).run("redis_restore", stored_snapshot.name)

        assert before == state(node)[0]
    assert [(1, "cluster-unsupported")] * 2 == [(ran.status, ran.slug) for ran in saved]
    assert (3, "cluster-unsupported") == (restored.status, restored.slug)
    assert [stored_snapshot.name] == scripts.in_sight()


def test_a_target_with_functions_is_refused(scripts: Scripts, stored_snapshot, blank_redis):
    with blank_redis.client() as client:
        client.function_load("#!lua name=shop\nredis.register_function('total', function() return 1 end)")
    before = state(blank_redis)
    ran = scripts.on(blank_redis.environment()).run("redis_restore", stored_snapshot.name)

    assert (3, "target-not-empty") == (ran.status, ran.slug)
    assert before == state(blank_redis)


def test_a_snapshot_that_the_target_has_not_read_is_not_overwritten(scripts: Scripts, stored_snapshot, runtime):
    with server_with(runtime, append_only=True) as target:
        shutil.copyfile(stored_snapshot / "dump.rdb", target.data / "dump.rdb")
        before = state(target)
        ran = scripts.on(target.environment()).run("redis_restore", stored_snapshot.name)

        assert (3, "target-not-empty") == (ran.status, ran.slug)
        assert "only copy" in ran.said
        assert before == state(target)


def test_an_append_only_file_that_the_target_has_not_read_is_not_overwritten(
    scripts: Scripts, stored_snapshot, runtime
):
    with server_with(runtime) as target:
        (target.data / "appendonlydir").mkdir()
        (target.data / "appendonlydir" / "appendonly.aof.1.incr.aof").write_text("*1\r\n$4\r\nPING\r\n")
        before = state(target)
        ran = scripts.on(target.environment()).run("redis_restore", stored_snapshot.name)

        assert (3, "target-not-empty") == (ran.status, ran.slug)
        assert before == state(target)


def test_an_append_only_file_of_another_name_beside_the_servers_own_is_not_removed(
    scripts: Scripts, stored_snapshot, runtime
):
    with server_with(runtime, append_only=True) as target:
        unread = target.data / "appendonlydir" / "former.aof.1.incr.aof"
        unread.write_text("*1\r\n$4\r\nPING\r\n")
        ran = scripts.on(target.environment()).run("redis_restore", stored_snapshot.name)

        assert (3, "target-not-empty") == (ran.status, ran.slug)
        assert unread.exists()


def test_the_files_of_a_blank_server_are_no_obstacle(scripts: Scripts, stored_snapshot, blank_redis):
    with blank_redis.client() as client:
        client.save()
        client.config_set("appendonly", "yes")
        eventually("the first rewrite to end", lambda: not rewriting(client), Patience.SERVER_READY)
        client.config_set("appendonly", "no")
    restored = scripts.on(blank_redis.environment()).done("redis_restore", stored_snapshot.name)

    assert stored_snapshot.name == restored["backup_id"]


def test_a_target_with_too_little_memory_is_refused(scripts: Scripts, stored_snapshot, blank_redis):
    with blank_redis.client() as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("maxmemory", 500_000)
    before = state(blank_redis)
    ran = scripts.on(blank_redis.environment()).run("redis_restore", stored_snapshot.name)

    assert (3, "target-too-small") == (ran.status, ran.slug)
    assert before == state(blank_redis)


def test_a_target_with_too_few_databases_is_refused(scripts: Scripts, stored_snapshot, runtime):
    with server_with(runtime, "databases 4") as target:
        before = state(target)
        ran = scripts.on(target.environment()).run("redis_restore", stored_snapshot.name)

        assert (3, "too-few-databases") == (ran.status, ran.slug)
        assert "set databases to 6" in ran.said
        assert before == state(target)


def test_a_file_of_a_newer_format_is_refused_whatever_the_manifest_says(
    scripts: Scripts, stored_snapshot, untouched_redis
):
    with (stored_snapshot / "dump.rdb").open("r+b") as file:
        file.write(b"REDIS0099")
    reseal(stored_snapshot)
    before = state(untouched_redis)
    ran = scripts.on(untouched_redis.environment()).run("redis_restore", stored_snapshot.name)

    assert (3, "newer-version") == (ran.status, ran.slug)
    assert before == state(untouched_redis)


@pytest.mark.parametrize("spoil", ["zeros", "cut", "empty"])
def test_a_file_that_was_no_whole_snapshot_when_it_was_stored_is_refused(
    scripts: Scripts, stored_snapshot, untouched_redis, spoil
):
    file = stored_snapshot / "dump.rdb"
    whole = file.read_bytes()
    file.write_bytes({"zeros": bytes(len(whole)), "cut": whole[: len(whole) // 2], "empty": b""}[spoil])
    reseal(stored_snapshot)
    before = state(untouched_redis)
    ran = scripts.on(untouched_redis.environment()).run("redis_restore", stored_snapshot.name)

    assert (3, "rdb-incomplete") == (ran.status, ran.slug)
    assert before == state(untouched_redis)


def zeros_in_the_middle(content: bytearray) -> None:
    content[200_000:204_096] = bytes(4096)


def one_flipped_bit(content: bytearray) -> None:
    content[len(content) // 2] ^= 1


def no_checksum_and_an_unknown_type(content: bytearray) -> None:
    content[-8:] = bytes(8)
    content[content.index(b"\xfe\x00\xfb") + 5] = 0x60


@pytest.mark.parametrize("spoil", [zeros_in_the_middle, one_flipped_bit, no_checksum_and_an_unknown_type])
def test_a_file_that_no_server_loads_is_refused_though_it_was_stored_so(
    scripts: Scripts, stored_snapshot, untouched_redis, spoil
):
    file = stored_snapshot / "dump.rdb"
    content = bytearray(file.read_bytes())
    spoil(content)
    file.write_bytes(content)
    reseal(stored_snapshot)
    before = state(untouched_redis)[:2]
    ran = scripts.on(untouched_redis.environment()).run("redis_restore", stored_snapshot.name)

    assert (3, "rdb-unreadable") == (ran.status, ran.slug), ran.said
    assert before == state(untouched_redis)[:2]
    assert [] == list(untouched_redis.data.iterdir())


def test_a_flipped_byte_is_refused_also_where_the_server_writes_no_checksum(scripts: Scripts, runtime, untouched_redis):
    with server_with(runtime, "rdbchecksum no", "rdbcompression no") as source, source.client() as client:
        client.set("photo", "a" * 1000)
        made = scripts.on(source.environment()).done("redis_snapshot")
    file = scripts.home / made["id"] / "dump.rdb"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"aaaa", b"aaab", 1))
    before = state(untouched_redis)
    ran = scripts.on(untouched_redis.environment()).run("redis_restore", made["id"])

    assert bytes(8) == whole[-8:]
    assert (3, "checksum-mismatch") == (ran.status, ran.slug)
    assert before == state(untouched_redis)


def test_a_replica_is_refused(scripts: Scripts, stored_snapshot, blank_redis):
    with blank_redis.client() as client:
        client.replicaof(blank_redis.host, NOBODYS_PORT)
    before = state(blank_redis)
    ran = scripts.on(blank_redis.environment()).run("redis_restore", stored_snapshot.name)

    assert (3, "target-is-replica") == (ran.status, ran.slug)
    assert before == state(blank_redis)


def test_a_dump_of_postgres_is_refused(scripts: Scripts, stored_dump, untouched_redis):
    before = state(untouched_redis)
    ran = scripts.on(untouched_redis.environment()).run("redis_restore", stored_dump.name)

    assert (3, "wrong-kind") == (ran.status, ran.slug)
    assert before == state(untouched_redis)


def test_a_data_directory_that_is_not_there_is_refused(scripts: Scripts, stored_snapshot, untouched_redis, tmp_path):
    environment = untouched_redis.environment() | {"REDIS_DIR": str(tmp_path / "none")}
    before = state(untouched_redis)
    ran = scripts.on(environment).run("redis_restore", stored_snapshot.name)

    assert (3, "target-missing") == (ran.status, ran.slug)
    assert before == state(untouched_redis)


def test_a_data_directory_that_is_another_servers_is_noticed(scripts: Scripts, stored_snapshot, blank_redis, tmp_path):
    ran = scripts.on(blank_redis.environment() | {"REDIS_DIR": str(tmp_path)}).run(
        "redis_restore", stored_snapshot.name
    )

    assert (1, "keys-differ") == (ran.status, ran.slug)
    assert "database 0 has 0 keys, its backup 3" in ran.said


@pytest.mark.parametrize("keys", [2, 4])
def test_a_count_that_differs_from_the_manifest_is_noticed(scripts: Scripts, stored_snapshot, blank_redis, keys):
    source = json.loads((stored_snapshot / "manifest.json").read_text())["source"]
    source["databases"]["0"]["keys"] = keys
    restate(stored_snapshot, source=source)
    ran = scripts.on(blank_redis.environment()).run("redis_restore", stored_snapshot.name)

    assert (1, "keys-differ") == (ran.status, ran.slug)


def test_a_server_that_does_not_come_back_has_its_data_in_place(
    scripts: Scripts, stored_snapshot, blank_redis, tmp_path
):
    script = 'case "$*" in *SHUTDOWN*) exit; esac; exec "$REAL" "$@"'
    environment = replacing("redis-cli", script, environment=blank_redis.environment(), directory=tmp_path)
    ran = scripts.on(environment).run("redis_restore", stored_snapshot.name, "--wait", "1")

    assert (1, "server-not-back") == (ran.status, ran.slug)
    assert "the data is in place" in ran.said
    assert (stored_snapshot / "dump.rdb").read_bytes() == (blank_redis.data / "dump.rdb").read_bytes()


@pytest.mark.parametrize(("questions", "ends"), [(3, (0, None)), (10_000, (1, "server-not-back"))])
def test_a_connection_that_is_taken_while_the_server_is_away_and_never_answered_is_not_waited_for(
    scripts: Scripts, stored_snapshot, blank_redis, tmp_path, questions, ends
):
    script = f"""
    asked={tmp_path}/asked
    case "$*" in
        *SHUTDOWN*) touch $asked;;
        *INFO*) test -e $asked && echo >>$asked && test $(wc -l <$asked) -le {questions} && exec sleep 60;;
    esac
    exec "$REAL" "$@" """
    environment = replacing("redis-cli", script, environment=blank_redis.environment(), directory=tmp_path)
    started = time.monotonic()
    ran = scripts.on(environment).run("redis_restore", stored_snapshot.name, "--wait", "5")

    assert ends == (ran.status, ran.slug), ran.said
    assert time.monotonic() - started < 60


def test_a_full_target_is_named_and_keeps_what_it_had(scripts: Scripts, stored_snapshot, blank_redis):
    before = state(blank_redis)[:2]
    limited = scripts.under("sh", "-c", 'ulimit -f 128; exec "$@"', "sh").on(blank_redis.environment())
    ran = limited.run("redis_restore", stored_snapshot.name)

    assert (1, "disk-full") == (ran.status, ran.slug)
    assert before == state(blank_redis)[:2]
    assert [] == list(blank_redis.data.iterdir())
