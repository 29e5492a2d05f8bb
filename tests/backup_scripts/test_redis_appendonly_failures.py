"""redis_appendonly and redis_restore when something is wrong with an append-only file."""

import json
import os
import shutil

import pytest

from tests.backup_scripts.operating import NOBODYS_PORT, Scripts, Taken, replacing, reseal, restate
from tests.backup_scripts.redis_servers import rewritten, server_with, state

LIST = "appendonly.aof.manifest"
INCREMENT = "appendonly.aof.2.incr.aof"
BASE = "appendonly.aof.2.base.rdb"


@pytest.fixture(scope="module")
def source(runtime):
    """A server with a base and an increment; tests leave it as it is."""
    with server_with(runtime, append_only=True) as server:
        with server.client() as client:
            client.mset({f"key:{number}": number for number in range(100)})
            rewritten(server)
            for number in range(100):
                client.set(f"later:{number}", number)
        yield server


@pytest.fixture
def live(source):
    """The source's append-only directory, put right again after the test."""
    directory = source.data / "appendonlydir"
    before = {path: path.read_bytes() for path in directory.iterdir()}
    yield directory
    for path, content in before.items():
        path.write_bytes(content)


@pytest.fixture(scope="module")
def taken(source, tmp_path_factory):
    return Taken.by("redis_appendonly", of=source.environment(), below=tmp_path_factory.mktemp("taken"))


@pytest.fixture
def stored(scripts: Scripts, taken):
    """A backup of the source in the test's own repository."""
    return scripts.home / taken.copied(scripts)["redis_appendonly"]["id"]


@pytest.fixture(params=["yes", "no"])
def target(runtime, request):
    """A blank server with appendonly yes, or no."""
    with server_with(runtime, append_only=request.param == "yes") as server:
        yield server


@pytest.fixture(scope="module", params=["yes", "no"])
def untouched(runtime, request):
    """The same for what is refused; each test sees to it that it is left as it was."""
    with server_with(runtime, append_only=request.param == "yes") as server:
        yield server


def older(directory) -> None:
    """A list from before the last rewrite."""
    (directory / LIST).write_text((directory / LIST).read_text().replace(".2.", ".1.").replace("seq 2", "seq 1"))


def cut(file, size: int) -> None:
    os.truncate(file, file.stat().st_size - size)


DAMAGES = {
    "the list is missing": lambda aof: (aof / LIST).unlink(),
    "the list is older": older,
    "the list is empty": lambda aof: (aof / LIST).write_text(""),
    "the list names no increment": lambda aof: (aof / LIST).write_text(f"file {BASE} seq 2 type b\n"),
    "the list is no list": lambda aof: (aof / LIST).write_bytes(bytes(90)),
    "the list names a file elsewhere": lambda aof: (aof / LIST).write_text(
        f"file {BASE} seq 2 type b\nfile ../{INCREMENT} seq 2 type i\n"
    ),
    "the base is missing": lambda aof: (aof / BASE).unlink(),
    "the increment is missing": lambda aof: (aof / INCREMENT).unlink(),
    "the increment is cut": lambda aof: cut(aof / INCREMENT, 7),
    "the increment is cut between two writes": lambda aof: cut(
        aof / INCREMENT, len("*3\r\n$3\r\nSET\r\n$8\r\nlater:99\r\n$2\r\n99\r\n")
    ),
    "the base is zero-filled": lambda aof: (aof / BASE).write_bytes(bytes((aof / BASE).stat().st_size)),
}
OF_THE_BASE = "the base is zero-filled"


@pytest.mark.parametrize("damage", [name for name in DAMAGES if name != OF_THE_BASE])
def test_a_server_whose_file_is_damaged_has_no_backup(scripts: Scripts, source, live, damage):
    DAMAGES[damage](live)
    ran = scripts.on(source.environment()).run("redis_appendonly")

    assert (1, "aof-incomplete") == (ran.status, ran.slug)
    assert "BGREWRITEAOF" in ran.said
    assert [] == scripts.in_sight()


def test_a_server_whose_base_is_damaged_has_no_backup(scripts: Scripts, source, live):
    DAMAGES[OF_THE_BASE](live)
    ran = scripts.on(source.environment()).run("redis_appendonly")

    assert (1, "rdb-incomplete") == (ran.status, ran.slug)
    assert [] == scripts.in_sight()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused(scripts: Scripts, stored, untouched, damage):
    DAMAGES[damage](stored / "aof")
    before = state(untouched)
    ran = scripts.on(untouched.environment()).run("redis_restore", stored.name)

    assert 3 == ran.status
    assert ran.slug in {"file-missing", "backup-truncated", "backup-altered", "checksum-mismatch"}
    assert before == state(untouched)


@pytest.mark.parametrize("damage", [name for name in DAMAGES if "cut" not in name])
def test_a_backup_that_was_stored_damaged_is_refused(scripts: Scripts, stored, untouched, damage):
    DAMAGES[damage](stored / "aof")
    reseal(stored)
    before = state(untouched)
    ran = scripts.on(untouched.environment()).run("redis_restore", stored.name)

    assert (3, "rdb-incomplete" if damage == OF_THE_BASE else "aof-list-invalid") == (ran.status, ran.slug)
    assert before == state(untouched)


def test_an_increment_that_was_stored_cut_is_never_a_silent_short_restore(scripts: Scripts, stored, target):
    DAMAGES["the increment is cut"](stored / "aof")
    reseal(stored)
    before = state(target)
    ran = scripts.on(target.environment()).run("redis_restore", stored.name)

    after = state(target)

    assert (3, "aof-unreadable") == (ran.status, ran.slug)
    assert before[:2] == after[:2]
    assert before[2] | {".": 0} == after[2] | {".": 0}


def test_what_a_server_cuts_off_is_told_also_where_the_trial_has_not_found_it(
    scripts: Scripts, stored, runtime, tmp_path
):
    DAMAGES["the increment is cut"](stored / "aof")
    reseal(stored)
    with server_with(runtime, append_only=True) as target:
        environment = replacing("redis-check-aof", "exit 0", environment=target.environment(), directory=tmp_path)
        ran = scripts.on(environment).run("redis_restore", stored.name)

    assert (1, "aof-cut") == (ran.status, ran.slug)
    assert "dropped the rest" in ran.said


def test_an_increment_that_was_stored_short_of_a_write_is_missed_by_its_keys(scripts: Scripts, stored, target):
    DAMAGES["the increment is cut between two writes"](stored / "aof")
    reseal(stored)
    ran = scripts.on(target.environment()).run("redis_restore", stored.name)

    assert (1, "keys-differ") == (ran.status, ran.slug)
    assert "database 0 has 199 keys, its backup 200" in ran.said


@pytest.mark.parametrize(
    ("there", "missing"), [((), "redis-check-aof"), (("redis-check-aof",), "redis-server")], ids=["check", "server"]
)
def test_a_missing_server_program_is_named_before_anything_is_touched(
    scripts: Scripts, stored, untouched_redis, tmp_path, there, missing
):
    for program in ("redis-cli", "sh", *there):
        (tmp_path / program).symlink_to(shutil.which(program, path=untouched_redis.environment()["PATH"]))
    before = state(untouched_redis)
    ran = scripts.on(untouched_redis.environment() | {"PATH": str(tmp_path)}).run("redis_restore", stored.name)

    assert (1, "tool-missing") == (ran.status, ran.slug)
    assert missing in ran.said
    assert before[:2] == state(untouched_redis)[:2]
    assert [] == list(untouched_redis.data.iterdir())


def test_a_backup_of_a_newer_release_is_refused(scripts: Scripts, stored, untouched):
    source = json.loads((stored / "manifest.json").read_text())["source"]
    restate(stored, source=source | {"server_version": "99.1.0"})
    before = state(untouched)
    ran = scripts.on(untouched.environment()).run("redis_restore", stored.name)

    assert (3, "newer-version") == (ran.status, ran.slug)
    assert before == state(untouched)


@pytest.mark.parametrize(
    "wrong",
    [
        {"REDISCLI_AUTH": "guessed-password"},
        {"REDIS_USER": "eve"},
        {"REDIS_PORT": NOBODYS_PORT},
        {"REDIS_DIR": "/none"},
    ],
)
def test_a_wrong_connection_is_named(scripts: Scripts, source, wrong):
    ran = scripts.on(source.environment() | wrong).run("redis_appendonly")
    named = {"REDIS_PORT": "server-unreachable", "REDIS_DIR": "aof-incomplete"}

    assert (1, named.get(*wrong, "authentication-failed")) == (ran.status, ran.slug)
    assert "guessed-password" not in ran.said + ran.output
    assert [] == scripts.in_sight()


@pytest.mark.parametrize("lacking", ["config|set", "config|get", "info", "acl|list"])
def test_a_user_without_a_right_is_named_and_leaves_the_settings_alone(scripts: Scripts, source, lacking):
    environment = source.environment() | {"REDIS_USER": "watcher", "REDISCLI_AUTH": "watching"}
    with source.client() as client:
        client.acl_setuser("watcher", enabled=True, passwords=["+watching"], commands=["+@all", f"-{lacking}"])
        ran = scripts.on(environment).run("redis_appendonly")
        client.acl_deluser("watcher")
        percentage = client.config_get("auto-aof-rewrite-percentage")

    assert (1, "authentication-failed") == (ran.status, ran.slug)
    assert {"auto-aof-rewrite-percentage": "100"} == percentage
    assert [] == [name for name in scripts.in_sight() if name != ".rewrites-held"]


def test_a_server_that_cannot_write_its_file_has_no_backup(scripts: Scripts, source, tmp_path):
    script = '"$REAL" "$@" | sed "s/aof_last_write_status:ok/aof_last_write_status:err/"'
    environment = replacing("redis-cli", script, environment=source.environment(), directory=tmp_path)
    ran = scripts.on(environment).run("redis_appendonly")

    assert (1, "append-failing") == (ran.status, ran.slug)


def test_a_full_repository_is_named_and_rewrites_are_allowed_again(full_disk: Scripts, runtime):
    with server_with(runtime, append_only=True) as server, server.client() as client:
        client.set("photo", os.urandom(600_000))
        ran = full_disk.on(server.environment()).run("redis_appendonly")

        assert {"auto-aof-rewrite-percentage": "100"} == client.config_get("auto-aof-rewrite-percentage")
    assert (1, "disk-full") == (ran.status, ran.slug), ran.said
    assert [] == full_disk.in_sight()
