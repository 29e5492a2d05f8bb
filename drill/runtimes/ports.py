"""Ports that stay ours: claimed by a lock that dies with the process, outside the range of outgoing connections."""

from __future__ import annotations

import fcntl
import random
import socket
from io import TextIOWrapper
from pathlib import Path

from drill.errors import DrillError

# Linux hands out 32768 and above to outgoing connections.
RANGE = range(20_000, 32_000)


class Ports:
    """Hands out TCP ports of the loopback address, each to one process at a time."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._locks: dict[int, TextIOWrapper] = {}

    def claim(self) -> int:
        """Return a port that nobody listens on and no other run of this user has claimed.

        Raises:
            DrillError: all are taken.
        """
        self._directory.mkdir(mode=0o700, exist_ok=True)
        for port in random.sample(RANGE, len(RANGE)):
            if self._lock(port):
                if _is_free(port):
                    return port
                self.release(port)
        raise DrillError("no free port between 20000 and 31999", remedy="end what listens there")

    def release(self, port: int) -> None:
        """Let others have the port."""
        self._locks.pop(port).close()

    def _lock(self, port: int) -> bool:
        if port in self._locks:
            return False
        file = (self._directory / str(port)).open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._locks[port] = file
        return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
