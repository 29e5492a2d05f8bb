"""A database and its restored dump are the same; a restore that leaves something out is not."""

import os
import subprocess

import pytest

from drill.fingerprints import differences
from drill.fingerprints.postgres import fingerprint

RICH = "rich"


def run(server, *command, database="postgres", **options):
    environment = {**os.environ, **server.environment(database)}
    return subprocess.run(command, env=environment, check=True, capture_output=True, **options)


@pytest.fixture
def target(rich_server, blank_postgres):
    """A blank server that the rich server's roles have been restored to."""
    roles = run(rich_server, "pg_dumpall", "--globals-only").stdout.replace(b"CREATE ROLE postgres;", b"")
    run(blank_postgres, "psql", "-v", "ON_ERROR_STOP=1", "-f", "-", input=roles)
    return blank_postgres


@pytest.fixture
def held(rich_server):
    with rich_server.connect(RICH) as connection:
        return fingerprint(connection)


def test_a_restored_dump_is_the_same(rich_server, target, held, repository):
    run(rich_server, "pg_dump", "--format=directory", "--jobs=2", f"--file={repository / 'dump'}", RICH)
    run(target, "pg_restore", "--create", "--exit-on-error", "--dbname=postgres", str(repository / "dump"))

    with target.connect(RICH) as connection:
        assert [] == differences(held, fingerprint(connection))


def test_a_dump_restored_into_another_database_lacks_what_belongs_to_the_database(rich_server, target, held):
    script = run(rich_server, "pg_dump", RICH).stdout
    target.create_database("other")
    run(target, "psql", "-v", "ON_ERROR_STOP=1", "-f", "-", database="other", input=script)

    with target.connect("other") as connection:
        found = differences(held, fingerprint(connection))

    assert {
        "comment on database",
        "grant on database to app",
        "grant on database to public",
        "setting search_path of role auditor in the database",
        "setting work_mem in the database",
    } == {difference.where for difference in found}


def test_a_dump_without_large_objects_and_privileges_is_noticed(rich_server, target, held, repository):
    run(rich_server, "pg_dump", "-Fc", "--no-large-objects", "--no-privileges", f"--file={repository / 'd'}", RICH)
    run(target, "pg_restore", "--create", "--exit-on-error", "--dbname=postgres", str(repository / "d"))

    with target.connect(RICH) as connection:
        found = {difference.where for difference in differences(held, fingerprint(connection))}

    assert {"large objects", "access to large objects", "grant on table shop.cameras to app"} <= found
    assert not any(where.startswith("rows") for where in found)


def test_a_crash_and_its_recovery_is_no_difference(blank_postgres):
    with blank_postgres.connect() as connection:
        connection.execute("CREATE TABLE counted (id bigint GENERATED ALWAYS AS IDENTITY (INCREMENT 3) PRIMARY KEY)")
        connection.execute("INSERT INTO counted OVERRIDING USER VALUE SELECT 0 FROM generate_series(1, 5)")
        expected = fingerprint(connection)
    blank_postgres.kill()
    blank_postgres.start()

    with blank_postgres.connect() as connection:
        found = fingerprint(connection)
    assert expected.facts["state of sequence public.counted_id_seq"] == "last value 13, called"
    assert found.facts["state of sequence public.counted_id_seq"] == "last value 97, called"
    assert [] == differences(expected, found)


def test_a_sequence_that_fell_back_or_ran_ahead_is_noticed(blank_postgres):
    with blank_postgres.connect() as connection:
        connection.execute(
            "CREATE SEQUENCE numbers; CREATE TABLE held AS SELECT nextval('numbers') FROM generate_series(1, 9)"
        )
        expected = fingerprint(connection)
        for value in (8, 10, 40, 42):
            connection.execute("SELECT setval('numbers', %s)", (value,))

            assert ["state of sequence public.numbers"] == [
                found.where for found in differences(expected, fingerprint(connection))
            ]


CHANGES = [
    ("ALTER ROLE one SUPERUSER", "role one"),
    ("ALTER ROLE two PASSWORD 'other'", "role two"),
    ("ALTER ROLE three VALID UNTIL 'infinity'", "role three"),
    ("ALTER ROLE four NOLOGIN", "role four"),
    ("ALTER ROLE five SET work_mem = '3MB'", "setting work_mem of role five"),
    ("ALTER ROLE six SET \"app.key\" = 'other'", "setting app.key of role six"),
    ("REVOKE one FROM two", "membership of two in one granted by postgres"),
    ("GRANT one TO three WITH INHERIT FALSE", "membership of three in one granted by postgres"),
    ("REVOKE pg_read_all_data FROM four", "membership of four in pg_read_all_data granted by postgres"),
    ("COMMENT ON ROLE six IS NULL", "comment on role six"),
    (
        "GRANT SET ON PARAMETER log_min_messages TO one",
        "grant on parameter ACL log_min_messages to one",
        "grant on parameter ACL log_min_messages to postgres",
    ),
    ("DROP ROLE seven", "role seven"),
]


def test_every_change_of_a_role_is_noticed(blank_postgres):
    with blank_postgres.connect() as connection:
        connection.execute(
            "CREATE ROLE one; CREATE ROLE two PASSWORD 'secret'; CREATE ROLE three VALID UNTIL '2099-01-01';"
            "CREATE ROLE four LOGIN; CREATE ROLE five; CREATE ROLE six; CREATE ROLE seven;"
            "GRANT one TO two, three; GRANT pg_read_all_data TO four; ALTER ROLE six SET \"app.key\" = 'a';"
            "COMMENT ON ROLE six IS 'x'; CREATE TABLE held AS SELECT 1 AS one"
        )
        expected = fingerprint(connection)
        for statement, *_ in CHANGES:
            connection.execute(statement)
        found = differences(expected, fingerprint(connection))

    assert {where for _, *noticed in CHANGES for where in noticed} == {difference.where for difference in found}


def test_no_secret_is_kept(held):
    kept = str(held.to_json())

    assert "hunter2" not in kept
    assert "SCRAM-SHA-256" not in kept
    assert "correct horse" not in kept
