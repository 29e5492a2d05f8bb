"""postgres_restore when something is wrong: refused with the target untouched, or failed and cleaned up."""

import hashlib
import json

import pytest

from tests.backup_scripts.operating import NOBODYS_PORT, Scripts, command_lines, replacing, restate


def state(server) -> list[tuple]:
    """Everything that a restore would change on a blank server."""
    with server.connect("postgres") as connection:
        return connection.execute(
            "SELECT 'database', datname, NULL FROM pg_database UNION ALL "
            "SELECT 'role', rolname, rolpassword FROM pg_authid UNION ALL "
            "SELECT 'setting', setrole::text, setconfig::text FROM pg_db_role_setting UNION ALL "
            "SELECT 'member', roleid::text, member::text FROM pg_auth_members ORDER BY 1, 2"
        ).fetchall()


def restate_file(backup, path: str, content: bytes) -> None:
    """Replace a file, with a manifest that agrees."""
    (backup / path).write_bytes(content)
    files = json.loads((backup / "manifest.json").read_text())["files"]
    for file in files:
        if file["path"] == path:
            file |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    restate(backup, files=files)


def restate_source(backup, **changes: str) -> None:
    restate(backup, source=json.loads((backup / "manifest.json").read_text())["source"] | changes)


def test_a_target_that_has_the_database_is_refused(scripts: Scripts, stored_dump, target):
    with target.connect("postgres") as connection:
        connection.execute("CREATE DATABASE shop")
    before = state(target)
    ran = scripts.on(target.environment()).run("postgres_restore", stored_dump.name)

    assert (3, "target-not-empty") == (ran.status, ran.slug)
    assert before == state(target)


def test_a_server_of_an_older_major_version_is_refused(scripts: Scripts, stored_dump, target):
    restate_source(stored_dump, server_version="99.1")
    before = state(target)
    ran = scripts.on(target.environment()).run("postgres_restore", stored_dump.name)

    assert (3, "version-mismatch") == (ran.status, ran.slug)
    assert "99.1" in ran.said
    assert before == state(target)


def test_client_programs_that_cannot_read_the_dump_are_refused(scripts: Scripts, stored_dump, target):
    contents = bytearray((stored_dump / "dump/toc.dat").read_bytes())
    contents[6] = 99  # the minor number of the archive format, after the magic and the major number
    restate_file(stored_dump, "dump/toc.dat", bytes(contents))
    before = state(target)
    ran = scripts.on(target.environment()).run("postgres_restore", stored_dump.name)

    assert (3, "version-mismatch") == (ran.status, ran.slug)
    assert before == state(target)


@pytest.mark.parametrize("backup_id", ["20260101T000000.000000Z-full", "..", "../shop", ".", ".partial-x", ""])
def test_an_unknown_backup_is_refused(scripts: Scripts, stored_dump, target, backup_id):
    (scripts.home / ".partial-x").mkdir()
    before = state(target)
    ran = scripts.on(target.environment()).run("postgres_restore", backup_id)

    assert ((3, "no-such-backup") if backup_id else (2, "environment-missing")) == (ran.status, ran.slug)
    assert before == state(target)


def test_a_missing_repository_holds_no_backup(scripts: Scripts, target):
    scripts.repository.rmdir()
    ran = scripts.on(target.environment()).run("postgres_restore", "20260101T000000.000000Z-full")

    assert (3, "no-such-backup") == (ran.status, ran.slug)


def test_a_snapshot_of_redis_is_refused(scripts: Scripts, stored_snapshot, target):
    before = state(target)
    ran = scripts.on(target.environment()).run("postgres_restore", stored_snapshot.name)

    assert (3, "wrong-kind") == (ran.status, ran.slug)
    assert before == state(target)


def test_a_dump_that_cannot_be_listed_is_refused(scripts: Scripts, stored_dump, target):
    restate_file(stored_dump, "dump/toc.dat", b"no table of contents")
    before = state(target)
    ran = scripts.on(target.environment()).run("postgres_restore", stored_dump.name)

    assert (3, "dump-unreadable") == (ran.status, ran.slug)
    assert before == state(target)


def test_a_manifest_that_names_another_database_than_the_dump_is_refused(scripts: Scripts, stored_dump, target):
    restate_source(stored_dump, database="shoq")
    before = state(target)
    ran = scripts.on(target.environment()).run("postgres_restore", stored_dump.name)

    assert (3, "manifest-invalid") == (ran.status, ran.slug)
    assert before == state(target)


@pytest.mark.parametrize("injected", ["CREATE ROLE a; \\! touch /tmp/x\n", "CREATE ROLE 'unfinished;", "nonsense"])
def test_roles_that_pg_dumpall_did_not_write_are_refused(scripts: Scripts, stored_dump, target, injected):
    restate_file(stored_dump, "roles.sql", (stored_dump / "roles.sql").read_bytes() + injected.encode())
    before = state(target)
    ran = scripts.on(target.environment()).run("postgres_restore", stored_dump.name)

    assert (3, "roles-unreadable") == (ran.status, ran.slug)
    assert before == state(target)


def test_an_unreachable_target_is_named(scripts: Scripts, stored_dump, target):
    environment = target.environment() | {"PGPORT": NOBODYS_PORT}
    ran = scripts.on(environment).run("postgres_restore", stored_dump.name)

    assert (1, "server-unreachable") == (ran.status, ran.slug)


def test_a_wrong_password_is_named(scripts: Scripts, stored_dump, target, tmp_path):
    environment = target.environment() | {"PGPASSFILE": str(tmp_path / "none"), "PGPASSWORD": "guessed-password"}
    ran = scripts.on(environment).run("postgres_restore", stored_dump.name)

    assert (1, "authentication-failed") == (ran.status, ran.slug)
    assert "guessed-password" not in ran.said


def test_a_restore_that_fails_half_way_can_be_run_again(scripts: Scripts, stored_dump, target):
    whole = (stored_dump / "roles.sql").read_bytes()
    restate_file(stored_dump, "roles.sql", b"SET standard_conforming_strings = on;\n")
    failed = scripts.on(target.environment()).run("postgres_restore", stored_dump.name)
    left = target.database_names()
    restate_file(stored_dump, "roles.sql", whole)

    assert (1, "restore-failed") == (failed.status, failed.slug)
    assert "dropping" in failed.said
    assert ["postgres"] == left
    assert "shop" == scripts.on(target.environment()).done("postgres_restore", stored_dump.name)["database"]


def test_roles_are_applied_all_or_none(scripts: Scripts, stored_dump, target):
    roles = (stored_dump / "roles.sql").read_bytes()
    impossible = roles.replace(b"\\unrestrict", b"GRANT readers TO nobody_at_all;\n\\unrestrict")
    restate_file(stored_dump, "roles.sql", impossible)
    before = state(target)
    ran = scripts.on(target.environment()).run("postgres_restore", stored_dump.name)

    assert (1, "query-failed") == (ran.status, ran.slug)
    assert before == state(target)


def test_a_relation_that_did_not_come_back_is_noticed(scripts: Scripts, stored_dump, target, tmp_path):
    script = """
    "$REAL" "$@" || exit
    case "$*" in *--jobs*) psql -qw -d .partial-shop -c 'DROP MATERIALIZED VIEW busiest'; esac"""
    environment = replacing("pg_restore", script, environment=target.environment(), directory=tmp_path)
    ran = scripts.on(environment).run("postgres_restore", stored_dump.name)

    assert (1, "restore-incomplete") == (ran.status, ran.slug)
    assert "public busiest postgres" in ran.said
    assert ["postgres"] == target.database_names()


@pytest.mark.parametrize("moment", ["--create", "--jobs"], ids=["before it is created", "while it is restored"])
def test_a_database_that_somebody_else_creates_meanwhile_is_not_dropped(
    scripts: Scripts, stored_dump, target, tmp_path, moment
):
    script = f"""
    case "$*" in *{moment}*) psql -qw -d postgres -c 'CREATE DATABASE shop'; esac
    exec "$REAL" "$@" """
    environment = replacing("pg_restore", script, environment=target.environment(), directory=tmp_path)
    ran = scripts.on(environment).run("postgres_restore", stored_dump.name)

    assert (1, "target-taken") == (ran.status, ran.slug)
    assert ["postgres", "shop"] == target.database_names()


def test_a_line_that_breaks_while_the_database_gets_its_name_leaves_none_that_nobody_may_use(
    scripts: Scripts, stored_dump, target, tmp_path
):
    script = f"""
    sed --unbuffered '/RENAME TO "shop"/{{w {tmp_path}/broken
    q}}' | "$REAL" "$@" && ! test -s {tmp_path}/broken"""
    environment = replacing("psql", script, environment=target.environment(), directory=tmp_path)
    ran = scripts.on(environment).run("postgres_restore", stored_dump.name)

    assert (1, "query-failed") == (ran.status, ran.slug)
    assert ["postgres"] == target.database_names()


def test_secrets_are_in_no_command_line_and_in_no_output(scripts: Scripts, stored_dump, target, runtime):
    seen = set()
    with scripts.on(target.environment()).start("postgres_restore", stored_dump.name) as process:
        while process.poll() is None:
            seen.update(command_lines())
        output, said = process.communicate()
    password = runtime.workspace.password.get_secret_value()

    assert 0 == process.returncode, said
    assert any("pg_restore" in line for line in seen)
    assert not [line for line in seen if password in line or "SCRAM-SHA-256$" in line]
    assert password not in output + said
    assert "SCRAM-SHA-256$" not in output + said
