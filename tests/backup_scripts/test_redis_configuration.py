"""What a data set does not hold comes back with it: users and settings of the moment; functions come with the data."""

import json

import pytest

from tests.backup_scripts.operating import Scripts, Taken, command_lines, replacing, reseal
from tests.backup_scripts.redis_servers import server_with, setting

PASSWORD = "watching-the-gate"
ORDINARY = {"import-mode", "max-new-tls-connections-per-cycle", "rdb-del-sync-files", "socket-mark-id"}
MORE = {"active-defrag-cycle-max": "30", "hz": "20", "maxclients": "400", "repl-backlog-ttl": "7200", "timeout": "900"}
LIBRARY = "#!lua name=shop\nredis.register_function('total', function() return 42 end)"


def configured(server):
    """The server with users and settings that its configuration file does not know, and a function."""
    with server.client() as client:
        client.set("photo", 1)
        client.function_load(LIBRARY)
        client.config_set("maxmemory", 100_000_000)
        client.config_set("maxmemory-policy", "volatile-lfu")
        client.config_set("notify-keyspace-events", "Ex")
        client.config_set("save", "3600 1 300 100")
        for name, value in MORE.items():
            client.config_set(name, value)
        client.acl_setuser(
            "watcher", enabled=True, passwords=[f"+{PASSWORD}", "+another"], commands=["+get"], keys=["a*"]
        )
        client.execute_command("ACL", "SETUSER", "clerk", "on", "nopass", '~o"d\\d:*', "+@read", "(~b:* +set)", "&news")
        client.acl_setuser("gone", enabled=False)
    return server


@pytest.fixture(scope="module")
def source(runtime):
    """Such a server; tests only read it."""
    with server_with(runtime, append_only=True) as server:
        yield configured(server)


@pytest.fixture(scope="module")
def taken(source, tmp_path_factory):
    """A backup of it by each script."""
    scripts = ("redis_snapshot", "redis_appendonly")
    return Taken.by(*scripts, of=source.environment(), below=tmp_path_factory.mktemp("taken"))


@pytest.fixture
def stored(scripts: Scripts, taken):
    """What those have said; the backups are in the test's own repository."""
    return taken.copied(scripts)


def users(server) -> set[str]:
    with server.client() as client:
        return set(client.acl_list())


@pytest.mark.parametrize("script", ["redis_snapshot", "redis_appendonly"])
@pytest.mark.parametrize("append_only", [True, False])
def test_users_settings_and_functions_come_back(scripts: Scripts, source, stored, runtime, script, append_only):
    made = stored[script]
    with server_with(runtime, append_only=append_only) as target:
        restored = scripts.on(target.environment()).done("redis_restore", made["id"])
        with target.client() as client:
            answer = client.fcall("total", 0)

        assert {"clerk", "gone", "watcher"} == set(restored["users"])
        assert {"maxmemory", "maxmemory-policy", "notify-keyspace-events", "save", *MORE} == set(restored["settings"])
        assert MORE == {name: setting(target, name) for name in MORE}
        assert users(source) == users(target)
        assert ("volatile-lfu", "100000000", "3600 1 300 100") == tuple(
            setting(target, name) for name in ("maxmemory-policy", "maxmemory", "save")
        )
        assert setting(source, "notify-keyspace-events") == setting(target, "notify-keyspace-events")
        assert 42 == answer
        assert append_only == (setting(target, "appendonly") == "yes")


def test_a_setting_that_is_as_it_was_is_not_reported(scripts: Scripts, blank_redis, append_only_redis):
    made = scripts.on(append_only_redis.environment()).done("redis_snapshot")
    restored = scripts.on(blank_redis.environment()).done("redis_restore", made["id"])

    assert ([], []) == (restored["settings"], restored["users"])


def test_what_belongs_to_the_machine_and_what_is_secret_is_not_kept(scripts: Scripts, source, stored):
    backup = scripts.home / stored["redis_snapshot"]["id"]
    kept = json.loads((backup / "configuration.json").read_text())["settings"]
    words = ("port", "bind", "dir", "file", "socket", "tls", "cluster-", "announce-", "cpulist", "auth", "pass")
    with source.client() as client:
        everything = client.config_get("*")

    assert {name: everything[name] for name in kept} == kept
    assert [] == [name for name in kept for word in words if word in name and name not in ORDINARY]
    assert source.environment()["REDISCLI_AUTH"] not in kept.values()
    assert {"lazyfree-lazy-user-del", "loglevel", "replica-priority"} <= kept.keys()


def test_a_setting_that_only_the_configuration_file_can_change_is_told(scripts: Scripts, source, stored, runtime):
    with server_with(runtime, "rdbchecksum no") as target:
        ran = scripts.on(target.environment()).run("redis_restore", stored["redis_snapshot"]["id"])

        assert 0 == ran.status, ran.said
        assert "to be written into the configuration file, which alone can set them: rdbchecksum yes" in ran.said
        assert "rdbchecksum" not in ran.result["settings"]


def test_a_setting_that_the_target_does_not_know_is_told(scripts: Scripts, stored, blank_redis):
    backup = scripts.home / stored["redis_snapshot"]["id"]
    kept = json.loads((backup / "configuration.json").read_text())
    (backup / "configuration.json").write_text(json.dumps({**kept, "settings": {"of-a-later-release": "yes"}}))
    reseal(backup)
    ran = scripts.on(blank_redis.environment()).run("redis_restore", backup.name)

    assert (0, []) == (ran.status, ran.result["settings"]), ran.said
    assert "settings that this server does not have: of-a-later-release" in ran.said


def test_passwords_are_kept_as_hashes_for_the_owner_s_eyes_only(scripts: Scripts, source, stored, blank_redis):
    made = stored["redis_snapshot"]
    file = scripts.home / made["id"] / "configuration.json"
    ran = scripts.on(blank_redis.environment()).run("redis_restore", made["id"])
    stored = "".join(path.read_text("latin-1") for path in file.parent.iterdir())
    hashes = [word for line in json.loads(file.read_text())["users"] for word in line.split() if word.startswith("#")]

    assert 0o600 == file.stat().st_mode & 0o777
    assert 3 == len(hashes)
    assert PASSWORD not in stored
    assert source.environment()["REDISCLI_AUTH"] not in stored
    assert not [word for word in hashes if word.strip("#") in json.dumps(made) + ran.said + ran.output]


def test_a_hash_is_in_no_command_line(scripts: Scripts, source, stored, blank_redis, tmp_path):
    script = f'tr "\\0" " " </proc/$$/cmdline >>{tmp_path}/seen; echo >>{tmp_path}/seen; exec "$REAL" "$@"'
    made = stored["redis_snapshot"]
    environment = replacing("redis-cli", script, environment=blank_redis.environment(), directory=tmp_path)
    scripts.on(environment).done("redis_restore", made["id"])
    seen = (tmp_path / "seen").read_text() + "".join(command_lines())
    hashes = [word.strip("#") for line in users(source) for word in line.split() if word.startswith("#")]

    assert "SHUTDOWN" in seen
    assert not [word for word in hashes if word in seen]


def test_the_user_of_the_connection_is_left_alone_unless_told(scripts: Scripts, append_only_redis, blank_redis):
    source = configured(append_only_redis)
    with source.client() as client:
        client.acl_setuser("default", enabled=True, passwords=["+one-more"])
    made = scripts.on(source.environment()).done("redis_snapshot")
    scripts.on(blank_redis.environment()).done("redis_restore", made["id"])
    left_alone = users(blank_redis)
    with blank_redis.client() as client:
        client.flushall()
        client.function_flush()
    (blank_redis.data / "dump.rdb").unlink()
    restored = scripts.on(blank_redis.environment()).done("redis_restore", made["id"], "--with-own-user")

    assert users(source) - left_alone == {line for line in users(source) if line.startswith("user default ")}
    assert {"clerk", "default", "gone", "watcher"} == set(restored["users"])
    assert users(source) == users(blank_redis)


def test_users_are_saved_where_the_target_has_a_file_for_them(scripts: Scripts, source, stored, runtime):
    made = stored["redis_snapshot"]
    with server_with(runtime) as target:
        file = target.data / "users.acl"
        file.write_text(f"user default on >{target.environment()['REDISCLI_AUTH']} ~* &* +@all\n")
        runtime.workspace.user.give(file)
        with (target.data.parent / "redis.conf").open("a") as settings:
            settings.write(f"aclfile {file}\n")
        target.stop()
        target.start()
        scripts.on(target.environment()).done("redis_restore", made["id"])
        restored = users(target)
        target.stop()
        target.start()

        assert users(source) - {line for line in users(source) if line.startswith("user default ")} <= restored
        assert restored == users(target)


@pytest.mark.parametrize(
    ("recorded", "slug"),
    [
        ({"settings": {"maxmemory-policy": "keep-the-best"}, "users": []}, "settings-not-restored"),
        ({"settings": {}, "users": ["user clerk on #" + "a" * 64 + " +no-such-command"]}, "users-not-restored"),
    ],
)
def test_what_the_target_does_not_accept_is_told(scripts: Scripts, source, stored, blank_redis, recorded, slug):
    made = stored["redis_snapshot"]
    backup = scripts.home / made["id"]
    (backup / "configuration.json").write_text(json.dumps(recorded))
    reseal(backup)
    ran = scripts.on(blank_redis.environment()).run("redis_restore", made["id"])

    assert (1, slug) == (ran.status, ran.slug)
    assert "the data is restored" in ran.said
    assert "a" * 64 not in ran.said


def test_a_backup_without_a_configuration_is_restored(scripts: Scripts, source, stored, blank_redis):
    made = stored["redis_snapshot"]
    (scripts.home / made["id"] / "configuration.json").unlink()
    reseal(scripts.home / made["id"])
    restored = scripts.on(blank_redis.environment()).done("redis_restore", made["id"])

    assert (1, [], []) == (restored["keys"], restored["settings"], restored["users"])
