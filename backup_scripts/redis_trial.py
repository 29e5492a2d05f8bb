"""Reading a backup to its last byte before a target is touched: is it what a server wrote, and would load?

A checksum of ours tells that a file is what it was when it was stored. Whether it was any good then is told by the
checksum that a server writes at the end of an RDB file; where it wrote none, and of an append-only file, by
redis-check-rdb and redis-check-aof. These come with the server, take about as long as one that loads the same file and
next to no memory, and change nothing (docs/decisions/0051).
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from backup_scripts import programs, rdb, threads
from backup_scripts.contract import Refused
from backup_scripts.programs import Finished
from backup_scripts.redis_directory import list_of
from backup_scripts.repository import ANOTHER, StoredBackup

# What else these say may quote keys and values.
FOUND = re.compile(r"RDB ERROR DETECTED ---\n(?P<rdb>.*)|(?P<aof>ok_up_to=\d+)")


@contextlib.contextmanager
def begun(backup: StoredBackup) -> Iterator[Callable[[], None]]:
    """Have a backup read beside all that is done meanwhile; give what waits for the end of it.

    Raises:
        Failed: ``tool-missing``.
        Refused: from what is given: ``rdb-unreadable``, ``aof-unreadable``.
    """
    if backup.manifest.kind != "snapshot":
        reading = _read_by("redis-check-aof", list_of(backup), "aof-unreadable")
    elif rdb.has_checksum(backup.directory / "dump.rdb"):
        reading = _summed(backup.directory / "dump.rdb")
    else:
        reading = _read_by("redis-check-rdb", backup.directory / "dump.rdb", "rdb-unreadable")
    with reading as tried:
        yield tried


@contextlib.contextmanager
def _summed(file: Path) -> Iterator[Callable[[], None]]:
    ended = threading.Event()
    with threads.beside(lambda: rdb.fits_checksum(file, ended)) as fitting:
        try:
            yield lambda: _judge(file, "rdb-unreadable", "" if fitting() else "not what its checksum says")
        finally:
            ended.set()


@contextlib.contextmanager
def _read_by(program: str, file: Path, slug: str) -> Iterator[Callable[[], None]]:
    with programs.beside([program, str(file)], aloud=False) as ended:
        yield lambda: _judge(file, slug, _complaint(ended()))


def _complaint(finished: Finished) -> str:
    if finished.status == 0:
        return ""
    found = FOUND.search(finished.answer + finished.said)
    said = (found and (found["rdb"] or found["aof"]).strip()) or f"status {finished.status}"
    return f"{finished.program} finds it damaged ({said})"


def _judge(file: Path, slug: str, damage: str) -> None:
    if damage:
        raise Refused(slug, f"{file}: {damage}; {ANOTHER}")
