"""postgres_dump and postgres_restore: what comes back is what was there."""

import json
import stat
from datetime import datetime, timedelta

import psycopg

from tests.backup_scripts.operating import Scripts, replacing

LAN = 'Lan "the; boss" O\'Hara'
HELD = {
    "rows": "SELECT count(*), md5(string_agg(l::text, '|' ORDER BY id)) FROM sales.\"order lines\" l",
    "partition": "SELECT tableoid::regclass::text, * FROM counts",
    "view": "SELECT * FROM busiest",
    "next id": 'SELECT last_value, is_called FROM sales."order lines_id_seq"',
    "large object": "SELECT lo_get(4711)",
    "privileges": "SELECT relname, relacl::text, relowner::regrole::text FROM pg_class WHERE relname = 'order lines'",
    "database": "SELECT (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) a), datallowconn, "
    "shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'shop'",
    "settings": "SELECT setrole::regrole::text, setconfig FROM pg_db_role_setting WHERE setrole::regrole::text <> '-' "
    "OR setdatabase = (SELECT oid FROM pg_database WHERE datname = 'shop') ORDER BY 1, 2",
    "roles": "SELECT rolname, rolcanlogin, rolcreatedb, rolconnlimit, rolpassword, shobj_description(oid, 'pg_authid') "
    "FROM pg_authid WHERE oid > 16383 ORDER BY 1",
    "members": "SELECT roleid::regrole::text, member::regrole::text, grantor::regrole::text, "
    "admin_option, inherit_option FROM pg_auth_members WHERE roleid > 16383 ORDER BY 1, 2",
}


def held(server) -> dict[str, list]:
    with server.connect("shop") as connection:
        return {what: connection.execute(question).fetchall() for what, question in HELD.items()}


def password_of(server, role: str) -> str:
    with server.connect("postgres") as connection:
        return connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [role]).fetchone()[0]


def test_what_is_restored_is_what_was_there(scripts: Scripts, stored_dump, shop, target):
    restored = scripts.on(target.environment()).done("postgres_restore", stored_dump.name, "--jobs", "2")

    assert held(shop) == held(target)
    assert {"backup_id", "set", "database", "seconds", "bytes"} == restored.keys()
    assert ("shop", stored_dump.name) == (restored["database"], restored["backup_id"])


def test_the_backup_may_be_named_by_the_environment(scripts: Scripts, stored_dump, shop, target):
    environment = target.environment() | {"BACKUP_ID": stored_dump.name}

    assert "shop" == scripts.on(environment).done("postgres_restore")["database"]


def test_the_role_that_restores_keeps_its_password_and_gets_its_settings(scripts: Scripts, stored_dump, shop, target):
    with shop.connect("postgres") as connection:
        stated = connection.execute("SELECT rolconfig FROM pg_roles WHERE rolname = 'postgres'").fetchone()
    before = password_of(target, "postgres")
    scripts.on(target.environment()).done("postgres_restore", stored_dump.name)
    with target.connect("postgres") as connection:
        restored = connection.execute("SELECT rolconfig FROM pg_roles WHERE rolname = 'postgres'").fetchone()

    assert before == password_of(target, "postgres")
    assert (["statement_timeout=10min"],) == stated == restored


def test_a_role_that_exists_gets_the_attributes_of_the_backup(scripts: Scripts, stored_dump, shop, target):
    with target.connect("postgres") as connection:
        connection.execute("CREATE ROLE readers LOGIN")
    scripts.on(target.environment()).done("postgres_restore", stored_dump.name)

    assert held(shop) == held(target)


def test_first_queries_are_planned_with_the_statistics_of_the_source(scripts: Scripts, stored_dump, target):
    scripts.on(target.environment()).done("postgres_restore", stored_dump.name)
    with target.connect("shop") as connection:
        columns = connection.execute(
            "SELECT attname FROM pg_stats WHERE tablename = 'order lines' ORDER BY 1"
        ).fetchall()

    assert [("id",), ("note",), ("photo",)] == columns


def test_no_password_hash_reaches_the_servers_log(scripts: Scripts, stored_dump, blank_postgres):
    with blank_postgres.connect("postgres") as connection:
        connection.execute("ALTER SYSTEM SET log_statement = 'all'")
        connection.execute("SELECT pg_reload_conf()")
    scripts.on(blank_postgres.environment()).done("postgres_restore", stored_dump.name)

    assert "CREATE DATABASE shop" in blank_postgres.service.read_log()
    assert "PASSWORD 'SCRAM" not in blank_postgres.service.read_log()


def test_the_manifest_says_what_was_stored(scripts: Scripts, shop):
    environment = shop.environment("shop") | {
        "BACKUP_NOW": "2026-11-23T09:00:00.25+07:00", "RETENTION_DAYS": "7", "BACKUP_TIER": "weekly"
    }  # fmt: skip
    printed = scripts.on(environment).done("postgres_dump", "--jobs", "2", "--compress", "gzip:1")
    backup = scripts.home / "20261123T020000.250000Z-full"
    times = {name: datetime.fromisoformat(printed[name]) for name in ("started", "finished", "retain_until")}
    with shop.connect("shop") as connection:
        (identifier,) = connection.execute("SELECT system_identifier::text FROM pg_control_system()").fetchone()
        (version,) = connection.execute("SHOW server_version").fetchone()

    assert [backup.name] == scripts.in_sight()
    assert printed == json.loads((backup / "manifest.json").read_text())
    assert (1, backup.name, "shop", "full", None) == tuple(
        printed[name] for name in ("schema", "id", "set", "kind", "parent")
    )
    assert "postgresql" == printed["source"]["engine"]
    assert (identifier, version.split()[0], "shop") == tuple(
        printed["source"][name] for name in ("system_identifier", "server_version", "database")
    )
    assert {file["path"]: file["size"] for file in printed["files"]} == {
        str(path.relative_to(backup)): path.stat().st_size
        for path in backup.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert sum(file["size"] for file in printed["files"]) == printed["stored_bytes"] < printed["source_bytes"]
    assert (None, "weekly") == (printed["encryption"], printed["tier"])
    assert datetime.fromisoformat("2026-11-23T02:00:00.25Z") == times["started"] < times["finished"]
    assert timedelta(days=7) == times["retain_until"] - times["finished"]
    assert {timedelta(0)} == {time.utcoffset() for time in times.values()}


def test_only_the_owner_can_read_a_backup(scripts: Scripts, shop):
    scripts.under("sh", "-c", 'umask 000; exec "$@"', "sh").on(shop.environment("shop")).done("postgres_dump")
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [scripts.home, *scripts.home.rglob("*")]}

    assert {path: 0o700 if path.is_dir() else 0o600 for path in modes} == modes


def test_a_database_whose_name_needs_quoting_comes_back(scripts: Scripts, shop, target):
    name = 'o\'dd "name" = \\x'
    quoted = psycopg.sql.Identifier(name)
    with shop.connect("postgres") as connection:
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(quoted))
    try:
        made = scripts.on(shop.environment(name)).done("postgres_dump")
        restored = scripts.on(target.environment()).done("postgres_restore", made["id"])
        names = target.database_names()
    finally:
        for server in (shop, target):
            server.drop_database(name)

    assert name == restored["database"]
    assert name in names


def test_the_planner_knows_the_restored_rows_also_where_the_dump_knew_nothing_of_them(
    scripts: Scripts, shop, target, tmp_path
):
    without = """for word; do shift; [ "$word" = --statistics ] || set -- "$@" "$word"; done; exec "$REAL" "$@" """
    environment = replacing("pg_dump", without, environment=shop.environment("shop"), directory=tmp_path / "bin")
    taken = scripts.on(environment).done("postgres_dump")["id"]
    scripts.on(target.environment()).done("postgres_restore", taken)
    with target.connect("shop") as connection:
        unknown = connection.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND oid > 16383 "
            "AND pg_relation_size(oid) > 0 AND oid NOT IN (SELECT starelid FROM pg_statistic)"
        ).fetchall()

    assert [] == unknown
