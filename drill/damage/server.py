"""Damage to the files of a PostgreSQL server, below what its rows show."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from drill.damage.files import DAMAGES
from drill.datasets import database
from drill.errors import DrillError
from drill.servers.postgres import PostgresServer

TABLE, INDEX = "counting.users", "counting.zones_pkey"


def damage_server(server: PostgresServer, kind: str) -> None:
    """Damage a running server's files; it is stopped meanwhile and runs again afterwards.

    Raises:
        DrillError: no such damage.
    """
    if kind not in SERVER_DAMAGES:
        raise DrillError(f"no damage to a server {kind!r}", remedy=f"use one of {', '.join(SERVER_DAMAGES)}")
    SERVER_DAMAGES[kind](server)


def damage_files(server: PostgresServer, kind: str) -> None:
    """Damage the largest file of a directory on which no server runs, in one of the ways of ``DAMAGES``.

    Raises:
        DrillError: no such damage.
    """
    if kind not in DAMAGES:
        raise DrillError(f"no damage {kind!r}", remedy=f"use one of {', '.join(DAMAGES)}")
    files = (path for path in (server.data / "base").rglob("*") if path.is_file())
    DAMAGES[kind](max(files, key=lambda path: (path.stat().st_size, path)))


def _alter_page(server: PostgresServer) -> None:
    """Flip a bit in a table's file, as a failing disk does."""
    path = _file_of(server, TABLE)
    server.stop()
    DAMAGES["altered by one bit"](path)
    server.start()


def _forget_entries(server: PostgresServer) -> None:
    """Put an older copy of an index in its place, as a copy of a running server's files does."""
    path = _file_of(server, INDEX)
    older = path.with_name(f"{path.name}.older")
    server.stop()
    shutil.copy2(path, older)
    server.start()
    with server.connect(database.NAME) as connection:
        connection.execute(
            "INSERT INTO counting.zones (camera_id, label) SELECT 1, 'new ' || n FROM generate_series(1, 9) n"
        )
    server.stop()
    shutil.copy2(older, path)
    older.unlink()
    server.start()


SERVER_DAMAGES: dict[str, Callable[[PostgresServer], None]] = {
    "a page is altered by one bit": _alter_page,
    "an index has lost entries": _forget_entries,
}


def _file_of(server: PostgresServer, relation: str) -> Path:
    with server.connect(database.NAME) as connection:
        connection.execute("CHECKPOINT")
        rows = connection.execute("SELECT pg_relation_filepath(%s::regclass)", [relation]).fetchall()
    ((path,),) = rows
    return server.data / str(path)
