"""postgres_dump when something is wrong: a clear error, and nothing that looks like a backup."""

import shutil

import pytest

from tests.backup_scripts.operating import NOBODYS_PORT, Scripts, command_lines, replacing


def test_an_unreachable_server_is_named(scripts: Scripts, shop):
    ran = scripts.on(shop.environment("shop") | {"PGPORT": NOBODYS_PORT}).run("postgres_dump")

    assert (1, "server-unreachable") == (ran.status, ran.slug)
    assert f"port {NOBODYS_PORT}" in ran.said
    assert [] == scripts.in_sight()


def test_a_wrong_password_is_named_and_not_told(scripts: Scripts, shop, tmp_path):
    wrong = tmp_path / "pgpass"
    wrong.write_text("*:*:*:*:guessed-password\n")
    wrong.chmod(0o600)
    ran = scripts.on(shop.environment("shop") | {"PGPASSFILE": str(wrong)}).run("postgres_dump")

    assert (1, "authentication-failed") == (ran.status, ran.slug)
    assert "guessed-password" not in ran.said + ran.output
    assert [] == scripts.in_sight()


def test_a_missing_password_is_not_asked_for(scripts: Scripts, shop, tmp_path):
    ran = scripts.on(shop.environment("shop") | {"PGPASSFILE": str(tmp_path / "none")}).run("postgres_dump")

    assert (1, "authentication-failed") == (ran.status, ran.slug)


def test_an_unknown_database_is_named(scripts: Scripts, shop):
    ran = scripts.on(shop.environment("shopp")).run("postgres_dump")

    assert (1, "no-such-database") == (ran.status, ran.slug)
    assert [] == scripts.in_sight()


def test_client_programs_older_than_the_server_are_refused(scripts: Scripts, shop, tmp_path):
    environment = replacing(
        "pg_dump", "echo 'pg_dump (PostgreSQL) 17.2'", environment=shop.environment("shop"), directory=tmp_path / "old"
    )
    ran = scripts.on(environment).run("postgres_dump")

    assert (1, "version-mismatch") == (ran.status, ran.slug)
    assert "17.2" in ran.said
    assert [] == scripts.in_sight()


@pytest.mark.parametrize("missing", ["psql", "pg_dump", "pg_restore", "pg_dumpall"])
def test_a_missing_client_program_is_named(scripts: Scripts, shop, tmp_path, missing):
    environment = shop.environment("shop")
    for program in {"psql", "pg_dump", "pg_restore", "pg_dumpall"} - {missing}:
        (tmp_path / program).symlink_to(shutil.which(program, path=environment["PATH"]))
    ran = scripts.on(environment | {"PATH": str(tmp_path)}).run("postgres_dump")

    assert (1, "tool-missing") == (ran.status, ran.slug)
    assert missing in ran.said
    assert [] == scripts.in_sight()


def test_a_missing_repository_is_not_created(scripts: Scripts, shop):
    scripts.repository.rmdir()
    ran = scripts.on(shop.environment("shop")).run("postgres_dump")

    assert (1, "repository-unwritable") == (ran.status, ran.slug)
    assert not scripts.repository.exists()


def test_a_read_only_repository_is_named(read_only: Scripts, shop):
    ran = read_only.on(shop.environment("shop")).run("postgres_dump")

    assert (1, "repository-unwritable") == (ran.status, ran.slug)
    assert str(read_only.home) in ran.said
    assert [] == read_only.in_sight()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_full_disk_is_named_and_is_given_free_again(full_disk: Scripts, shop, jobs):
    ran = full_disk.on(shop.environment("shop")).run("postgres_dump", "--jobs", jobs)

    assert (1, "disk-full") == (ran.status, ran.slug)
    assert [] == full_disk.in_sight()


def test_a_dump_that_ends_in_error_is_no_backup_however_much_it_wrote(scripts: Scripts, shop, tmp_path):
    script = '"$REAL" "$@"; test "$1" = --version'
    environment = replacing("pg_dump", script, environment=shop.environment("shop"), directory=tmp_path)
    ran = scripts.on(environment).run("postgres_dump")

    assert (1, "dump-failed") == (ran.status, ran.slug)
    assert [] == scripts.in_sight()


def test_a_dump_that_cannot_be_read_back_is_no_backup(scripts: Scripts, shop, tmp_path):
    script = """
    "$REAL" "$@" || exit
    for word in "$@"; do case $word in --file=*) echo > "${word#--file=}/toc.dat";; esac; done"""
    environment = replacing("pg_dump", script, environment=shop.environment("shop"), directory=tmp_path)
    ran = scripts.on(environment).run("postgres_dump")

    assert (1, "dump-unreadable") == (ran.status, ran.slug)
    assert [] == scripts.in_sight()


def test_a_second_backup_of_the_same_moment_leaves_the_first_alone(scripts: Scripts, shop):
    environment = shop.environment("shop") | {"BACKUP_NOW": "2026-11-23T02:00:00Z"}
    first = scripts.on(environment).done("postgres_dump")
    ran = scripts.on(environment).run("postgres_dump")

    assert (1, "backup-exists") == (ran.status, ran.slug)
    assert [first["id"]] == scripts.in_sight()


@pytest.mark.parametrize(
    ("wrong", "arguments"),
    [
        ({"PGDATABASE": ""}, []),
        ({"BACKUP_REPOSITORY": ""}, []),
        ({"BACKUP_SET": "a/b"}, []),
        ({"BACKUP_SET": ".hidden"}, []),
        ({"BACKUP_NOW": "yesterday"}, []),
        ({"BACKUP_NOW": "2026-11-23T02:00:00"}, []),
        ({"RETENTION_DAYS": "a month"}, []),
        ({}, ["--jobs", "0"]),
        ({}, ["--unknown"]),
    ],
)
def test_wrong_arguments_are_told_apart_from_failures(scripts: Scripts, shop, wrong, arguments):
    ran = scripts.on(shop.environment("shop") | wrong).run("postgres_dump", *arguments)

    assert 2 == ran.status
    assert ran.said.startswith("error: ")
    assert [] == scripts.in_sight()


def test_the_password_is_nowhere_but_in_its_file(scripts: Scripts, shop, runtime):
    password = runtime.workspace.password.get_secret_value()
    seen = set()
    with shop.connect("shop") as connection:
        connection.execute("BEGIN")
        connection.execute('LOCK TABLE sales."order lines"')
        with scripts.on(shop.environment("shop")).start("postgres_dump") as process:
            while not any("pg_dump " in line and str(scripts.home) in line for line in seen):
                seen.update(command_lines())
            connection.execute("COMMIT")
            while process.poll() is None:
                seen.update(command_lines())
            output, said = process.communicate()
    stored = {path: path.read_bytes() for path in scripts.home.rglob("*") if path.is_file()}

    assert 0 == process.returncode, said
    assert not [line for line in seen if password in line or "SCRAM-SHA-256$" in line]
    assert password not in output + said
    assert not [path for path, content in stored.items() if password.encode() in content]
    assert ["roles.sql"] == [path.name for path, content in stored.items() if b"SCRAM-SHA-256$" in content]
