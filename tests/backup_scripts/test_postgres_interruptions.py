"""postgres_dump and postgres_restore, ended half-way or run twice at once."""

import shutil
import signal
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from drill.waiting import Patience, eventually
from tests.backup_scripts.operating import Scripts, command_lines, ended, replacing, restate

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


@contextmanager
def dump_half_way(scripts: Scripts, shop):
    """A dump that has begun to write and waits for a table, and the connection that holds the table."""
    with ExitStack() as stack:
        connection = shop.connect("shop")
        connection.execute("BEGIN")
        connection.execute('LOCK TABLE sales."order lines"')
        process = stack.enter_context(scripts.on(shop.environment("shop")).start("postgres_dump", "--jobs", "2"))
        stack.callback(connection.close)
        eventually("the dump begins", lambda: list(scripts.home.glob(".partial-*/dump")), Patience.SERVER_READY)
        yield process, connection


def dumping(scripts: Scripts) -> list[str]:
    return [line for line in command_lines() if "pg_dump" in line and str(scripts.home) in line]


def test_a_killed_dump_looks_like_no_backup_and_takes_its_programs_with_it(scripts: Scripts, shop):
    with dump_half_way(scripts, shop) as (process, _):
        assert dumping(scripts)
        process.kill()
        process.wait()
        eventually("pg_dump ends", lambda: not dumping(scripts), Patience.SERVER_READY)

    assert all(name.startswith(".partial-") for name in scripts.in_sight())


def test_the_backup_after_a_killed_one_works_and_clears_up(scripts: Scripts, shop):
    with dump_half_way(scripts, shop) as (process, _):
        process.kill()
        process.wait()
        left = scripts.in_sight()
    made = scripts.on(shop.environment("shop")).done("postgres_dump")

    assert left
    assert [made["id"]] == scripts.in_sight()


def test_an_interrupted_dump_leaves_nothing(scripts: Scripts, shop):
    with dump_half_way(scripts, shop) as (process, _):
        process.send_signal(signal.SIGTERM)
        ran = ended(process)
        left = dumping(scripts)

    assert [] == left
    assert (1, "interrupted") == (ran.status, ran.slug)
    assert [] == scripts.in_sight()


def test_a_second_backup_at_once_is_turned_away_and_does_not_disturb_the_first(scripts: Scripts, shop):
    with dump_half_way(scripts, shop) as (process, connection):
        second = scripts.on(shop.environment("shop")).run("postgres_dump")
        pruning = scripts.run("retention_prune")
        connection.close()
        first = ended(process)

    assert (1, "set-busy") == (second.status, second.slug)
    assert (1, "set-busy") == (pruning.status, pruning.slug)
    assert 0 == first.status, first.said
    assert [first.result["id"]] == scripts.in_sight()


@pytest.mark.parametrize(("done", "name"), [("--create", "shop"), ("--jobs", ".partial-shop")])
def test_an_interrupted_restore_can_be_run_again(scripts: Scripts, stored_dump, target, tmp_path, done, name):
    script = """
    case "$*" in *{1}*) "$REAL" "$@"; touch '{0}'; exec sleep 60; esac
    exec "$REAL" "$@" """
    reached = tmp_path / "reached"
    script = script.format(reached, done)
    environment = replacing("pg_restore", script, environment=target.environment(), directory=tmp_path)
    with scripts.on(environment).start("postgres_restore", stored_dump.name) as process:
        eventually("so much is done", reached.exists, Patience.SERVER_READY)
        assert [name] == [each for each in target.database_names() if each != "postgres"]
        process.send_signal(signal.SIGTERM)
        ran = ended(process)

    assert (1, "interrupted") == (ran.status, ran.slug)
    assert ["postgres"] == target.database_names()
    assert "shop" == scripts.on(target.environment()).done("postgres_restore", stored_dump.name)["database"]


def test_pruning_leaves_a_backup_alone_that_is_being_restored(scripts: Scripts, stored_dump, target, tmp_path):
    for age in (40, 31, 0):
        moment = NOW - timedelta(days=age)
        copy = shutil.copytree(stored_dump, scripts.home / f"{moment:%Y%m%dT%H%M%S.%fZ}-full")
        restate(copy, id=copy.name, finished=moment.isoformat(), retain_until=None)
    shutil.rmtree(stored_dump)
    oldest = scripts.in_sight()[0]
    begun, go_on = tmp_path / "begun", tmp_path / "go-on"
    script = f"""
    case "$*" in *--create*) touch {begun}; while ! test -e {go_on}; do sleep 0.05; done; esac
    exec "$REAL" "$@" """
    environment = replacing("pg_restore", script, environment=target.environment(), directory=tmp_path)
    with scripts.on(environment).start("postgres_restore", oldest) as process:
        eventually("the restore begins", begun.exists, Patience.SERVER_READY)
        during = scripts.on({"BACKUP_NOW": NOW.isoformat()}).done("retention_prune")
        go_on.touch()
        restored = ended(process)
    after = scripts.on({"BACKUP_NOW": NOW.isoformat()}).done("retention_prune")

    assert 0 == restored.status, restored.said
    assert ([], [oldest]) == (during["removed"], after["removed"])
