"""Writes over several connections at once: a server that flushes its log for one of them flushes it for all."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """A connection, whatever it leads to."""

    def close(self) -> None:
        """Give it up."""


C = TypeVar("C", bound=Closable)


class Abreast(Generic[C]):
    """So many connections, each of which writes one of as many numbers that follow each other, all at once."""

    def __init__(self, number: int, *, connect: Callable[[], C], write: Callable[[C, int], None]) -> None:
        """Connect.

        Raises:
            Exception: whatever ``connect`` raises; what was connected is closed then.
        """
        self._write = write
        self._connections: list[C] = []
        with ExitStack() as closing:
            for _ in range(number):
                self._connections.append(connect())
                closing.callback(self._connections[-1].close)
            closing.pop_all()
        self._threads = ThreadPoolExecutor(max_workers=number, thread_name_prefix="ledger-connection")

    def write(self, first: int) -> None:
        """Write as many numbers as there are connections, and return when each of them has been acknowledged.

        Raises:
            Exception: what the first of those that failed has raised; none is under way any more.
        """
        numbered = enumerate(self._connections, first)
        writes = [self._threads.submit(self._write, connection, number) for number, connection in numbered]
        wait(writes)
        for each in writes:
            each.result()

    def close(self) -> None:
        """Close every connection."""
        self._threads.shutdown()
        for connection in self._connections:
            connection.close()
