"""redis_appendonly and redis_restore: the copy ends at one moment, and comes back whatever the target keeps."""

import signal
import subprocess
import threading
from contextlib import contextmanager

import psutil
import pytest

from drill.waiting import Patience, eventually
from tests.backup_scripts.operating import Scripts, Taken, ended, replacing
from tests.backup_scripts.redis_servers import held, process_of, rewriting, rewritten, server_with, setting

REWRITES = "auto-aof-rewrite-percentage"


def filled(server):
    """The server with a base and an increment, in two database indexes."""
    with server.client() as client, server.client(5) as other:
        client.mset({"photo": "a" * 5000, "counter": 1})
        client.hset("camera", mapping={"name": "Cổng số 1"})
        rewritten(server)
        client.rpush("recent", "a", "b")
        client.xadd("events", {"kind": "person"}, id="1-1")
        client.incr("counter")
        other.set("session", "user", ex=3600)
        client.delete("photo")
    return server


@pytest.fixture
def source(append_only_redis):
    return filled(append_only_redis)


@pytest.fixture(scope="module")
def settled(runtime):
    """The same for tests that only read it."""
    with server_with(runtime, append_only=True) as server:
        yield filled(server)


@pytest.fixture(scope="module")
def taken(settled, tmp_path_factory):
    """A backup of it by each script."""
    scripts = ("redis_snapshot", "redis_appendonly")
    return Taken.by(*scripts, of=settled.environment(), below=tmp_path_factory.mktemp("taken"))


@pytest.fixture
def stored(scripts: Scripts, taken):
    """What those have said; the backups are in the test's own repository."""
    return taken.copied(scripts)


@pytest.fixture(params=["yes", "no"])
def target(runtime, request):
    """A blank server with appendonly yes, or no."""
    with server_with(runtime, append_only=request.param == "yes") as server:
        yield server


@contextmanager
def held_up(scripts: Scripts, server, tmp_path):
    """A backup that has the server's rewrites held off, and then waits."""
    script = f"""
    case "$*" in *"SET {REWRITES} 0"*) : >{tmp_path}/held;; esac
    case "$*" in *INFO*) [ -e {tmp_path}/held ] && exec tail -f /dev/null;; esac
    exec "$REAL" "$@" """
    environment = replacing("redis-cli", script, environment=server.environment(), directory=tmp_path)
    with scripts.on(environment).start("redis_appendonly") as process:
        try:
            eventually("rewrites to be held off", lambda: setting(server, REWRITES) == "0", Patience.SERVER_READY)
            yield process
        finally:
            process.kill()


def test_what_is_restored_is_what_was_there(scripts: Scripts, settled, stored, target):
    made = stored["redis_appendonly"]
    restored = scripts.on(target.environment()).done("redis_restore", made["id"])

    assert "aof" == made["kind"]
    assert {"0": {"keys": 4, "expires": 0}, "5": {"keys": 1, "expires": 1}} == made["source"]["databases"]
    assert 5 == restored["keys"]
    assert held(settled) == held(target)


def test_a_file_with_several_increments_is_restored(scripts: Scripts, append_only_redis, runtime, target):
    """A rewrite that fails leaves a new increment behind the former one; here on a base that the server never read."""
    server = psutil.Process(process_of(append_only_redis))
    with append_only_redis.client() as client:
        client.mset({"first": 1, "second": 2})
        client.config_set("rdb-key-save-delay", 10_000_000)
        client.bgrewriteaof()
        (child,) = server.children()
        subprocess.run(["kill", "-9", str(child.pid)], check=True, **runtime.workspace.user.credentials())
        eventually("the rewrite to fail", lambda: not rewriting(client), Patience.SERVER_READY)
        client.set("third", 3)
    made = scripts.on(append_only_redis.environment()).done("redis_appendonly")
    scripts.on(target.environment()).done("redis_restore", made["id"])

    assert 2 == sum(".incr." in file["path"] for file in made["files"])
    assert held(append_only_redis) == held(target)


def test_a_file_that_was_never_rewritten_is_restored(scripts: Scripts, append_only_redis, target):
    with append_only_redis.client() as client:
        client.mset({"a": 1, "b": 2})
    made = scripts.on(append_only_redis.environment()).done("redis_appendonly")
    scripts.on(target.environment()).done("redis_restore", made["id"])

    assert held(append_only_redis) == held(target)


def test_a_restored_server_keeps_what_it_kept_and_finds_nothing_else_at_its_next_start(
    scripts: Scripts, settled, stored, target
):
    kept = setting(target, "appendonly")
    scripts.on(target.environment()).done("redis_restore", stored["redis_appendonly"]["id"])
    with target.client() as client:
        client.set("later", 1)
        client.save()
    target.stop()
    target.start()

    assert kept == setting(target, "appendonly")
    assert held(settled).keys() | {(0, b"later")} == held(target).keys()
    assert (kept == "yes") == (target.data / "appendonlydir").exists()
    assert not list(target.data.glob(".*"))


def test_the_backup_has_exactly_the_parts_that_its_list_names(scripts: Scripts, source):
    (source.data / "appendonlydir" / "appendonly.aof.1.incr.aof").touch()
    made = scripts.on(source.environment()).done("redis_appendonly")
    backup = scripts.home / made["id"]
    listed = [line.split()[1] for line in (backup / "aof" / "appendonly.aof.manifest").read_text().splitlines()]

    assert ["appendonly.aof.2.base.rdb", "appendonly.aof.2.incr.aof"] == listed
    assert {"configuration.json", "aof/appendonly.aof.manifest", *(f"aof/{name}" for name in listed)} == {
        file["path"] for file in made["files"]
    }


def test_the_copy_ends_between_two_transactions_of_a_busy_server(scripts: Scripts, source, blank_redis):
    stop = threading.Event()

    def write() -> None:
        with source.client() as client:
            number = 0
            while not stop.is_set():
                number += 1
                with client.pipeline(transaction=True) as both:
                    both.mset({"left": number, f"key:{number}": number}).set("right", number).execute()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [scripts.on(source.environment()).done("redis_appendonly") for _ in range(3)][-1]
    finally:
        stop.set()
        writer.join()
    restored = scripts.on(blank_redis.environment()).done("redis_restore", made["id"])
    with blank_redis.client() as client:
        last = int(client.get("left"))

        assert last == int(client.get("right"))
    assert last > 0
    assert 6 + last + 1 == restored["keys"]


def test_a_key_that_expired_since_does_not_come_back_through_a_later_write(scripts: Scripts, source, target):
    with source.client() as client:
        client.set("visits", 10, px=1500)
        client.incr("visits")
        made = scripts.on(source.environment()).done("redis_appendonly")
        eventually("the key to expire", lambda: not client.exists("visits"), Patience.SERVER_READY)
    scripts.on(target.environment()).done("redis_restore", made["id"])

    assert held(source) == held(target)


def test_a_base_that_is_no_snapshot_is_restored(scripts: Scripts, runtime, target):
    with server_with(runtime, "aof-use-rdb-preamble no", append_only=True) as source:
        with source.client() as client:
            client.mset({"a": 1, "b": 2})
            rewritten(source)
            client.incr("a")
        made = scripts.on(source.environment()).done("redis_appendonly")
        scripts.on(target.environment()).done("redis_restore", made["id"])

        assert held(source) == held(target)


def test_other_names_of_files_are_no_obstacle(scripts: Scripts, source, runtime):
    names = ("appendfilename other.aof", "appenddirname elsewhere", "dbfilename other.rdb")
    made = scripts.on(source.environment()).done("redis_appendonly")
    for append_only in (True, False):
        with server_with(runtime, *names, append_only=append_only) as other:
            scripts.on(other.environment()).done("redis_restore", made["id"])
            again = scripts.on(other.environment()).run("redis_appendonly")

            assert held(source) == held(other)
            assert append_only == (again.status == 0)


def test_a_file_that_takes_time_to_load_is_made_into_a_snapshot_when_it_is_loaded(
    scripts: Scripts, source, blank_redis
):
    with source.client() as client:
        client.eval("for number = 1, 300000 do redis.call('SET', 'key:' .. number, number) end", 0)
    made = scripts.on(source.environment()).done("redis_appendonly")
    restored = scripts.on(blank_redis.environment()).done("redis_restore", made["id"])

    assert sum(each["keys"] for each in made["source"]["databases"].values()) == restored["keys"] > 300_000


@pytest.mark.parametrize("script", ["redis_snapshot", "redis_appendonly"])
@pytest.mark.parametrize("at_start", [True, False])
def test_a_setting_of_the_moment_does_not_hide_the_data(scripts: Scripts, settled, stored, runtime, script, at_start):
    with server_with(runtime, append_only=at_start) as target:
        with target.client() as client:
            client.config_set("appendonly", "no" if at_start else "yes")
            eventually("the first rewrite to end", lambda: not rewriting(client), Patience.SERVER_READY)
        scripts.on(target.environment()).done("redis_restore", stored[script]["id"])

        assert held(settled) == held(target)
        assert "yes" == setting(target, "appendonly")


def test_a_rewrite_that_runs_is_waited_for(scripts: Scripts, source, tmp_path):
    with source.client() as client:
        script = f"""
        case "$*" in *"SET {REWRITES} 0"*) "$REAL" -h "$REDIS_HOST" -p "$REDIS_PORT" BGREWRITEAOF >&2;; esac
        exec "$REAL" "$@" """
        client.config_set("rdb-key-save-delay", 200_000)
        environment = replacing("redis-cli", script, environment=source.environment(), directory=tmp_path)
        made = scripts.on(environment).done("redis_appendonly")

    assert "aof/appendonly.aof.3.base.rdb" in {file["path"] for file in made["files"]}


def test_a_rewrite_that_does_not_end_is_named_and_automatic_ones_are_allowed_again(scripts: Scripts, source):
    with source.client() as client:
        client.config_set("rdb-key-save-delay", 10_000_000)
        client.bgrewriteaof()
        ran = scripts.on(source.environment()).run("redis_appendonly", "--wait", "1")

    assert (1, "server-busy") == (ran.status, ran.slug)
    assert "100" == setting(source, REWRITES)
    assert [] == scripts.in_sight()


def test_a_rewrite_by_hand_during_the_copy_is_noticed(scripts: Scripts, source, tmp_path):
    # The second INFO after the settings are read is the one that fixes the end.
    script = f"""
    case "$*" in *appenddirname*) : >{tmp_path}/copying;; esac
    if [ -e {tmp_path}/copying ]; then case "$*" in *INFO*)
        rm {tmp_path}/copying
        "$REAL" "$@"; "$REAL" -h "$REDIS_HOST" -p "$REDIS_PORT" BGREWRITEAOF >&2
        while "$REAL" -h "$REDIS_HOST" -p "$REDIS_PORT" INFO persistence | grep -q rewrite_in_progress:1; do :; done
        exit;; esac; fi
    exec "$REAL" "$@" """
    environment = replacing("redis-cli", script, environment=source.environment(), directory=tmp_path)
    ran = scripts.on(environment).run("redis_appendonly")

    assert (1, "rewritten-meanwhile") == (ran.status, ran.slug)
    assert [] == scripts.in_sight()


def test_rewrites_are_as_they_were_after_a_backup(scripts: Scripts, source):
    with source.client() as client:
        client.config_set(REWRITES, 70)
    scripts.on(source.environment()).done("redis_appendonly")

    assert "70" == setting(source, REWRITES)
    assert [] == list(scripts.home.glob(".rewrites-held"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_rewrites_are_as_they_were_however_the_backup_ends(scripts: Scripts, source, tmp_path, number):
    with held_up(scripts, source, tmp_path) as process:
        process.send_signal(number)
        ran = ended(process)
        eventually("rewrites to be allowed", lambda: setting(source, REWRITES) == "100", Patience.SERVER_READY)

    assert 0 != ran.status
    assert [] == [name for name in scripts.in_sight() if not name.startswith(".")]


def test_what_could_not_be_put_back_is_told_and_put_back_by_the_next_run(scripts: Scripts, source, tmp_path):
    script = f'case "$*" in *"SET {REWRITES} 100"*) exit 1;; esac; exec "$REAL" "$@"'
    environment = replacing("redis-cli", script, environment=source.environment(), directory=tmp_path)
    ran = scripts.on(environment).run("redis_appendonly")
    left = setting(source, REWRITES)
    made = scripts.on(source.environment()).done("redis_appendonly")

    assert (1, "rewrites-still-off", "0") == (ran.status, ran.slug, left)
    assert "100" == setting(source, REWRITES)
    assert [made["id"]] == scripts.in_sight()


def test_a_server_without_an_append_only_file_is_refused_with_the_remedy(scripts: Scripts, blank_redis):
    ran = scripts.on(blank_redis.environment()).run("redis_appendonly")

    assert (1, "appendonly-off") == (ran.status, ran.slug)
    assert "set appendonly yes" in ran.said
    assert [] == scripts.in_sight()
