"""Ports that stay ours: claimed by a lock that dies with the process, outside the range of outgoing connections."""

from __future__ import annotations

import fcntl
import os
import random
import socket
from functools import cache
from pathlib import Path

from drill.errors import DrillError

# Linux hands out 32768 and above to outgoing connections.
RANGE = range(20_000, 32_000)
_claimed: set[int] = set()


def claim(directory: Path) -> int:
    """Return a port that nobody listens on, on any address, and no other process has claimed.

    Args:
        directory: holds the file that the claims of all this user's processes are locks on, one byte for each port.

    Raises:
        DrillError: all are taken.
    """
    file = _claims(directory / "ports")
    for port in random.sample(RANGE, len(RANGE)):
        if port not in _claimed and _lock(file, port):
            if _is_free(port):
                _claimed.add(port)
                return port
            fcntl.lockf(file, fcntl.LOCK_UN, 1, port)
    raise DrillError("no free port between 20000 and 31999", remedy="end what listens there")


@cache
def _claims(path: Path) -> int:
    # Opened once and never closed: closing any descriptor of the file would drop all of the process's locks on it.
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _lock(file: int, port: int) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
        return True
