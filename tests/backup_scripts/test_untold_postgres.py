"""Databases whose restore was killed when all was done but to say so: the next run says it, unless they were used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from drill.servers.postgres import PostgresServer
from tests.backup_scripts.interruption import TELLING, Attempt, Interruption
from tests.backup_scripts.operating import Scripts
from tests.backup_scripts.test_killed_postgres import drop, found, left
from tests.backup_scripts.test_postgres_begun import run, spare
from tests.backup_scripts.test_postgres_round_trip import held

__all__ = ["spare"]

UNTOLD = "did not live to say so"
SESSIONS = "SELECT pg_stat_get_db_sessions(oid) FROM pg_database WHERE datname = 'shop'"


@dataclass(frozen=True)
class Untold:
    """A database that is whole, and nobody was told of it."""

    killing: Interruption
    restoring: Scripts
    server: PostgresServer
    backup: str

    def restore(self, *, at: int | str = 0) -> Attempt:
        """Restore it again, or be killed in doing so."""
        return self.killing.killed(self.restoring, "postgres_restore", self.backup, "--jobs=1", at=at)

    def sessions(self) -> int:
        """Return how many clients have connected to it."""
        with self.server.connect("postgres") as connection:
            ((sessions,),) = connection.execute(SESSIONS).fetchall()
        return int(sessions)


@pytest.fixture
def untold(killing: Interruption, scripts: Scripts, stored_dump: Path, spare: PostgresServer) -> Untold:
    restored = Untold(killing, scripts.on(spare.environment()), spare, stored_dump.name)
    killed = restored.restore(at=TELLING)
    assert killed.killed and not killed.output
    return restored


def test_it_is_told_by_the_next_run_which_touches_nothing(untold: Untold, shop: PostgresServer):
    before = untold.sessions()
    again = untold.restore()

    assert (0, "shop") == (again.status, again.result["database"]), again.said
    assert UNTOLD in again.said
    assert before == untold.sessions()
    assert [] == left(untold.server)
    assert "all" == found(untold.server, held(shop))


def test_it_is_told_also_where_the_next_runs_were_killed_before_they_had(untold: Untold):
    first = untold.restore()
    drop(untold.server, "shop")
    untold.restore(at=TELLING)
    for at in range(1, len(first.effects) + 1):
        killed = untold.restore(at=at)
        assert killed.killed, str(killed)
    again = untold.restore()

    assert 0 == again.status, again.said
    assert UNTOLD in again.said
    assert [] == left(untold.server)


def test_a_restart_of_the_server_changes_nothing(untold: Untold):
    untold.server.stop()
    untold.server.start()
    again = untold.restore()

    assert 0 == again.status, again.said


def connected(untold: Untold) -> None:
    untold.server.connect("shop").close()


def renamed_and_back(untold: Untold) -> None:
    run(untold.server, "ALTER DATABASE shop RENAME TO aside", "ALTER DATABASE aside RENAME TO shop")


def another_in_its_place(untold: Untold) -> None:
    run(untold.server, "DROP DATABASE shop", "CREATE DATABASE shop")


def crashed_and_as_many_connected(untold: Untold) -> None:
    """The server has lost count of its clients, and so many come that it is the same again."""
    sessions = untold.sessions()
    untold.server.kill()
    untold.server.start()
    while untold.sessions() < sessions:
        connected(untold)
    assert sessions == untold.sessions()


@pytest.mark.parametrize("happened", [connected, renamed_and_back, another_in_its_place, crashed_and_as_many_connected])
def test_one_that_was_used_since_is_refused_and_not_touched(untold: Untold, happened: Callable[[Untold], None]):
    happened(untold)
    before = untold.sessions()
    again = untold.restore()

    assert (3, "target-not-empty") == (again.status, again.slug), again.said
    assert (UNTOLD in again.said) == (happened is not another_in_its_place)
    assert before == untold.sessions()


def test_one_that_somebody_is_using_is_refused(untold: Untold):
    with untold.server.connect("shop"):
        again = untold.restore()

    assert (3, "target-not-empty") == (again.status, again.slug), again.said


def test_one_of_another_backup_is_refused_and_its_own_is_told_after_that(
    untold: Untold, scripts: Scripts, shop: PostgresServer
):
    another = scripts.on(shop.environment("shop")).done("postgres_dump")["id"]
    refused = untold.restoring.run("postgres_restore", another)
    again = untold.restore()

    assert (3, "target-not-empty") == (refused.status, refused.slug), refused.said
    assert untold.backup in refused.said
    assert 0 == again.status, again.said


def test_where_it_was_dropped_it_is_restored_anew(untold: Untold, shop: PostgresServer):
    drop(untold.server, "shop")
    again = untold.restore()

    assert 0 == again.status, again.said
    assert UNTOLD not in again.said
    assert [] == left(untold.server)
    assert "all" == found(untold.server, held(shop))
