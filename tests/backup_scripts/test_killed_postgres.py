"""postgres_restore and postgres_recover, killed before their effects: nobody ever finds half of a database."""

import re

import psycopg
import pytest

from drill.backups.catalogue import contents
from tests.backup_scripts.interruption import Attempt, Interruption, points
from tests.backup_scripts.operating import Scripts, replacing
from tests.backup_scripts.test_postgres_round_trip import held

TAKEN = re.compile(r"^error: target-not-empty: the server has a database '(.+)'; drop it", re.MULTILINE)


def drop(server, *names: str) -> None:
    with server.connect("postgres") as connection:
        for name in names:
            connection.execute(psycopg.sql.SQL("DROP DATABASE {} WITH (FORCE)").format(psycopg.sql.Identifier(name)))


def found(server, whole: dict) -> str:
    """What an application finds under the database's name."""
    if "shop" not in server.database_names():
        return "nothing"
    try:
        with server.connect("shop") as connection:
            ((relations,),) = connection.execute("SELECT count(*) FROM pg_class WHERE oid > 16383").fetchall()
    except psycopg.OperationalError:
        return "a refusal"
    if not relations:
        return "an empty database"
    try:
        return "all" if held(server) == whole else "a part of it"
    except (psycopg.errors.UndefinedTable, psycopg.errors.ObjectNotInPrerequisiteState):
        return "a part of it"


def finished(killing: Interruption, scripts: Scripts, server, backup_id: str) -> Attempt:
    """Run it again, and once more when what it says is in the way has been dropped."""
    ran = killing.run(scripts, "postgres_restore", backup_id)
    if taken := TAKEN.search(ran.said):
        drop(server, taken[1])
        ran = killing.run(scripts, "postgres_restore", backup_id)
    return ran


@pytest.mark.parametrize("seed", [3], ids=["seed 3"])
def test_a_database_whose_restore_is_killed_anywhere_is_all_there_or_nothing_of_it(
    killing: Interruption, scripts: Scripts, stored_dump, shop, target, seed
):
    restoring, whole, stored, wrong = scripts.on(target.environment()), held(shop), contents(scripts.repository), []
    complete = killing.run(restoring, "postgres_restore", stored_dump.name, "--jobs=1")
    for at in points(complete, most=7, seed=seed):
        drop(target, *(set(target.database_names()) - {"postgres"}))
        killed = killing.killed(restoring, "postgres_restore", stored_dump.name, "--jobs=1", at=at)
        if found(target, whole) == "a part of it":
            wrong.append(f"{killed}: half of the database is there")
        again = finished(killing, restoring, target, stored_dump.name)
        if not killed.killed or again.status or found(target, whole) != "all" or len(target.database_names()) != 2:
            wrong.append(f"{killed}: then {again.said}")

    assert [] == wrong
    assert stored == contents(scripts.repository)


@pytest.mark.parametrize("sections", ["--section=pre-data", "--section=pre-data --section=data"])
def test_a_database_is_not_there_while_its_data_comes_in(
    killing: Interruption, scripts: Scripts, stored_dump, shop, target, tmp_path, sections
):
    script = f"""
    case "$*" in *--jobs*) "$REAL" {sections} "$@"; kill -KILL 0; esac
    exec "$REAL" "$@" """
    environment = replacing("pg_restore", script, environment=target.environment(), directory=tmp_path)
    killed = killing.run(scripts.on(environment), "postgres_restore", stored_dump.name)
    seen = found(target, held(shop)), target.database_names()
    again = finished(killing, scripts.on(target.environment()), target, stored_dump.name)

    assert killed.killed
    assert ("nothing", [".partial-shop", "postgres"]) == seen
    assert (0, "all") == (again.status, found(target, held(shop))), again.said


def test_half_a_database_would_be_seen(scripts: Scripts, stored_dump, shop, target):
    whole = held(shop)
    scripts.on(target.environment()).done("postgres_restore", stored_dump.name)
    seen = [found(target, whole)]
    for damage in ('DELETE FROM sales."order lines" WHERE id = 1', 'DROP TABLE sales."order lines"'):
        with target.connect("shop") as connection:
            connection.execute(damage)
        seen.append(found(target, whole))

    assert ["all", "a part of it", "a part of it"] == seen
