"""The first insert into each table that numbers its rows or reacts to them, tried out and rolled back.

A row of the table is taken away and put in again, numbered anew: so all other columns are sure to be acceptable, and
whatever the table demands of a row (keys, references, checks, triggers) is at work. Only a row that refers to itself
cannot be put in again. The numbers that this draws from sequences are not given back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from drill.usability.finding import Finding

_FED = """
SELECT adrelid AS relation, adnum AS place, refobjid AS sequence
FROM pg_depend AS d JOIN pg_attrdef AS a ON d.objid = a.oid JOIN pg_sequence ON seqrelid = refobjid
WHERE d.classid = 'pg_attrdef'::regclass AND refclassid = 'pg_class'::regclass
UNION
SELECT refobjid, refobjsubid, objid
FROM pg_depend JOIN pg_sequence ON seqrelid = objid
WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype = 'i'
"""
_TABLES = f"""
WITH fed AS ({_FED}), column_of AS (
    SELECT attrelid, attnum, quote_ident(attname) AS name, attgenerated <> '' AS computed, fed.place IS NOT NULL AS fed
    FROM pg_attribute LEFT JOIN fed ON relation = attrelid AND place = attnum
    WHERE attnum > 0 AND NOT attisdropped
), firing AS (
    SELECT DISTINCT tgrelid, tgfoid FROM pg_trigger
    -- Those that fire at every insert, in an ordinary session.
    WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgtype & 4 = 4 AND tgqual IS NULL
)
SELECT c.oid::regclass::text,
    ARRAY(SELECT name FROM column_of WHERE attrelid = c.oid AND NOT (fed OR computed) ORDER BY attnum),
    ARRAY(SELECT ARRAY[name, quote_ident(nspname) || '.' || quote_ident(relname), seqincrement::text]
        FROM fed JOIN column_of ON attrelid = relation AND attnum = place
        JOIN pg_class AS s ON s.oid = sequence JOIN pg_namespace AS n ON n.oid = relnamespace
        JOIN pg_sequence ON seqrelid = sequence
        WHERE relation = c.oid ORDER BY attnum),
    ARRAY(SELECT ARRAY[tgfoid::text, tgfoid::regprocedure::text] FROM firing WHERE tgrelid = c.oid ORDER BY tgfoid)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND (c.oid IN (SELECT relation FROM fed) OR c.oid IN (SELECT tgrelid FROM firing))
ORDER BY 1
"""  # noqa: S608 - only our own words
_TAKEN = """
SELECT next, last_number FROM (
    SELECT last_value + CASE WHEN is_called THEN {increment} ELSE 0 END AS next FROM {sequence}
) AS sequence, (SELECT {furthest}({column}) AS last_number FROM {table}) AS held
WHERE next * sign({increment}) <= last_number * sign({increment})
"""
_FIRED = "SELECT funcid FROM pg_stat_xact_user_functions WHERE calls > 0"


@dataclass(frozen=True, slots=True)
class _Table:
    """A table, its columns that a row brings along, those that a sequence fills, and what fires at an insert.

    All names are quoted already.
    """

    name: str
    copied: list[str]
    fed: list[list[str]]
    firing: list[list[str]]

    def insert(self) -> str:
        """Return the statement that inserts a copy of the row that is its parameter, numbered anew."""
        if not self.copied:
            return f"INSERT INTO {self.name} DEFAULT VALUES"
        values = ", ".join(f"(one).{column}" for column in self.copied)
        row = f"SELECT CAST(%s AS {self.name})"
        return f"INSERT INTO {self.name} ({', '.join(self.copied)}) SELECT {values} FROM ({row}) AS row (one)"  # noqa: S608


def flaws(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Yield every number that is taken already, every first insert that fails, every trigger that keeps silent.

    Args:
        connection: an autocommitting one of a superuser.
    """
    for table in [_Table(*facts) for facts in connection.execute(_TABLES.encode()).fetchall()]:
        yield from _taken(connection, table)
        yield from _tried(connection, table)


def _taken(connection: psycopg.Connection[Any], table: _Table) -> Iterator[Finding]:
    for column, sequence, increment in table.fed:
        furthest = "max" if int(increment) > 0 else "min"
        statement = _TAKEN.format(
            increment=increment, sequence=sequence, furthest=furthest, column=column, table=table.name
        )
        for following, last in connection.execute(statement.encode()).fetchall():
            yield Finding("number-taken", f"{table.name}.{column}", f"{following} would follow, {last} is there")


def _tried(connection: psycopg.Connection[Any], table: _Table) -> Iterator[Finding]:
    try:
        with connection.transaction(force_rollback=True):
            findings = list(_inserted(connection, table))
    except psycopg.Error as error:
        findings = [Finding("insert-fails", table.name, f"{error.sqlstate} {error.diag.message_primary}")]
    yield from findings


def _inserted(connection: psycopg.Connection[Any], table: _Table) -> Iterator[Finding]:
    """Insert and yield what did not come of it; a table without a row has nothing to copy."""
    connection.execute("SET LOCAL track_functions = 'all'")
    row = connection.execute(
        f"SELECT r.tableoid, r.ctid::text, r::text FROM {table.name} AS r LIMIT 1".encode()  # noqa: S608
    ).fetchone()
    if row is None:
        return
    # Taken away without anybody noticing: what refers to it is not to be checked.
    connection.execute("SET LOCAL session_replication_role = 'replica'")
    connection.execute(
        f"DELETE FROM {table.name} WHERE (tableoid, ctid) = (%s::oid, %s::tid)".encode(),  # noqa: S608
        row[:2],
    )
    connection.execute("SET LOCAL session_replication_role = 'origin'")
    if connection.execute(table.insert().encode(), row[2:] if table.copied else None).rowcount != 1:
        yield Finding("insert-fails", table.name, "no row came of it, and no error")
    fired = {function for (function,) in connection.execute(_FIRED).fetchall()}
    for function, name in table.firing:
        if int(function) not in fired:
            yield Finding("trigger-silent", table.name, f"an insert did not call {name}")
