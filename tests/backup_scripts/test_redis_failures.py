"""redis_snapshot and redis_restore when something is wrong."""

import signal
from contextlib import contextmanager

import pytest

from drill.waiting import Patience, eventually
from tests.backup_scripts.operating import NOBODYS_PORT, Scripts, command_lines, ended, replacing
from tests.backup_scripts.redis_servers import state, without_disk, without_memory


@contextmanager
def snapshot_half_way(scripts: Scripts, cache):
    """A snapshot that has begun and waits for the server."""
    with cache.client() as client:
        client.config_set("repl-diskless-sync-delay", 600)
        try:
            with scripts.on(cache.environment()).start("redis_snapshot") as process:
                eventually("the copy begins", lambda: copying(scripts), Patience.SERVER_READY)
                yield process
        finally:
            client.config_set("repl-diskless-sync-delay", 0)


def copying(scripts: Scripts) -> list[str]:
    return [line for line in command_lines() if "--rdb" in line and str(scripts.home) in line]


@pytest.mark.parametrize("module", ["redis_snapshot", "redis_restore"])
def test_an_unreachable_server_is_named(scripts: Scripts, stored_snapshot, cache, module):
    arguments = [stored_snapshot.name] if module == "redis_restore" else []
    ran = scripts.on(cache.environment() | {"REDIS_PORT": NOBODYS_PORT}).run(module, *arguments)

    assert (1, "server-unreachable") == (ran.status, ran.slug)
    assert [stored_snapshot.name] == scripts.in_sight()


@pytest.mark.parametrize("module", ["redis_snapshot", "redis_restore"])
@pytest.mark.parametrize("wrong", [{"REDISCLI_AUTH": "guessed-password"}, {"REDISCLI_AUTH": ""}, {"REDIS_USER": "eve"}])
def test_wrong_credentials_are_named_and_not_told(scripts: Scripts, stored_snapshot, untouched_redis, module, wrong):
    environment = untouched_redis.environment() | wrong
    arguments = [stored_snapshot.name] if module == "redis_restore" else []
    before = state(untouched_redis)
    ran = scripts.on(environment).run(module, *arguments)

    assert (1, "authentication-failed") == (ran.status, ran.slug)
    assert "guessed-password" not in ran.said + ran.output
    assert [stored_snapshot.name] == scripts.in_sight()
    assert before == state(untouched_redis)


def test_a_user_without_the_right_to_copy_is_named(scripts: Scripts, cache):
    environment = cache.environment() | {"REDIS_USER": "watcher", "REDISCLI_AUTH": "watching"}
    with cache.client() as client:
        client.acl_setuser("watcher", enabled=True, passwords=["+watching"], commands=["+info"])
        ran = scripts.on(environment).run("redis_snapshot")
        client.acl_deluser("watcher")

    assert (1, "authentication-failed") == (ran.status, ran.slug)
    assert [] == scripts.in_sight()


def test_a_missing_client_program_is_named(scripts: Scripts, cache, tmp_path):
    ran = scripts.on(cache.environment() | {"PATH": str(tmp_path)}).run("redis_snapshot")

    assert (1, "tool-missing") == (ran.status, ran.slug)
    assert "redis-cli" in ran.said


def test_a_read_only_repository_is_named(read_only: Scripts, cache):
    ran = read_only.on(cache.environment()).run("redis_snapshot")

    assert (1, "repository-unwritable") == (ran.status, ran.slug)


def test_a_full_disk_is_named_and_is_given_free_again(full_disk: Scripts, cache):
    ran = full_disk.on(cache.environment()).run("redis_snapshot")

    assert (1, "disk-full") == (ran.status, ran.slug)
    assert [] == full_disk.in_sight()


@pytest.mark.parametrize("diskless", ["yes", "no"])
@pytest.mark.parametrize("failing", [without_memory, without_disk])
def test_a_server_that_cannot_save_is_named(scripts: Scripts, blank_redis, runtime, diskless, failing):
    with blank_redis.client() as client:
        client.set("photo", 1)
        client.config_set("repl-diskless-sync", diskless)
    failing(blank_redis, runtime)
    ran = scripts.on(blank_redis.environment()).run("redis_snapshot")
    blank_redis.data.chmod(0o700)

    if diskless == "yes" and failing is without_disk:
        assert 0 == ran.status, "it needs no disk"
    else:
        assert (1, "save-failed") == (ran.status, ran.slug)
        assert [] == scripts.in_sight()


@pytest.mark.parametrize(
    "spoil", ["truncate -s -9 $FILE", "echo > $FILE", ": > $FILE", "printf x | dd of=$FILE conv=notrunc"]
)
def test_a_copy_that_is_no_whole_file_is_no_backup(scripts: Scripts, cache, tmp_path, spoil):
    script = f"""
    "$REAL" "$@" || exit
    case "$*" in *--rdb*) for FILE; do :; done; {spoil} 2>/dev/null; esac"""
    environment = replacing("redis-cli", script, environment=cache.environment(), directory=tmp_path)
    ran = scripts.on(environment).run("redis_snapshot")

    assert (1, "rdb-incomplete") == (ran.status, ran.slug)
    assert [] == scripts.in_sight()


def test_a_killed_snapshot_looks_like_no_backup_and_the_next_one_clears_up(scripts: Scripts, cache):
    with snapshot_half_way(scripts, cache) as process:
        process.kill()
        process.wait()
        eventually("redis-cli ends", lambda: not copying(scripts), Patience.SERVER_READY)
    left = scripts.in_sight()
    made = scripts.on(cache.environment()).done("redis_snapshot")

    assert left
    assert all(name.startswith(".partial-") for name in left)
    assert [made["id"]] == scripts.in_sight()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_interrupted_snapshot_leaves_nothing(scripts: Scripts, cache, number):
    with snapshot_half_way(scripts, cache) as process:
        process.send_signal(number)
        ran = ended(process)
        eventually("redis-cli ends", lambda: not copying(scripts), Patience.SERVER_READY)

    assert (1, "interrupted") == (ran.status, ran.slug)
    assert [] == scripts.in_sight()


def test_a_restore_that_is_told_to_end_ends_also_while_it_waits_for_the_server(
    scripts: Scripts, stored_snapshot, blank_redis, tmp_path
):
    stopped, asked = tmp_path / "stopped", tmp_path / "asked"
    hanging = f"[ -e {stopped} ] && touch {asked} && exec sleep 60"
    script = f'case "$*" in *SHUTDOWN*) touch {stopped}; exit ;; *INFO*) {hanging} ;; esac; exec "$REAL" "$@"'
    environment = replacing("redis-cli", script, environment=blank_redis.environment(), directory=tmp_path / "bin")
    with scripts.on(environment).start("redis_restore", stored_snapshot.name, "--wait", "3") as process:
        eventually("it waits", asked.exists, Patience.SERVER_READY)
        process.terminate()
        ran = ended(process)

    assert (1, "interrupted") == (ran.status, ran.slug)


def test_the_password_is_in_no_command_line(scripts: Scripts, cache, runtime):
    with snapshot_half_way(scripts, cache) as process:
        seen = command_lines()
        process.terminate()
        ran = ended(process)
    password = runtime.workspace.password.get_secret_value()

    assert any("redis-cli" in line for line in seen)
    assert not [line for line in seen if password in line]
    assert password not in ran.said + ran.output
