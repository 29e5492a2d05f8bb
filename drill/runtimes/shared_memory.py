"""What a killed PostgreSQL leaves in the machine's own memory, where removing its directory does not reach.

Each server has a System V segment, by which it sees that another one still uses its data directory. After SIGKILL that
stays until the server starts again or the machine does, and Linux has room for 4096 of them.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

PID_FILE = "postmaster.pid"
PLACE_IN_PID_FILE = 6
"""The line with the segment's key and id (PostgreSQL's source, miscadmin.h: LOCK_FILE_LINE_SHMEM_KEY)."""
SEGMENTS = Path("/proc/sysvipc/shm")
REMOVE = 0  # IPC_RMID
KEY_BITS = 0xFFFFFFFF
# Its other memory for what many processes share lies in /dev/shm otherwise, and a killed server leaves that, too.
IN_THE_DATA_DIRECTORY = ("-c", "dynamic_shared_memory_type=mmap")


def release(directory: Path) -> list[int]:
    """Remove the segments of the killed servers whose data lies below a directory; return their ids.

    A segment that somebody is attached to stays, and so does one that bears the id and not the key.
    """
    abandoned = _abandoned()
    left = [segment for file in directory.rglob(PID_FILE) if (segment := _segment(file)) in abandoned]
    libc = ctypes.CDLL(None, use_errno=True)
    return [number for _, number in left if libc.shmctl(number, REMOVE, None) == 0]


def _segment(file: Path) -> tuple[int, int] | None:
    """Return key and id of the segment that a server noted in its lock file; None where it has not got that far."""
    try:
        key, number = map(int, file.read_text("utf-8").splitlines()[PLACE_IN_PID_FILE].split())
    except (OSError, IndexError, ValueError):
        return None
    return key, number


def _abandoned() -> set[tuple[int, int]]:
    """Return key and id of every segment that nobody is attached to."""
    lines = SEGMENTS.read_text("ascii").splitlines()
    names = lines[0].split()
    rows = [dict(zip(names, map(int, line.split()), strict=False)) for line in lines[1:]]
    return {(row["key"] & KEY_BITS, row["shmid"]) for row in rows if row["nattch"] == 0}
