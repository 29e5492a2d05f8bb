"""What a PostgreSQL database holds: every definition, every row, and the roles of its server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from drill.fingerprints.fingerprint import Fingerprint, FingerprintError
from drill.fingerprints.postgres.catalogue import definitions, sequence_states
from drill.fingerprints.postgres.large_objects import large_objects
from drill.fingerprints.postgres.rows import rows

ENGINE = "postgres"
OLDEST = 150000
# What decides how a value reads as text, and what may stop the reading half-way.
_SETTINGS = {
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "3",
    "lc_monetary": "C",
    "xmlbinary": "base64",
    "quote_all_identifiers": "off",
    "search_path": "",
    "row_security": "off",  # an error where a policy would hide rows
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    # The table itself is read, not an index that may say otherwise.
    "enable_indexscan": "off",
    "enable_indexonlyscan": "off",
    "enable_bitmapscan": "off",
}
_UNREADABLE = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.InternalError_,
    psycopg.errors.DataCorrupted,
    psycopg.errors.IndexCorrupted,
    psycopg.errors.IoError,
    psycopg.errors.UndefinedFile,
)


def fingerprint(connection: psycopg.Connection[Any]) -> Fingerprint:
    """Return what the connected database holds, and the server's roles, as of one moment.

    It only reads, takes no lock but ACCESS SHARE, and leaves the session's settings as they were. The definitions are
    compared by what they say, not by object numbers or places on disk, so that a database and its restored dump are
    the same; of secrets only hashes are kept. Rows of foreign tables are not read, and tablespaces are left out.

    Args:
        connection: of a superuser, outside a transaction, to PostgreSQL 15 or newer.

    Raises:
        FingerprintError: something in the database cannot be read, or the server is too old.
        psycopg.OperationalError: the server went away.
    """
    with _reading(connection) as cursor:
        states, recovered = sequence_states(cursor)
        facts = definitions(cursor) | states
        contents = rows(cursor) | large_objects(cursor)
        ((taken_at,),) = cursor.execute("SELECT clock_timestamp()").fetchall()
    return Fingerprint(engine=ENGINE, facts=facts, contents=contents, taken_at=taken_at, recovered=recovered)


@contextmanager
def _reading(connection: psycopg.Connection[Any]) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    if connection.info.server_version < OLDEST:
        raise FingerprintError(
            f"PostgreSQL {connection.info.server_version // 10000} cannot be fingerprinted",
            remedy=f"use PostgreSQL {OLDEST // 10000} or newer",
        )
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        raise FingerprintError("the connection is inside a transaction", remedy="end it, or use another connection")
    try:
        with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            for name, value in {**_SETTINGS, "client_encoding": _encoding(connection)}.items():
                cursor.execute("SELECT set_config(%s, %s, true)", (name, value))
            yield cursor
    except _UNREADABLE as error:
        raise FingerprintError(
            f"database {connection.info.dbname} cannot be read: {error.sqlstate} {error.diag.message_primary}",
            remedy="connect as a superuser; if that is so already, the database is damaged",
        ) from error


def _encoding(connection: psycopg.Connection[Any]) -> str:
    """Return an encoding that reads anything the database may hold; SQL_ASCII holds any bytes at all."""
    server = connection.info.parameter_status("server_encoding")
    return "LATIN1" if server == "SQL_ASCII" else "UTF8"
