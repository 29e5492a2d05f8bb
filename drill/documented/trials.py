"""The trials: what each of the document's PostgreSQL commands is found wanting in.

A trial looks for the effect, in what a command leaves behind, and yields one sentence for each thing that it is found
wanting in. Should a later PostgreSQL do better, the sentence stays away and the record is out of date.
"""

from __future__ import annotations

import os
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from drill.documented.desk import Desk
from drill.fingerprints import differences

DUMP, INCREMENT, ARCHIVE, DIRECTORY = "backup.sql", "incremental_backup.sql", "backup_file.tar.gz", "backup_directory"
NO_SUCH_OPTION = "unrecognized option"
PASSES = "a damaged file passes"


def full_backup(desk: Desk) -> Iterator[str]:
    """Back up, and restore on a server that knows nothing of the first one."""
    backed_up = desk.run("full-backup")
    with desk.new_server() as server:
        desk.run("restore-anew", server=server)
        lacking = {each.where for each in differences(desk.held(), desk.held(server=server))}
    if backed_up.status == 0 and any(where.startswith(("role ", "membership ")) for where in lacking):
        yield "the roles are missing"
    if any(where.startswith("grant ") for where in lacking):
        yield "the grants are missing"
    if any(where.startswith("policy ") for where in lacking):
        yield "the rules for rows are missing"


def incremental_backup(desk: Desk) -> Iterator[str]:
    """Back up what has changed, and restore it onto the full backup as an increment would be."""
    desk.run("full-backup")
    desk.run("incremental-backup")
    if desk.file(INCREMENT).stat().st_size > desk.file(DUMP).stat().st_size / 2:
        yield "it copies every row although nothing has changed"
    with desk.store.server.connect(desk.store.name) as connection:
        connection.execute("DELETE FROM counting.alerts WHERE message LIKE '% 7\n'")
        connection.execute("INSERT INTO counting.alerts (severity, raised_at, message) VALUES ('info', now(), 'new')")
    desk.run("incremental-backup")
    with desk.new_database() as database:
        desk.run("restore-anew", database=database)
        desk.run("restore-anew", database=database, instead={DUMP: INCREMENT})
        if _count(desk, database, "counting.alerts WHERE message LIKE '% 7\n'"):
            yield "what was deleted is back"
        if not _count(desk, database, "counting.alerts WHERE message = 'new'"):
            yield "what was added is not carried over"


def dry_run(desk: Desk) -> Iterator[str]:
    """Verify an intact backup, then ask the same program merely to list it."""
    desk.run("full-backup")
    if NO_SUCH_OPTION in desk.run("dry-run").complaints:
        yield "there is no such option"
    if desk.run("dry-run", instead={"--dry-run": "--list"}).status != 0:
        yield "the program cannot read such a backup"


def restore_anew(desk: Desk) -> Iterator[str]:
    """Restore the first half of a backup into an empty database, as after a full disk."""
    desk.run("full-backup")
    os.truncate(desk.file(DUMP), desk.file(DUMP).stat().st_size // 2)
    with desk.new_database() as database:
        restored = desk.run("restore-anew", database=database)
        held, found = desk.held(), desk.held(database)
    if restored.status == 0 and differences(held, found):
        yield "half a backup is restored as if it were whole"
    if 0 < found.rows < held.rows:
        yield "a part of the rows is there, the rest is not"


def restore_over(desk: Desk) -> Iterator[str]:
    """Restore into a database that is still there but has gone wrong."""
    desk.run("full-backup")
    with desk.store.server.connect(desk.store.name) as connection:
        connection.execute("UPDATE counting.configuration SET value = '{\"days\": 1}' WHERE key = 'retention'")
    restored = desk.run("restore-over")
    if restored.status == 0 and "ERROR:" in restored.complaints:
        yield "its errors end with success"
    if _count(desk, desk.store.name, "counting.configuration WHERE value = '{\"days\": 1}'"):
        yield "what went wrong stays wrong"


def count(desk: Desk) -> Iterator[str]:
    """Verify a restored database, then the same one with every row altered."""
    desk.run("full-backup")
    with desk.new_database() as database:
        desk.run("restore-anew", database=database)
        intact = desk.run("count", database=database)
        with desk.store.server.connect(database) as connection:
            connection.execute("UPDATE counting.count_events SET inbound = inbound + 1")
        if intact == desk.run("count", database=database):
            yield "altered rows pass"


def checksum(desk: Desk) -> Iterator[str]:
    """Check a file, then the same file with one bit flipped."""
    desk.run("full-backup")
    with tarfile.open(desk.file(ARCHIVE), "w:gz") as archive:
        archive.add(desk.file(DUMP), DUMP)
    desk.run("checksum")
    _flip(desk.file(ARCHIVE))
    if desk.run("checksum").status == 0:
        yield PASSES


def size(desk: Desk) -> Iterator[str]:
    """Look at the size of a backup, then at that of the same one with one bit flipped."""
    desk.file(DIRECTORY).mkdir()
    desk.run("full-backup", instead={DUMP: f"{DIRECTORY}/{DUMP}"})
    intact = desk.run("size")
    _flip(desk.file(DIRECTORY) / DUMP)
    if intact == desk.run("size"):
        yield PASSES


def age(desk: Desk) -> Iterator[str]:
    """Clear up after forty daily backups, then where the newest of them is ten days old."""
    minimum = desk.policy.retention.minimum
    kept = _left_of(desk, range(40))
    if any(days not in kept for days in range(minimum.days)):
        yield "backups are gone before their time"
    if not _left_of(desk, range(10, 40)):
        yield "the last backup is gone too"


def _left_of(desk: Desk, ages: range) -> set[int]:
    """Return which of the backups of these ages, in days, are left after the clearing up."""
    shutil.rmtree(desk.file(DIRECTORY), ignore_errors=True)
    desk.file(DIRECTORY).mkdir()
    files = {days: desk.file(DIRECTORY) / f"{days}.sql" for days in ages}
    for days, file in files.items():
        file.touch()
        made = time.time() - timedelta(days=days, hours=1).total_seconds()
        os.utime(file, (made, made))
    desk.run("age")
    return {days for days, file in files.items() if file.exists()}


def _count(desk: Desk, database: str, rows: str) -> int:
    with desk.store.server.connect(database) as connection:
        ((number,),) = connection.execute(f"SELECT count(*) FROM {rows}".encode()).fetchall()  # noqa: S608 - our own words
    return int(number)


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


TRIALS: dict[str, Callable[[Desk], Iterator[str]]] = {
    "full-backup": full_backup,
    "incremental-backup": incremental_backup,
    "dry-run": dry_run,
    "restore-anew": restore_anew,
    "restore-over": restore_over,
    "count": count,
    "checksum": checksum,
    "size": size,
    "age": age,
}
"""The trial of each command, by its id in policy.toml."""
