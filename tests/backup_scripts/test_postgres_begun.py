"""What a killed postgres_restore has begun, and what only looks like it; two of them at once; users without rights."""

from collections.abc import Mapping

import pytest

from drill.waiting import Patience, eventually
from tests.backup_scripts.interruption import Interruption, points
from tests.backup_scripts.operating import Scripts, ended, replacing
from tests.backup_scripts.test_killed_postgres import found, killed_restore, left
from tests.backup_scripts.test_postgres_restore_failures import restate_file
from tests.backup_scripts.test_postgres_round_trip import held

CREATED, NOT_CREATED = '"$REAL" "$@";', ""
KILLED_AT_CREATION = """
case "$*" in *--create*) {first} kill -KILL 0; esac
exec "$REAL" "$@" """
KILLED_WITH_DATA = """
case "$*" in *--jobs*) "$REAL" "$@"; kill -KILL 0; esac
exec "$REAL" "$@" """
ASLEEP = "SELECT pg_sleep(3600)"
NO_ROLES = b"SET standard_conforming_strings = on;\n"


def run(server, *statements: str, database: str = "postgres") -> None:
    with server.connect(database) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def spare(target):
    """The target; databases that are restored there in part or by somebody else are removed again."""
    yield target
    run(target, 'DROP DATABASE IF EXISTS ".partial-shop" WITH (FORCE)', "DROP DATABASE IF EXISTS shop WITH (FORCE)")
    run(target, "SELECT lo_unlink(oid) FROM pg_largeobject_metadata")


SOMEBODY_ELSES = {
    "a database of the partial name": ('CREATE DATABASE ".partial-shop"',),
    "a database of the partial name in place of ours": (
        'DROP DATABASE IF EXISTS ".partial-shop"',
        'CREATE DATABASE ".partial-shop"',
    ),
    "ours, which was given its name by hand": ('ALTER DATABASE ".partial-shop" RENAME TO shop',),
    "a database beside ours": ("CREATE DATABASE shop",),
}


@pytest.mark.parametrize(
    ("script", "what"),
    [
        (KILLED_AT_CREATION.format(first=NOT_CREATED), "a database of the partial name"),
        (KILLED_WITH_DATA, "a database of the partial name in place of ours"),
        (KILLED_WITH_DATA, "ours, which was given its name by hand"),
        (KILLED_WITH_DATA, "a database beside ours"),
    ],
    ids=lambda each: each if each in SOMEBODY_ELSES else "",
)
def test_what_may_be_somebody_elses_is_refused(
    killing: Interruption, scripts: Scripts, stored_dump, spare, tmp_path, script, what
):
    killed_restore(killing, scripts, stored_dump, spare, tmp_path, script)
    run(spare, *SOMEBODY_ELSES[what])
    before = spare.database_names()
    again = scripts.on(spare.environment()).run("postgres_restore", stored_dump.name)

    assert (3, "target-not-empty") == (again.status, again.slug), again.said
    assert before == spare.database_names()


@pytest.mark.parametrize(
    "something",
    ["CREATE TABLE kept ()", "CREATE SCHEMA kept", "SELECT lo_create(0)", "CREATE CAST (inet AS date) WITH INOUT"],
)
def test_a_database_that_holds_something_is_refused_where_its_creation_was_killed(
    killing: Interruption, scripts: Scripts, stored_dump, spare, tmp_path, something
):
    killed_restore(killing, scripts, stored_dump, spare, tmp_path, KILLED_AT_CREATION.format(first=CREATED))
    run(spare, something, database="shop")
    again = scripts.on(spare.environment()).run("postgres_restore", stored_dump.name)

    assert (3, "target-not-empty") == (again.status, again.slug), again.said
    assert "shop" in spare.database_names()


def test_a_database_that_somebody_uses_is_refused_where_its_creation_was_killed(
    killing: Interruption, scripts: Scripts, stored_dump, spare, tmp_path
):
    killed_restore(killing, scripts, stored_dump, spare, tmp_path, KILLED_AT_CREATION.format(first=CREATED))
    with spare.connect("shop"):
        during = scripts.on(spare.environment()).run("postgres_restore", stored_dump.name)
    after = scripts.on(spare.environment()).run("postgres_restore", stored_dump.name)

    assert (3, "target-not-empty") == (during.status, during.slug), during.said
    assert 0 == after.status, after.said
    assert [] == left(spare)


@pytest.mark.parametrize("name", [".partial-shop", "shop"])
def test_a_database_that_is_closed_and_not_renamed_yet_is_ours(
    killing: Interruption, scripts: Scripts, stored_dump, shop, spare, tmp_path, name
):
    script = f"""
    sed --unbuffered '/RENAME TO "{name}"/{{w {tmp_path}/reached
    Q}}' | "$REAL" "$@"
    status=$?
    test -s {tmp_path}/reached && kill -KILL 0
    exit $status"""
    killed_restore(killing, scripts, stored_dump, spare, tmp_path, script, program="psql")
    (before,) = set(spare.database_names()) - {"postgres"}
    again = scripts.on(spare.environment()).run("postgres_restore", stored_dump.name)

    assert {name, before} == {"shop", ".partial-shop"}
    assert (0, "all") == (again.status, found(spare, held(shop))), again.said
    assert [] == left(spare)


def test_a_database_whose_removal_was_broken_off_is_no_obstacle(
    killing: Interruption, scripts: Scripts, stored_dump, shop, spare, tmp_path
):
    killed_restore(killing, scripts, stored_dump, spare, tmp_path, KILLED_AT_CREATION.format(first=CREATED))
    run(spare, "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'shop'")
    again = scripts.on(spare.environment()).run("postgres_restore", stored_dump.name)

    assert (0, "all") == (again.status, found(spare, held(shop))), again.said
    assert [] == left(spare)


def test_what_somebody_else_creates_meanwhile_is_not_taken_for_ours_later(
    scripts: Scripts, stored_dump, spare, tmp_path
):
    script = """
    case "$*" in *--create*) psql -qw -d postgres -c 'CREATE DATABASE shop'; esac
    exec "$REAL" "$@" """
    environment = replacing("pg_restore", script, environment=spare.environment(), directory=tmp_path)
    failed = scripts.on(environment).run("postgres_restore", stored_dump.name)
    again = scripts.on(spare.environment()).run("postgres_restore", stored_dump.name)

    assert "target-taken" == failed.slug
    assert (3, "target-not-empty") == (again.status, again.slug)
    assert [] == left(spare)


def test_what_a_killed_restore_left_running_cannot_spoil_the_next(
    killing: Interruption, scripts: Scripts, stored_dump, shop, spare, tmp_path
):
    running = f"-c '{ASLEEP}' -c 'CREATE DATABASE shop'"
    script = KILLED_AT_CREATION.format(
        first=f"setsid psql -qw -d postgres {running} >{tmp_path}/output 2>&1 & while ! psql -qwAtd postgres -c "
        '"SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()" | grep -q pg_sleep; do sleep 0.05; done;'
    )
    killed_restore(killing, scripts, stored_dump, spare, tmp_path, script)
    again = scripts.on(spare.environment()).run("postgres_restore", stored_dump.name)
    with spare.connect("postgres") as connection:
        sleeping = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep'"
        ).fetchone()

    assert (0, "all") == (again.status, found(spare, held(shop))), again.said
    assert (0,) == sleeping


def test_a_restore_that_is_killed_alone_while_its_programs_run_is_finished_by_the_next(
    scripts: Scripts, stored_dump, shop, spare, tmp_path
):
    begun = tmp_path / "begun"
    script = f"""
    case "$*" in *--jobs*)
        "$REAL" --section=pre-data "$@"; touch {begun}; exec psql -qw -d .partial-shop -c '{ASLEEP}'
    esac
    exec "$REAL" "$@" """
    environment = replacing("pg_restore", script, environment=spare.environment(), directory=tmp_path / "programs")
    with scripts.on(environment).start("postgres_restore", stored_dump.name) as process:
        eventually("it restores data", begun.exists, Patience.SERVER_READY)
        process.kill()
    again = scripts.on(spare.environment()).run("postgres_restore", stored_dump.name)

    assert (0, "all") == (again.status, found(spare, held(shop))), again.said
    assert [] == left(spare)


@pytest.mark.parametrize("seed", [8], ids=["seed 8"])
@pytest.mark.parametrize("first", ["empty", "with data"])
def test_the_next_run_may_be_killed_as_well(
    killing: Interruption, scripts: Scripts, stored_dump, shop, spare, tmp_path, first, seed
):
    restoring, wrong = scripts.on(spare.environment()), []
    script = KILLED_AT_CREATION.format(first=CREATED) if first == "empty" else KILLED_WITH_DATA

    def begin() -> None:
        run(spare, "DROP DATABASE IF EXISTS shop")
        killed_restore(killing, scripts, stored_dump, spare, tmp_path, script)

    begin()
    for at in points(killing.run(restoring, "postgres_restore", stored_dump.name), most=8, seed=seed):
        begin()
        killed = killing.killed(restoring, "postgres_restore", stored_dump.name, at=at)
        again = killing.run(restoring, "postgres_restore", stored_dump.name)
        if not killed.killed or again.status or found(spare, held(shop)) != "all" or left(spare):
            wrong.append(f"{killed}: then {again.said}")

    assert [] == wrong


def test_of_two_restores_at_once_one_is_refused_and_the_other_whole(
    scripts: Scripts, stored_dump, shop, spare, tmp_path
):
    begun, go_on = tmp_path / "begun", tmp_path / "go-on"
    script = f"""
    case "$*" in *--jobs*) touch {begun}; while ! test -e {go_on}; do sleep 0.05; done; esac
    exec "$REAL" "$@" """
    environment = replacing("pg_restore", script, environment=spare.environment(), directory=tmp_path / "programs")
    with scripts.on(environment).start("postgres_restore", stored_dump.name) as process:
        eventually("the first restores data", begun.exists, Patience.SERVER_READY)
        second = scripts.on(spare.environment()).run("postgres_restore", stored_dump.name)
        go_on.touch()
        first = ended(process)

    assert (3, "target-busy") == (second.status, second.slug), second.said
    assert (0, "all") == (first.status, found(spare, held(shop))), first.said
    assert [] == left(spare)


def test_a_restore_whose_place_was_taken_publishes_and_drops_nothing(scripts: Scripts, stored_dump, spare, tmp_path):
    # As if it had lost its connection, and another one had begun anew: there is another mark.
    script = """
    "$REAL" "$@" || exit
    case "$*" in *--jobs*) psql -qw -d postgres -c 'SELECT lo_unlink(oid) FROM pg_largeobject_metadata'; esac"""
    environment = replacing("pg_restore", script, environment=spare.environment(), directory=tmp_path)
    ran = scripts.on(environment).run("postgres_restore", stored_dump.name)

    assert (1, "target-taken") == (ran.status, ran.slug), ran.said
    assert [".partial-shop", "postgres"] == spare.database_names()


def test_any_name_is_known_again(killing: Interruption, scripts: Scripts, spare, tmp_path):
    name = 'it\'s "a" \\b {c} :d %s; x'
    identifier = '"' + name.replace('"', '""') + '"'
    run(spare, f"CREATE DATABASE {identifier}")
    run(spare, "CREATE TABLE counts AS SELECT 12 AS visitors", database=name)
    backup = scripts.home / scripts.on(spare.environment(name)).done("postgres_dump")["id"]
    run(spare, f"DROP DATABASE {identifier}")
    killed_restore(killing, scripts, backup, spare, tmp_path, KILLED_WITH_DATA)
    during = [each for each in left(spare) if each.endswith(name)]
    again = scripts.on(spare.environment()).run("postgres_restore", backup.name)
    names = spare.database_names()
    run(spare, f"DROP DATABASE IF EXISTS {identifier}")

    assert 1 == len(during)
    assert (0, sorted([name, "postgres"])) == (again.status, names), again.said
    assert [] == left(spare)


@pytest.fixture
def keeper(scripts: Scripts, spare) -> Mapping[str, str]:
    """The environment of an ordinary user with a password, who may create databases and whose one is backed up."""
    run(spare, "CREATE ROLE keeper LOGIN CREATEDB PASSWORD 'of-the-keeper'", "CREATE DATABASE shop OWNER keeper")
    environment = spare.environment("shop") | {"PGUSER": "keeper", "PGPASSFILE": "", "PGPASSWORD": "of-the-keeper"}
    run(spare, "CREATE TABLE counts AS SELECT 12 AS visitors", "ALTER TABLE counts OWNER TO keeper", database="shop")
    run(spare, "COMMENT ON DATABASE shop IS 'of the keeper'", database="shop")
    scripts.on(spare.environment("shop")).done("postgres_dump")
    (backup,) = (path for path in scripts.home.iterdir() if path.is_dir())
    restate_file(backup, "roles.sql", NO_ROLES)
    run(spare, "DROP DATABASE shop")
    return environment | {"BACKUP_ID": backup.name}


@pytest.mark.parametrize(
    "killed_at", [KILLED_AT_CREATION.format(first=CREATED), KILLED_WITH_DATA], ids=["empty", "full"]
)
@pytest.mark.parametrize("may", [True, False], ids=["with a mark", "without"])
def test_a_user_who_may_create_databases_is_enough(
    killing: Interruption, scripts: Scripts, spare, keeper, tmp_path, killed_at, may
):
    run(spare, f"{'GRANT' if may else 'REVOKE'} EXECUTE ON FUNCTION lo_create {'TO' if may else 'FROM'} PUBLIC")
    environment = replacing("pg_restore", killed_at, environment=keeper, directory=tmp_path)
    killed = killing.run(scripts.on(environment), "postgres_restore")
    again = scripts.on(keeper).run("postgres_restore")
    if not may:
        assert (3, "target-not-empty") == (again.status, again.slug)
        run(spare, 'DROP DATABASE IF EXISTS ".partial-shop"', "DROP DATABASE IF EXISTS shop")
        again = scripts.on(keeper).run("postgres_restore")
    run(spare, "GRANT EXECUTE ON FUNCTION lo_create TO PUBLIC")
    with spare.connect("shop") as connection:
        rows = connection.execute("SELECT * FROM counts").fetchall()

    assert killed.killed
    assert (0, [(12,)]) == (again.status, rows), again.said
    assert [] == left(spare)


def test_one_who_is_not_the_user_of_the_killed_restore_drops_nothing(
    killing: Interruption, scripts: Scripts, spare, keeper, tmp_path
):
    environment = replacing("pg_restore", KILLED_WITH_DATA, environment=keeper, directory=tmp_path)
    killing.run(scripts.on(environment), "postgres_restore")
    again = scripts.on(spare.environment()).run("postgres_restore", keeper["BACKUP_ID"])

    assert (3, "target-not-empty") == (again.status, again.slug)
    assert [".partial-shop", "postgres"] == spare.database_names()
