"""Reading a backup to its last byte before a target is touched, by the programs that come with the server.

A checksum of ours tells that a file is what it was when it was stored; whether it was any good then is told by
redis-check-rdb and redis-check-aof. They take about as long as a server that loads the same file, next to no memory,
and change nothing (docs/decisions/0051).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from backup_scripts import programs
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
    snapshot = backup.manifest.kind == "snapshot"
    file = backup.directory / "dump.rdb" if snapshot else list_of(backup)
    command = ["redis-check-rdb" if snapshot else "redis-check-aof", str(file)]
    with programs.beside(command, aloud=False) as ended:
        yield lambda: _judge(ended(), file, "rdb-unreadable" if snapshot else "aof-unreadable")


def _judge(finished: Finished, file: Path, slug: str) -> None:
    if finished.status != 0:
        found = FOUND.search(finished.answer + finished.said)
        what = (found and (found["rdb"] or found["aof"]).strip()) or f"status {finished.status}"
        raise Refused(slug, f"{file}: {finished.program} finds it damaged ({what}); {ANOTHER}")
