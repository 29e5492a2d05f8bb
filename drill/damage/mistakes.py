"""What people and attackers do to a system that is well, and to its backups."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import psycopg

from drill.backups.catalogue import MANIFEST, StoredBackup
from drill.damage.files import unshare
from drill.damage.wal import SEGMENT
from drill.errors import DrillError
from drill.fingerprints.git.repository import ask
from drill.stores import CacheStore, ClusterStore, HostStore, SourceStore, Store

FORGOTTEN_WHERE = "DELETE FROM counting.count_events"
RELEASE = (
    "ALTER TABLE counting.count_events DROP COLUMN confidence",
    "UPDATE counting.cameras SET settings = settings - 'threshold', active = false",
    "ALTER TABLE counting.alerts RENAME COLUMN message TO text",
    "DROP TABLE counting.configuration",
)
"""A migration that was meant for another schema, and was not tried before."""
RANSOM = (
    "UPDATE counting.users SET email = encode(sha256(email::bytea), 'hex'), full_name = 'pay'",
    "UPDATE counting.cameras SET token = sha256(token), active = false",
    "TRUNCATE counting.count_events, counting.alerts",
)
"""What an attacker does to the rows: no longer readable, or gone."""

RESOLVED = {
    "docker-compose.yml": b"version: '3'\nservices:\n  pay:\n    image: pay\n",
    ".env": b"PAY=now\n",
}
"""What an attacker puts in the place of the files that are resolved when they are backed up.

Nothing is wrong with them: what no program can read would be noticed by the next backup, and prove nothing.
"""


def delete_without_where(store: ClusterStore) -> None:
    """Delete every row of a table where a few were meant."""
    _execute(store, FORGOTTEN_WHERE)


def fail_release(store: ClusterStore) -> None:
    """Carry out a migration that leaves neither the old schema nor the new one."""
    _execute(store, *RELEASE)


def make_worthless(store: Store) -> None:
    """Make what a system holds worthless to everybody without the attacker's key.

    Raises:
        DrillError: nobody has thought of how to do that to such a store.
    """
    if isinstance(store, ClusterStore):
        _execute(store, *RANSOM)
    elif isinstance(store, CacheStore):
        store.clear()
    elif isinstance(store, HostStore):
        for scope in store.scopes:
            place = store.host.root / scope
            for path in (place, *place.rglob("*")):  # a scope may be a single file
                if path.is_file() and not path.is_symlink():
                    _replace(path)
    elif isinstance(store, SourceStore):
        _forget_history(store.repository)
    else:
        raise DrillError(f"no attack on {store.procedure}", remedy="add one to drill.damage.mistakes")


def _forget_history(repository: Path) -> None:
    """Leave a sound repository that holds nothing but the first commit."""
    first = ask(repository, "rev-list", "--max-parents=0", "main").split()[-1]
    for ref in ask(repository, "for-each-ref", "--format=%(refname)").split():
        ask(repository, "update-ref", *((ref, first) if ref == "refs/heads/main" else ("-d", ref)))


def _encrypt_files(backup: StoredBackup) -> None:
    for file in backup.manifest.files:
        _scramble(backup.directory / file.path)


def _remove_files(backup: StoredBackup) -> None:
    for file in backup.manifest.files:
        (backup.directory / file.path).unlink()
    (backup.directory / MANIFEST).unlink()


def _replace(path: Path) -> None:
    if path.name in RESOLVED:
        unshare(path)
        path.write_bytes(RESOLVED[path.name])
    else:
        _scramble(path)


def _scramble(path: Path) -> None:
    unshare(path)
    _overwrite(path)


ATTACKS: dict[str, Callable[[StoredBackup], None]] = {"encrypted": _encrypt_files, "deleted": _remove_files}
"""What an attacker does to a backup that can be reached."""


def _overwrite(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


LOG_ATTACKS: dict[str, Callable[[Path], None]] = {"encrypted": _overwrite, "deleted": Path.unlink}
"""What an attacker does to a segment of an archived log that can be reached; by the same names."""


def attack_log(store: ClusterStore, done: str, *, newest: int) -> None:
    """Destroy so many of the newest segments of a server's archived log.

    Raises:
        DrillError: the archive holds no more than that.
    """
    archive = store.keeping.archive
    segments = sorted(each for ending in ("", ".age") for each in archive.glob(f"{SEGMENT}.gz{ending}"))
    if len(segments) <= newest:
        raise DrillError(f"{archive} holds {len(segments)} segments", remedy="write more before it is attacked")
    for path in segments[-newest:]:
        LOG_ATTACKS[done](path)


def _execute(store: ClusterStore, *statements: str) -> None:
    with store.server.connect(store.name) as connection:
        _run(connection, statements)


def _run(connection: psycopg.Connection[tuple[object, ...]], statements: tuple[str, ...]) -> None:
    for statement in statements:
        connection.execute(statement.encode())
