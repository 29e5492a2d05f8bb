"""The rows of every table of a PostgreSQL database, each read once, on the server.

Of each row a 64-bit hash is made by nesting the server's own hash functions, each seeded with the one before::

    hashtextextended(name, hashint4extended(id, 0))

and the table's digest is the sum of them. Nested, because a sum of hashes that merely add up columns (as
hash_record_extended does) stays the same when two rows swap a value. Types whose equality is coarser than their
values (numeric 1.0 = 1.00, float 0 = -0) are hashed by their binary or text form, so is whatever has no hash function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from drill.fingerprints.content import SAMPLED, Content, Item

ALL_SAMPLED = 100_000
"""How many keys of a whole database are sampled, roughly."""
ROW_BYTES = 80
"""How small the average row is thought to be, to choose what to sample."""
# What a NULL is hashed as; '' is something else.
_ABSENT = "6f0d91c3-7a52-4e1b-9c68-d4b05f2e83a7"
_INTEGER = "hashint4extended(coalesce({column}::int4, -1640531535), {seed})"
# The server folds a bigint's halves into one (1 and 2^32 get the same hash): the upper one goes into the seed.
_BIGINT = "hashint8extended(coalesce({column}::int8, 0), {seed} # coalesce({column}::int8 >> 32, 4294967296))"
_TEXT = f"""hashtextextended(coalesce({{column}}::text, '{_ABSENT}') COLLATE "C", {{seed}})"""
_HASHES = {
    "bool": _INTEGER,
    "int2": _INTEGER,
    "int4": _INTEGER,
    "int8": _BIGINT,
    "oid": _BIGINT,
    "bpchar": f"""hashbpcharextended(coalesce({{column}}, '{_ABSENT}') COLLATE "C", {{seed}})""",
    # Trailing spaces count where no length says how many there are.
    "bpchar of any length": _TEXT.format(column="format('%s', {column})", seed="{seed}"),
    "uuid": f"uuid_hash_extended(coalesce({{column}}, '{_ABSENT}'), {{seed}})",
}
_BYTES = {
    "bytea": f"coalesce({{column}}, '{_ABSENT}')",
    **{
        name: f"coalesce({function}({{column}}), '')"
        for name, function in {
            "date": "date_send",
            "float4": "float4send",
            "float8": "float8send",
            "interval": "interval_send",
            "money": "cash_send",
            "numeric": "numeric_send",
            "time": "time_send",
            "timestamp": "timestamp_send",
            "timestamptz": "timestamptz_send",
            "timetz": "timetz_send",
        }.items()
    },
}
_TABLES = """
WITH RECURSIVE base_type (oid, base) AS (
    SELECT oid, CASE typnamespace WHEN 'pg_catalog'::regnamespace THEN typname::text END
    FROM pg_type WHERE typtype <> 'd'
    UNION ALL
    SELECT t.oid, base FROM pg_type AS t JOIN base_type ON base_type.oid = t.typbasetype
), column_of AS (
    SELECT attrelid, attnum, attname::text,
        CASE WHEN base = 'bpchar' AND atttypmod = -1 THEN 'bpchar of any length' ELSE coalesce(base, '') END AS type
    FROM pg_attribute JOIN base_type ON base_type.oid = atttypid
    WHERE attnum > 0 AND NOT attisdropped
)
SELECT name.type || ' ' || name.identity, nspname, relname, pg_relation_size(c.oid),
    ARRAY(SELECT attname FROM column_of WHERE attrelid = c.oid ORDER BY attnum),
    ARRAY(SELECT type FROM column_of WHERE attrelid = c.oid ORDER BY attnum),
    ARRAY(SELECT attname
        FROM pg_index
        CROSS JOIN LATERAL unnest(indkey::int2[]) WITH ORDINALITY AS key (attnum, place)
        JOIN column_of USING (attnum)
        WHERE indrelid = c.oid AND attrelid = c.oid AND indisprimary AND place <= indnkeyatts
        ORDER BY place)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = relnamespace
CROSS JOIN LATERAL pg_identify_object('pg_class'::regclass, c.oid, 0) AS name
WHERE (relkind = 'r' OR relkind = 'm' AND relispopulated)
    AND nspname !~ '^pg_' AND nspname <> 'information_schema'
"""
_BY_KEY = """
SELECT count(*), sum({row}), array_agg({draw} || ' ' || {row} || ' ' || ROW({key})::text)
    FILTER (WHERE {draw} & {mask} = 0)
FROM ONLY {table}
"""
# Without a key a row is known by its hash alone. OFFSET keeps the planner from computing that twice; written as a
# number, it would also keep it from reading in parallel.
_BY_HASH = """
SELECT count(*), sum(digest), array_agg(digest || ' ' || digest || ' ' || to_hex(digest))
    FILTER (WHERE digest & {mask} = 0)
FROM (SELECT {row} AS digest FROM ONLY {table} OFFSET '0') AS hashed
"""


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: str

    def hash(self, seed: str, *, server_version: int) -> str:
        """Return the expression for the hash of its value, seeded with another expression."""
        column = sql.Identifier(self.name).as_string()
        if self.type in _BYTES:
            return hash_of_bytes(_BYTES[self.type].format(column=column), seed, server_version=server_version)
        return _HASHES.get(self.type, _TEXT).format(column=column, seed=seed)


def rows(cursor: psycopg.Cursor[tuple[Any, ...]]) -> dict[str, Content]:
    """Return the contents of each table, partition and populated materialized view, by place."""
    tables = cursor.execute(_TABLES).fetchall()
    limit = max(SAMPLED // 64, min(SAMPLED, ALL_SAMPLED // max(1, len(tables))))
    contents = {}
    for place, schema, name, size, names, types, key_names in tables:
        columns = [_Column(*column) for column in zip(names, types, strict=True)]
        key = [columns[names.index(name)] for name in key_names]
        table = sql.Identifier(schema, name).as_string()
        mask = _mask(size // ROW_BYTES, limit=limit)
        statement = _scan(table, columns, key, mask=mask, server_version=cursor.connection.info.server_version)
        contents[f"rows of {place}"] = counted(cursor, statement, mask=mask)
    return contents


def counted(cursor: psycopg.Cursor[tuple[Any, ...]], statement: str, *, mask: int) -> Content:
    """Return what a statement counts: rows, sum of digests, and the sample as texts of draw, digest and key."""
    ((count, digest, sample),) = cursor.execute(statement.encode()).fetchall()
    items: dict[str, Item] = {}
    for entry in sample or ():
        draw, own, key = entry.split(" ", 2)
        twins = items[key].digest if key in items else 0
        items[key] = Item(draw=int(draw), digest=twins + int(own))
    return Content(rows=count, digest=int(digest or 0), mask=mask, sample=items)


def hash_of_bytes(value: str, seed: str, *, server_version: int) -> str:
    """Return the expression for the hash of a bytea, which has a function of its own since PostgreSQL 18."""
    if server_version >= 180000:
        return f"hashbyteaextended({value}, {seed})"
    return f"hash_record_extended(ROW({value}), {seed})"


def _scan(table: str, columns: Sequence[_Column], key: Sequence[_Column], *, mask: int, server_version: int) -> str:
    row = _nested(columns, "0::int8", server_version=server_version)
    if not key:
        return _BY_HASH.format(row=row, mask=mask, table=table)
    return _BY_KEY.format(
        row=row,
        draw=_nested(key, "1::int8", server_version=server_version),
        key=", ".join(sql.Identifier(column.name).as_string() for column in key),
        mask=mask,
        table=table,
    )


def _nested(columns: Sequence[_Column], seed: str, *, server_version: int) -> str:
    for column in columns:
        seed = column.hash(seed, server_version=server_version)
    return seed


def _mask(estimate: int, *, limit: int) -> int:
    """Return the mask that leaves at most ``limit`` of an estimated number of rows."""
    mask = 0
    while estimate // (mask + 1) > limit:
        mask = 2 * mask + 1
    return mask
