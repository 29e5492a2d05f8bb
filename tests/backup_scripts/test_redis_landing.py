"""A killed redis_restore is finished by the next where that is certain, and otherwise refused with nothing touched."""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from drill.backups.catalogue import contents
from drill.servers.redis import RedisServer
from drill.waiting import Patience, eventually
from tests.backup_scripts.operating import Ran, Scripts, ended, replacing
from tests.backup_scripts.redis_servers import held, server_with, setting, state

NOTE = ".landing-restore"
BEFORE = 'case "$*" in *SHUTDOWN*) kill -9 $PPID; exit; esac; exec "$REAL" "$@"'
AFTER = 'case "$*" in *SHUTDOWN*) "$REAL" "$@"; kill -9 $PPID; exit; esac; exec "$REAL" "$@"'


@dataclass(frozen=True)
class Half:
    """A restore that was killed, and how it is run again."""

    scripts: Scripts
    target: RedisServer
    backup: str

    def killed(self, script: str, programs: Path) -> None:
        slow = replacing("redis-cli", script, environment=self.target.environment(), directory=programs)
        assert -signal.SIGKILL == self.scripts.on(slow).run("redis_restore", self.backup).status
        assert (self.target.data / NOTE).exists()

    def again(self, *arguments: str, backup: str = "") -> Ran:
        return self.scripts.run("redis_restore", backup or self.backup, *arguments)

    def back(self) -> None:
        """Wait until the server has read what was restored."""
        eventually("the server to have read it", lambda: keys(self.target), Patience.SERVER_READY)


def keys(server: RedisServer) -> int:
    """How many keys a server has; none while it is away or reads its data."""
    try:
        with server.client() as client:
            return int(client.dbsize())
    except (redis.ConnectionError, redis.BusyLoadingError):
        return 0


@pytest.fixture(params=["no", "yes"], ids=["appendonly no", "appendonly yes"])
def target(runtime, request):
    with server_with(runtime, append_only=request.param == "yes") as server:
        yield server


@pytest.fixture
def begun(scripts: Scripts, stored_snapshot, target, tmp_path):
    """Killed with the data in its places, and the blank server not stopped yet."""
    half = Half(scripts.on(target.environment()), target, stored_snapshot.name)
    half.killed(BEFORE, tmp_path / "programs")
    return half


@pytest.fixture
def read(scripts: Scripts, stored_snapshot, target, tmp_path):
    """Killed when the server was told to stop; it has read the data since."""
    half = Half(scripts.on(target.environment()), target, stored_snapshot.name)
    half.killed(AFTER, tmp_path / "programs")
    half.back()
    return half


def test_data_in_its_places_is_not_put_there_again(begun, cache):
    (placed,) = begun.target.data.glob("**/*.base.rdb")
    inode = placed.stat().st_ino
    again = begun.again()

    assert 0 == again.status, again.said
    assert held(cache) == held(begun.target)
    read = begun.target.data / "dump.rdb" if setting(begun.target, "appendonly") == "no" else placed
    assert inode == read.stat().st_ino
    assert not (begun.target.data / NOTE).exists()


def test_a_server_that_has_read_the_data_is_not_stopped_again(read, cache):
    before = state(read.target)[0]
    again = read.again()

    assert 0 == again.status, again.said
    assert before == state(read.target)[0]
    assert held(cache) == held(read.target)
    assert not (read.target.data / NOTE).exists()


def placed(data: Path) -> Path:
    return data / "dump.rdb"


def altered(data: Path) -> None:
    with placed(data).open("ab") as file:
        file.write(b"x")


def another_in_its_place(data: Path) -> None:
    file = placed(data)
    file.rename(data / "aside")
    shutil.copy2(data / "aside", file)


def added(data: Path) -> None:
    (data / "appendonlydir" / "mine.aof").write_bytes(b"*1\r\n$4\r\nPING\r\n")


def note_removed(data: Path) -> None:
    (data / NOTE).unlink()


def note_cut_off(data: Path) -> None:
    (data / NOTE).write_bytes((data / NOTE).read_bytes()[:-5])


def note_says_nothing(data: Path) -> None:
    (data / NOTE).write_text("[]")


def note_is_a_link(data: Path) -> None:
    (data / NOTE).rename(data.parent / "note")
    (data / NOTE).symlink_to(data.parent / "note")


def note_of_somebody_else(data: Path) -> None:
    os.chown(data / NOTE, 12345, -1)


NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.mark.parametrize(
    "happened",
    [
        altered,
        another_in_its_place,
        added,
        note_removed,
        note_cut_off,
        note_says_nothing,
        note_is_a_link,
        pytest.param(note_of_somebody_else, marks=NEEDS_ROOT),
    ],
)
def test_files_that_are_not_certainly_ours_are_refused_and_kept(begun, happened):
    happened(begun.target.data)
    before = state(begun.target)
    again = begun.again()

    assert (3, "target-not-empty") == (again.status, again.slug), again.said
    assert "move it away" in again.said
    assert before == state(begun.target)


def test_the_restore_of_another_backup_does_not_finish_it(begun, cache):
    another = begun.scripts.on(cache.environment()).done("redis_snapshot")["id"]
    before = state(begun.target)
    again = begun.again(backup=another)

    assert (3, "target-not-empty") == (again.status, again.slug)
    assert before == state(begun.target)


def test_where_somebody_has_moved_all_of_it_away_it_is_restored_from_the_beginning(begun, cache):
    for each in begun.target.data.iterdir():
        if each.name != NOTE:
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    again = begun.again()

    assert 0 == again.status, again.said
    assert held(cache) == held(begun.target)
    assert not (begun.target.data / NOTE).exists()


def test_keys_that_were_written_before_the_server_was_stopped_are_refused_and_kept(begun):
    with begun.target.client() as client:
        client.set("mine", "since")
    before = state(begun.target)
    again = begun.again()

    assert (3, "target-not-empty") == (again.status, again.slug), again.said
    assert "name a blank server" in again.said
    assert before == state(begun.target)


@pytest.mark.parametrize("command", ["SET mine since", "DEL recent", "EVAL redis.call('INCR','mine') 0"])
def test_what_was_written_to_the_restored_server_is_refused_and_kept(read, command):
    with read.target.client() as client:
        client.execute_command(*command.split())
    before = held(read.target), state(read.target)[0]
    again = read.again()

    assert (3, "target-not-empty") == (again.status, again.slug), again.said
    assert "name a blank server" in again.said
    assert before == (held(read.target), state(read.target)[0])


def test_what_was_written_before_another_restart_is_refused_and_kept(read):
    with read.target.client() as client:
        client.set("mine", "since")
        client.save()
    read.target.kill()
    read.target.start()
    before = held(read.target)
    again = read.again()

    assert (0, b"mine") in before
    assert (3, "target-not-empty") == (again.status, again.slug), again.said
    assert before == held(read.target)


def test_keys_that_have_expired_since_do_not_keep_it_from_being_finished(scripts: Scripts, runtime, target, tmp_path):
    with server_with(runtime) as source, source.client() as client:
        client.set("photo", 1)
        client.set("code", 1, px=4000)
        made = scripts.on(source.environment()).done("redis_snapshot")["id"]
    half = Half(scripts.on(target.environment()), target, made)
    half.killed(AFTER, tmp_path / "programs")
    half.back()
    eventually("the code to expire", lambda: len(held(target)) == 1, Patience.SESSIONS_ENDED)
    again = half.again()

    assert 0 == again.status, again.said
    assert {(0, b"photo")} == held(target).keys()


def test_a_server_that_is_away_is_waited_for(read, cache):
    read.target.kill()
    before = contents(read.target.data)
    too_early = read.again("--wait", "1")
    untouched = contents(read.target.data)
    with read.scripts.start("redis_restore", read.backup) as process:
        read.target.start()
        again = ended(process)

    assert (1, "server-not-back") == (too_early.status, too_early.slug)
    assert before == untouched
    assert 0 == again.status, again.said
    assert held(cache) == held(read.target)


def test_of_two_restores_at_once_one_is_told_to_wait(scripts: Scripts, stored_snapshot, cache, target, tmp_path):
    begun, go_on = tmp_path / "begun", tmp_path / "go-on"
    script = f"""
    case "$*" in *SHUTDOWN*) touch {begun}; while ! test -e {go_on}; do sleep 0.05; done;; esac
    exec "$REAL" "$@" """
    slow = replacing("redis-cli", script, environment=target.environment(), directory=tmp_path / "programs")
    with scripts.on(slow).start("redis_restore", stored_snapshot.name) as process:
        eventually("the first has its data in place", begun.exists, Patience.SERVER_READY)
        before = state(target)
        second = scripts.on(target.environment()).run("redis_restore", stored_snapshot.name)
        undisturbed = before == state(target)
        go_on.touch()
        first = ended(process)

    assert (1, "target-busy") == (second.status, second.slug), second.said
    assert undisturbed
    assert 0 == first.status, first.said
    assert held(cache) == held(target)
