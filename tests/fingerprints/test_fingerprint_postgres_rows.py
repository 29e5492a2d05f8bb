"""Every sort of change to a database's rows is noticed and named, however small; what only moved on disk is not."""

import pytest

from drill.fingerprints import FingerprintError, Kind, differences
from drill.fingerprints.postgres import fingerprint

# Two values of a type that somebody would call different, some of which the server calls equal.
UNEQUAL = [
    ("text", "''", "NULL"),
    ("text", "'a'", "'a '"),
    ("varchar(5)", "'a'", "'A'"),
    ("char(5)", "'a'", "'b'"),
    ("bpchar", "'a'", "'a '"),
    ("citext", "'a'", "'A'"),
    ("boolean", "false", "NULL"),
    ("smallint", "0", "NULL"),
    ("integer", "0", "NULL"),
    ("integer", "1", "-1"),
    ("bigint", "1", "4294967296"),
    ("bigint", "0", "-1"),
    ("bigint", "0", "NULL"),
    ("oid", "0", "NULL"),
    ("numeric", "1.0", "1.00"),
    ("numeric", "'NaN'", "NULL"),
    ("real", "0", "'-0'"),
    ("double precision", "0", "'-0'"),
    ("double precision", "0.1", "0.10000000000000002"),
    ("bytea", r"'\x'", "NULL"),
    ("bytea", r"'\x00'", r"'\x0000'"),
    ("uuid", "'00000000-0000-0000-0000-000000000000'", "NULL"),
    ("date", "'infinity'", "'-infinity'"),
    ("timestamptz", "'2026-01-01 00:00+00'", "'2026-01-01 00:00:00.000001+00'"),
    ("timestamp", "'2026-01-01'", "NULL"),
    ("interval", "'1 month'", "'30 days'"),
    ("timetz", "'12:00+00'", "'13:00+01'"),
    ("money", "1", "1.01"),
    ("json", """'{"a":1}'""", """'{"a": 1}'"""),
    ("jsonb", """'{"a": 1.0}'""", """'{"a": 1.00}'"""),
    ("jsonb", "'null'", "NULL"),
    ("numeric[]", "'{1.0}'", "'{1.00}'"),
    ("text[]", "'{NULL}'", "'{\"NULL\"}'"),
    ("integer[]", "'{1}'", "'[2:2]={1}'"),
    ("hstore", "'a=>NULL'", "'a=>\"NULL\"'"),
    ("int4range", "'empty'", "NULL"),
    ("numrange", "'[1.0,2]'", "'[1.00,2]'"),
    ("point", "'(0,0)'", "'(0,-0)'"),
    ("inet", "'10.0.0.1/24'", "'10.0.0.1'"),
    ("varbit", "'1'", "'10'"),
    ("tsvector", "'a:1'", "'a:2'"),
    ("shop.mood", "'vui'", "'buồn'"),
    ("shop.address", "'(,)'", "NULL"),
    ("shop.words", "'{a}'", "'{b}'"),
    ("regclass", "'shop.cameras'", "'shop.events'"),
]
CHANGES = [
    ("DELETE FROM shop.cameras WHERE id = 20", "rows of table shop.cameras", "missing key (20)"),
    (
        "INSERT INTO shop.scratch VALUES ('00000000-0000-0000-0000-000000000000', 3)",
        "rows of table shop.scratch",
        "unexpected key (0000…)",
    ),
    (
        "UPDATE shop.events SET kind = 'x' WHERE id = 20",
        "rows of table shop.events_2",
        'changed key ("2026-02-14 00:00:00+00",20)',
    ),
    (
        'UPDATE shop."Đơn hàng ""2""" SET camera = NULL WHERE "số" = 2',
        'rows of table shop."Đơn hàng ""2"""',
        "changed key (2)",
    ),
    ("DELETE FROM shop.nothing WHERE ctid = '(0,1)'", "rows of table shop.nothing", "none of the sampled keys differs"),
    ("TRUNCATE shop.events_1_low CASCADE", "rows of table shop.events_1_low", "missing key"),
    ("SELECT lo_put(5000, 1, 'x')", "large objects", "changed key 5000"),
    ("SELECT lo_put(5001, 200000, 'x')", "large objects", "changed key 5001"),
    (
        "SELECT lo_put(5002, 0, lo_get(5002, 2048, 2048)), lo_put(5002, 2048, convert_to(repeat('a', 2048), 'UTF8'))",
        "large objects",
        "changed key 5002",
    ),
    ("SELECT lo_unlink(5002)", "large objects", "missing key 5002"),
    ("SELECT lo_create(5003)", "large objects", "unexpected key 5003"),
    ("REVOKE SELECT ON LARGE OBJECT 5002 FROM app", "access to large objects", "changed key 5002"),
    ("ALTER LARGE OBJECT 5002 OWNER TO owner_role", "access to large objects", "changed key 5002"),
]
HARMLESS = [
    "VACUUM (FULL, ANALYZE)",
    "CLUSTER shop.cameras",
    "REINDEX TABLE shop.cameras",
    "UPDATE shop.cameras SET name = name",
    "ALTER TABLE shop.cameras ADD COLUMN soon_gone integer DEFAULT 3; ALTER TABLE shop.cameras DROP COLUMN soon_gone",
    "REFRESH MATERIALIZED VIEW shop.totals",
    "SELECT lo_put(5001, 50000, '\\x00')",
    "GRANT SELECT ON shop.every_type TO postgres",
    "REVOKE CREATE ON SCHEMA shop FROM app",
    "SET bytea_output = 'escape'; SET timezone = 'Asia/Ho_Chi_Minh'; SET datestyle = 'German'; SET row_security = on;"
    "SET intervalstyle = 'iso_8601'; SET extra_float_digits = -9;"
    "SET search_path = shop; SET quote_all_identifiers = on; SET lc_monetary = 'C'",
]


@pytest.fixture
def connection(rich_server, copy):
    with rich_server.connect(copy) as connection:
        yield connection


def test_the_smallest_change_of_a_value_is_noticed(connection):
    tables = [f"public.pair_{number}" for number in range(len(UNEQUAL))]
    for table, (kind, held, _) in zip(tables, UNEQUAL, strict=True):
        connection.execute(
            f"CREATE TABLE {table} (id integer PRIMARY KEY, v {kind}); INSERT INTO {table} VALUES (1, {held})"
        )
    expected = fingerprint(connection)
    for table, (_, _, other) in zip(tables, UNEQUAL, strict=True):
        connection.execute(f"UPDATE {table} SET v = {other}")

    found = {difference.where: difference.keys for difference in differences(expected, fingerprint(connection))}

    assert {f"rows of table {table}": ("changed key (1)",) for table in tables} == found


@pytest.mark.parametrize(("statement", "where", "named"), CHANGES)
def test_any_one_row_or_large_object_is_noticed_and_named(rich, connection, statement, where, named):
    connection.execute(statement.encode())

    found = {difference.where: difference.keys for difference in differences(rich, fingerprint(connection))}

    assert where in found
    assert any(keys.startswith(named) for keys in found[where])


@pytest.mark.parametrize("statement", HARMLESS)
def test_what_only_moves_or_looks_otherwise_is_no_difference(rich, connection, statement):
    for part in statement.split(";"):
        connection.execute(part.encode())

    assert [] == differences(rich, fingerprint(connection))


@pytest.mark.parametrize("key", ["", "PRIMARY KEY (id)"])
def test_two_rows_that_swap_a_value_are_noticed(connection, key):
    connection.execute("CREATE TABLE public.swapped (id integer, one text, other integer)")
    if key:
        connection.execute("ALTER TABLE public.swapped ADD PRIMARY KEY (id)")
    connection.execute("INSERT INTO public.swapped VALUES (1, 'a', 10), (2, 'b', 20)")
    expected = fingerprint(connection)
    connection.execute("UPDATE public.swapped SET one = CASE one WHEN 'a' THEN 'b' ELSE 'a' END")

    found = differences(expected, fingerprint(connection))

    assert ["rows of table public.swapped"] == [difference.where for difference in found]


@pytest.mark.parametrize("key", ["PRIMARY KEY", ""])
def test_of_many_rows_some_are_named_and_all_are_counted(connection, key):
    connection.execute(f"CREATE TABLE public.many (id integer {key}, v text)")
    connection.execute("INSERT INTO public.many SELECT n, md5(n::text) FROM generate_series(1, 50000) AS n")
    expected = fingerprint(connection)
    connection.execute("UPDATE public.many SET v = 'x' WHERE id = 777")
    [one] = differences(expected, fingerprint(connection))
    connection.execute("DELETE FROM public.many WHERE id % 3 = 0")
    [many] = differences(expected, fingerprint(connection))

    content = expected.contents["rows of table public.many"]
    assert 50000 == content.rows
    assert 500 < len(content.sample) <= 10000
    assert "rows of table public.many" == one.where
    assert ("50000", "33334") == (many.expected, many.found)
    assert any(keys.startswith("missing key") for keys in many.keys)


def test_duplicate_rows_without_a_key_are_counted(rich, connection):
    connection.execute("DELETE FROM shop.hashed_0 WHERE ctid IN (SELECT max(ctid) FROM shop.hashed_0 WHERE id = 1)")

    [found] = differences(rich, fingerprint(connection))

    assert "rows of table shop.hashed_0" == found.where
    assert int(found.found) == int(found.expected) - 1
    assert found.keys[0].startswith("changed key")


def test_a_materialized_view_that_is_stale_is_noticed(rich, connection):
    connection.execute("ALTER TABLE shop.cameras DISABLE TRIGGER ALL")
    connection.execute("DELETE FROM shop.cameras WHERE id = 100")
    connection.execute("ALTER TABLE shop.cameras ENABLE TRIGGER USER")
    connection.execute("REFRESH MATERIALIZED VIEW shop.totals")

    found = {difference.where for difference in differences(rich, fingerprint(connection))}

    assert "rows of materialized view shop.totals" in found


def test_a_materialized_view_without_data_is_noticed(rich, connection):
    connection.execute("REFRESH MATERIALIZED VIEW shop.totals WITH NO DATA")

    found = [(difference.where, difference.kind) for difference in differences(rich, fingerprint(connection))]

    assert [
        ("materialized view shop.totals", Kind.CHANGED),
        ("rows of materialized view shop.totals", Kind.MISSING),
    ] == found


def test_a_table_of_1600_columns_can_be_read(connection):
    columns = ", ".join(f"c{number} integer" for number in range(1600))
    connection.execute(f"CREATE TABLE public.wide ({columns}); INSERT INTO public.wide (c7, c1599) VALUES (1, 2)")
    expected = fingerprint(connection)
    connection.execute("UPDATE public.wide SET c1599 = 3")

    assert ["rows of table public.wide"] == [found.where for found in differences(expected, fingerprint(connection))]


def test_a_database_of_bytes_in_no_encoding_can_be_read(rich_server):
    with rich_server.connect("postgres") as server:
        server.execute("CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    with rich_server.connect("bytes") as connection:
        connection.execute(r"CREATE TABLE raw (v text PRIMARY KEY); INSERT INTO raw VALUES (E'\xff'), ('a')")
        expected = fingerprint(connection)
        connection.execute(r"UPDATE raw SET v = E'\xfe' WHERE v <> 'a'")
        found = differences(expected, fingerprint(connection))
    rich_server.drop_database("bytes")

    assert ["rows of table public.raw"] == [difference.where for difference in found]


def test_reading_leaves_the_session_as_it_was(connection):
    connection.execute("SET search_path = shop; SET timezone = 'Asia/Ho_Chi_Minh'; SET row_security = on")
    fingerprint(connection)

    settings = connection.execute("SELECT name, setting FROM pg_settings WHERE source = 'session'").fetchall()
    assert {("search_path", "shop"), ("TimeZone", "Asia/Ho_Chi_Minh"), ("row_security", "on")} <= set(settings)
    assert connection.autocommit
    assert "UTF8" == connection.info.parameter_status("client_encoding")


def test_a_connection_inside_a_transaction_is_refused(connection):
    with connection.transaction():
        connection.execute("SELECT 1")
        with pytest.raises(FingerprintError, match="inside a transaction"):
            fingerprint(connection)


def test_rows_that_a_policy_hides_are_never_passed_over(connection):
    connection.execute("CREATE ROLE blinkered; GRANT pg_read_all_data TO blinkered")
    connection.execute("GRANT SELECT ON pg_authid, pg_largeobject, pg_user_mapping TO blinkered")
    connection.execute("SET ROLE blinkered")
    with pytest.raises(FingerprintError, match="row-level security"):
        fingerprint(connection)
    connection.execute("RESET ROLE; DROP OWNED BY blinkered; DROP ROLE blinkered")


def test_what_may_not_be_read_is_an_error(connection):
    connection.execute("SET ROLE auditor")

    with pytest.raises(FingerprintError, match="permission denied"):
        fingerprint(connection)


def test_a_damaged_table_is_an_error_and_not_an_empty_table(blank_postgres):
    with blank_postgres.connect() as connection:
        connection.execute("CREATE TABLE damaged AS SELECT n, md5(n::text) FROM generate_series(1, 5000) AS n")
        ((path,),) = connection.execute("SELECT pg_relation_filepath('damaged')").fetchall()
    blank_postgres.stop()
    with (blank_postgres.data / path).open("r+b") as file:
        file.seek(8192 + 4000)
        file.write(b"damage")
    blank_postgres.start()

    with blank_postgres.connect() as connection, pytest.raises(FingerprintError, match="XX001 invalid page"):
        fingerprint(connection)
