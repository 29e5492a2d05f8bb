"""postgres_restore, killed before its effects: nobody ever finds half of a database, and the next run finishes it."""

import psycopg
import pytest

from drill.backups.catalogue import contents
from tests.backup_scripts.interruption import Interruption, points
from tests.backup_scripts.operating import Scripts, replacing
from tests.backup_scripts.test_postgres_round_trip import held

WHILE_DATA_COMES_IN = """
case "$*" in *--jobs*) "$REAL" {sections} "$@"; kill -KILL 0; esac
exec "$REAL" "$@" """


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


def left(server) -> list[str]:
    """What of a restore is still at work or noted on a server."""
    with server.connect("postgres") as connection:
        return [
            found
            for (found,) in connection.execute(
                "SELECT description FROM pg_description WHERE classoid = 'pg_largeobject'::regclass UNION ALL "
                "SELECT 'mark ' || oid FROM pg_largeobject_metadata UNION ALL "
                "SELECT 'lock ' || objid FROM pg_locks WHERE locktype = 'advisory'"
            )
        ]


def killed_restore(
    killing: Interruption, scripts: Scripts, backup, target, place, script: str, *, program: str = "pg_restore"
) -> None:
    """Kill a restore, and all that it has started, from within a program."""
    environment = replacing(program, script, environment=target.environment(), directory=place)
    killed = killing.run(scripts.on(environment), "postgres_restore", backup.name)
    assert killed.killed, killed.said


def test_a_database_whose_restore_is_killed_anywhere_is_all_there_or_nothing_and_the_next_run_finishes_it(
    killing: Interruption, scripts: Scripts, stored_dump, shop, target
):
    restoring, whole, stored, wrong = scripts.on(target.environment()), held(shop), contents(scripts.repository), []
    complete = killing.run(restoring, "postgres_restore", stored_dump.name, "--jobs=1")
    for at in points(complete):
        drop(target, *(set(target.database_names()) - {"postgres"}))
        killed = killing.killed(restoring, "postgres_restore", stored_dump.name, "--jobs=1", at=at)
        # Who looks at what is whole uses it, and the next run would not say that it is as it was restored.
        if not killed.has_done_all and found(target, whole) == "a part of it":
            wrong.append(f"{killed}: half of the database is there")
        again = killing.run(restoring, "postgres_restore", stored_dump.name, "--jobs=1")
        if not killed.killed or again.status or found(target, whole) != "all" or len(target.database_names()) != 2:
            wrong.append(f"{killed}: then {again.said}")
        wrong += [f"{killed}: then {what} is left" for what in left(target)]

    assert [] == wrong
    assert stored == contents(scripts.repository)


@pytest.mark.parametrize("sections", ["--section=pre-data", "--section=pre-data --section=data"])
def test_a_database_is_not_there_while_its_data_comes_in(
    killing: Interruption, scripts: Scripts, stored_dump, shop, target, tmp_path, sections
):
    killed_restore(killing, scripts, stored_dump, target, tmp_path, WHILE_DATA_COMES_IN.format(sections=sections))
    seen = found(target, held(shop)), target.database_names()
    again = scripts.on(target.environment()).run("postgres_restore", stored_dump.name)

    assert ("nothing", [".partial-shop", "postgres"]) == seen
    assert (0, "all") == (again.status, found(target, held(shop))), again.said
    assert [] == left(target)


def test_half_a_database_would_be_seen(scripts: Scripts, stored_dump, shop, target):
    whole = held(shop)
    scripts.on(target.environment()).done("postgres_restore", stored_dump.name)
    seen = [found(target, whole)]
    for damage in ('DELETE FROM sales."order lines" WHERE id = 1', 'DROP TABLE sales."order lines"'):
        with target.connect("shop") as connection:
            connection.execute(damage)
        seen.append(found(target, whole))

    assert ["all", "a part of it", "a part of it"] == seen
