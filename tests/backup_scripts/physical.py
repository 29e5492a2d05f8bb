"""A server with all that a physical backup must bring back, and the scripts that copy and recover it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from drill.runtimes import Runtime
from drill.servers.postgres import PostgresServer
from tests.backup_scripts.operating import CHECKOUT, Scripts

SETTINGS = """
summarize_wal = on
archive_mode = on
archive_command = '/bin/false'
"""
SEED = """
CREATE ROLE keeper LOGIN PASSWORD 'a secret' CONNECTION LIMIT 7;
ALTER ROLE keeper SET work_mem = '7MB';
ALTER ROLE keeper IN DATABASE shop SET search_path = sales;
CREATE ROLE readers;
GRANT readers TO keeper;
COMMENT ON ROLE readers IS 'they read';
"""
SHOP = """
CREATE SCHEMA sales;
CREATE TABLE sales.orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
INSERT INTO sales.orders (note) SELECT 'canary ' || repeat(md5(n::text), 8) FROM generate_series(1, 2000) n;
GRANT SELECT ON sales.orders TO readers;
SELECT lo_from_bytea(4711, 'a large object');
CREATE TABLE state (at text);
INSERT INTO state VALUES ('start');
"""
HELD = {
    "rows": "SELECT count(*), md5(string_agg(o::text, '|' ORDER BY id)) FROM sales.orders o",
    "state": "SELECT at FROM state",
    # A recovered sequence may have skipped some numbers, and must not give one again.
    "next id": "SELECT last_value >= (SELECT max(id) FROM sales.orders), is_called FROM sales.orders_id_seq",
    "large object": "SELECT lo_get(4711)",
    "privileges": "SELECT relname, relacl::text FROM pg_class WHERE relname = 'orders'",
    "settings": "SELECT setdatabase, setrole::regrole::text, setconfig FROM pg_db_role_setting ORDER BY 1, 2",
    "roles": "SELECT rolname, rolconnlimit, rolpassword, shobj_description(oid, 'pg_authid') FROM pg_authid ORDER BY 1",
    "members": "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members ORDER BY 1, 2",
    "databases": "SELECT datname FROM pg_database ORDER BY 1",
    "tablespaces": "SELECT oid, spcname, pg_tablespace_location(oid) FROM pg_tablespace ORDER BY 1",
}


def held(server: PostgresServer) -> dict[str, list]:
    """What the server holds, by plain questions."""
    with server.connect("shop") as connection:
        return {what: connection.execute(question).fetchall() for what, question in HELD.items()}


def seed(server: PostgresServer) -> None:
    with (server.data / "postgresql.conf").open("a") as settings:
        settings.write(SETTINGS)
    with (server.data / "pg_hba.conf").open("a") as rules:
        rules.write("host replication all 0.0.0.0/0 scram-sha-256\n")
    server.stop()
    server.start()
    with server.connect("postgres") as connection:
        connection.execute("CREATE DATABASE shop TEMPLATE template0")
        connection.execute(SEED)
    with server.connect("shop") as connection:
        connection.execute(SHOP)


def change(server: PostgresServer, state: str, *, rows: int = 50) -> None:
    """Change some of everything, and say which state it is now."""
    with server.connect("shop") as connection:
        connection.execute("UPDATE sales.orders SET note = note || %s WHERE id %% 40 = 0", [state])
        connection.execute("INSERT INTO sales.orders (note) SELECT %s FROM generate_series(1, %s)", [state, rows])
        connection.execute("UPDATE state SET at = %s", [state])


def state(server: PostgresServer) -> str:
    with server.connect("shop") as connection:
        return connection.execute("SELECT at FROM state").fetchone()[0]


@dataclass(frozen=True)
class Moment:
    """A state that the server was in, by every way of naming it."""

    time: str
    name: str
    lsn: str


@dataclass(frozen=True)
class History:
    """What was stored of one server while it went through its states, and what it held at the end."""

    repository: Path
    backups: tuple[str, ...]
    moments: dict[str, Moment]
    held: dict[str, list]


def archiving(server: PostgresServer, repository: Path, **facts: str) -> None:
    """Have a server archive into a repository below its home."""
    command = f"{environment(repository, **facts)} {server.service.home}/postgres_wal archive %p %f"
    with server.connect("postgres") as connection:
        connection.execute(f"ALTER SYSTEM SET archive_command = '{command}'")
        connection.execute("SELECT pg_reload_conf()")


def environment(repository: Path, **facts: str) -> str:
    facts = {"BACKUP_REPOSITORY": str(repository), "BACKUP_SET": "shop", **facts}
    return " ".join(f"{name}={value}" for name, value in facts.items())


def give_archiver(server: PostgresServer) -> None:
    """Put the program where the server, perhaps in a container, can run it."""
    program = shutil.copy(CHECKOUT / "backup_scripts" / "postgres_wal", server.service.home)
    Path(program).chmod(0o755)


def give(runtime: Runtime, directory: Path) -> None:
    """Make the servers' user the owner of all that is below a directory."""
    for path in (directory, *directory.rglob("*")):
        runtime.workspace.user.give(path)


def reached(server: PostgresServer, name: str) -> Moment:
    """Change the server's state, and mark the moment after that."""
    change(server, name)
    with server.connect("shop") as connection:
        (lsn,) = connection.execute("SELECT pg_create_restore_point(%s)", [name]).fetchone()
        (time,) = connection.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'").fetchone()
    return Moment(f"time:{time.isoformat()}Z", f"name:{name}", f"lsn:{lsn}")


def lived(server: PostgresServer, scripts: Scripts) -> History:
    """Let a server go through states, archiving all along: a chain of three backups, then a full one."""
    backups = [scripts.done("postgres_basebackup")["id"]]
    moments = {"one": reached(server, "one"), "two": reached(server, "two")}
    backups.append(scripts.done("postgres_basebackup", "--incremental")["id"])
    moments |= {"three": reached(server, "three")}
    backups.append(scripts.done("postgres_basebackup", "--incremental")["id"])
    backups.append(scripts.done("postgres_basebackup")["id"])
    moments |= {"four": reached(server, "four"), "five": reached(server, "five")}
    change(server, "six")
    at_the_end = held(server)
    server.stop()
    return History(scripts.repository, tuple(backups), moments, at_the_end)
