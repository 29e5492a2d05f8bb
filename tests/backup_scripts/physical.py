"""A server with all that a physical backup must bring back, and the scripts that copy and recover it."""

from __future__ import annotations

from drill.servers.postgres import PostgresServer
from tests.backup_scripts.operating import CHECKOUT

ARCHIVER = CHECKOUT / "backup_scripts"
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
    "next id": "SELECT last_value, is_called FROM sales.orders_id_seq",
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
