"""What the scripts ask of a PostgreSQL server: one question in, one JSON answer out, through psql.

The connection is libpq's own: PGHOST, PGPORT, PGUSER, and PGPASSFILE or PGSERVICEFILE for secrets.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any, NamedTuple

from backup_scripts import programs
from backup_scripts.contract import Failed
from backup_scripts.programs import Finished, Hearing

ENGINE = "postgresql"
COULD_NOT_CONNECT = 2  # psql's exit status
PSQL = ("psql", "--no-psqlrc", "--no-password", "--quiet", "--set=ON_ERROR_STOP=1")
ANSWERING = (*PSQL, "--tuples-only", "--no-align", "--set=VERBOSITY=terse")
SETTINGS = {"PGCONNECT_TIMEOUT": "10", "PGCLIENTENCODING": "UTF8"}
WRONG_CREDENTIALS = re.compile(r"password|authentication|pg_hba\.conf|role .* does not exist|not permitted to log in")
NO_REPLICATION = re.compile(
    r"permission denied to start WAL sender|must be superuser or replication role|REPLICATION attribute"
    r"|pg_hba\.conf .*replication|max_wal_senders|all replication slots are in use|wal_level"
)
NOT_CONNECTED = re.compile(r"connection to server .* failed|could not (connect|translate host name)|could not send")
NO_DATABASE = re.compile(r"database .* does not exist")

IDENTITY = """
SELECT json_build_object(
    'system_identifier', (SELECT system_identifier::text FROM pg_control_system()),
    'server_version', split_part(current_setting('server_version'), ' ', 1),
    'bootstrap_role', (SELECT rolname FROM pg_roles WHERE oid = 10),
    'bytes', (SELECT sum(pg_database_size(oid)) FROM pg_database WHERE datname = current_database()),
    'user', current_user,
    'roles', (SELECT json_agg(rolname) FROM pg_roles),
    'databases', (SELECT json_agg(datname) FROM pg_database))
"""


class Server(NamedTuple):
    """Who answered: its identity, the size of the database asked, and the names that are taken."""

    system_identifier: str
    server_version: str
    bootstrap_role: str
    bytes: int
    user: str
    roles: tuple[str, ...]
    databases: tuple[str, ...]


def server(database: str) -> Server:
    """Connect to one database and say who answers.

    Raises:
        Failed: ``server-unreachable``, ``authentication-failed``, ``no-such-database``.
    """
    answer = ask(IDENTITY, database=database)
    return Server(**answer | {"roles": tuple(answer["roles"]), "databases": tuple(answer["databases"])})


def ask(question: str, *, database: str, aloud: bool = True) -> Any:
    """Return the one JSON value that a query gives, which changes nothing.

    Raises:
        Failed: as `server`; ``query-failed``.
    """
    return json.loads(execute(question, database=database, aloud=aloud, harmless=True))


def execute(commands: str, *, database: str, aloud: bool = True, harmless: bool = False) -> str:
    """Run SQL from stdin, where no process list shows it, up to its first error; return what it prints.

    Args:
        commands: what it runs.
        database: where.
        aloud: pass psql's stderr through; otherwise it is only kept.
        harmless: as for `programs.started`.

    Raises:
        Failed: as `server`; ``query-failed``.
    """
    command = (*ANSWERING, "--dbname", conninfo(database))
    finished = programs.run(command, feed=commands, settings=SETTINGS, aloud=aloud, harmless=harmless)
    if finished.status == 0:
        return finished.answer
    raise _failure(finished)


class Session:
    """One connection that stays open, with its locks and settings, for several questions."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._hearing = Hearing(process, aloud=False)

    def ask(self, commands: str) -> Any:
        """Run SQL that prints one line, and return this as JSON.

        Raises:
            Failed: as `execute`.
        """
        assert self._process.stdin and self._process.stdout
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{commands}\n".encode())
            self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise _failure(self._hearing.finished(PSQL[0]))
        return json.loads(answer)


@contextlib.contextmanager
def session(database: str) -> Iterator[Session]:
    """Connect to one database for as long as the block lasts, and no longer than this script lives."""
    with programs.started((*ANSWERING, "--dbname", conninfo(database)), settings=SETTINGS) as process:
        assert process.stdin
        try:
            yield Session(process)
        finally:  # psql ends by that also where another program has started it
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()


def _failure(finished: Finished) -> Failed:
    if finished.status != COULD_NOT_CONNECT:
        return finished.failure("query-failed", "read the server's log")
    if NO_DATABASE.search(finished.said):
        return finished.failure("no-such-database", "set PGDATABASE to a database of this server")
    if WRONG_CREDENTIALS.search(finished.said):
        return finished.failure("authentication-failed", "check PGUSER and the password file that PGPASSFILE names")
    return finished.failure("server-unreachable", "check PGHOST and PGPORT, and that the server runs")


def replication_failure(finished: Finished) -> Failed | None:
    """Return the error of a program that was not let in for replication; None where it ended for other reasons."""
    if NO_REPLICATION.search(finished.said):
        advice = "give PGUSER the REPLICATION attribute, and let it in for replication in pg_hba.conf"
        return finished.failure("replication-refused", advice)
    if not NOT_CONNECTED.search(finished.said):
        return None
    if WRONG_CREDENTIALS.search(finished.said):
        return finished.failure("authentication-failed", "check PGUSER and the password file that PGPASSFILE names")
    return finished.failure("server-unreachable", "check PGHOST and PGPORT, and that the server runs")


def conninfo(database: str) -> str:
    """Name a database so that its name is never taken for a connection string."""
    quoted = database.replace("\\", "\\\\").replace("'", "\\'")
    return f"dbname='{quoted}'"


def identifier(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def major(version: str) -> int:
    """Return the major version of 18.6, 19beta1 and the like."""
    found = re.match(r"\d+", version)
    return int(found[0]) if found else 0
