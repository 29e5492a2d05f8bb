"""The cache as a store."""

from __future__ import annotations

from collections.abc import Mapping

import redis

from drill.datasets import cache
from drill.fingerprints import Fingerprint
from drill.fingerprints import redis as redis_fingerprint
from drill.losses.ledger import Writer
from drill.progress import working_on
from drill.servers.redis import RedisServer
from drill.stores.store import GrowingStore, ServerStore


class CacheStore(ServerStore, GrowingStore):
    """The cache on a server of its own: the disaster is SIGKILL and the data directory gone."""

    server: RedisServer
    smallest = 16_000_000
    # What a server says that its data takes varies by some megabytes: 25 were measured where 20 had been written.
    step = 2

    def __init__(
        self, server: RedisServer, *, procedure: str = "redis", together: int = 1, flushed: bool = False
    ) -> None:
        """Remember where it is.

        Args:
            server: holds the cache and nothing else.
            procedure: what backs it up and restores it.
            together: how many of the ledger's writes are under way at once.
            flushed: whether a write counts as acknowledged only when it is on the server's disk.
        """
        self.server = server
        self.procedure = procedure
        self.misinformation: dict[str, str] = {}
        self._together = together
        self._flushed = flushed

    def environment(self) -> Mapping[str, str]:
        """Return address, password and data directory, or what is known of them."""
        return self.server.environment() | self.misinformation

    def fingerprint(self) -> Fingerprint:
        """Return every key of every database index, with its expiry."""
        with working_on("reading the cache"), self.server.client() as client:
            return redis_fingerprint.fingerprint(client)

    def health(self) -> tuple[object, ...]:
        """Return a live counter, the busiest cameras and the work in hand."""
        with self.server.client() as client:
            return cache.health(client)

    def size(self) -> int:
        """Return the bytes of memory that the data takes."""
        with self.server.client() as client:
            return cache.size(client)

    def grow(self, size: int) -> None:
        """Add counts of earlier days until the data takes at least so many bytes of memory."""
        with working_on(f"growing the cache to {size} bytes"), self.server.client() as client:
            while (missing := size - cache.size(client)) > 0:
                cache.grow(client, days=missing // cache.BYTES_PER_DAY + 1)

    def writer(self) -> Writer:
        """Return a writer of single commands."""
        client = self.server.client()
        return Writer(
            lambda number: cache.write(client, number, together=self._together, flushed=self._flushed),
            lost_by=(redis.ConnectionError, redis.TimeoutError),
            close=client.close,
            together=self._together,
        )

    def written(self) -> set[int]:
        """Return the ledger's entries that are there."""
        with self.server.client() as client:
            return cache.written(client)

    def leans_on(self) -> str | None:
        """Return the server that it copies: whatever is written or lost there, is so here."""
        with self.server.client() as client:
            told = client.info("replication")
        return None if told["role"] == "master" else f"{told['master_host']}:{told['master_port']}, as a replica"

    def leftovers(self) -> list[str]:
        """Return what a blank server does not have: keys, functions, users."""
        with self.server.client() as client:
            functions = client.function_list()
            users = [str(name) for name in client.acl_users() if name != "default"]
        return [*self.indexes(), *(["functions"] if functions else []), *(f"user {name}" for name in sorted(users))]

    def indexes(self) -> list[str]:
        """Return the database indexes that hold keys."""
        with self.server.client() as client:
            return sorted(f"database index {name}" for name in client.info("keyspace"))

    def canaries(self) -> dict[str, bytes]:
        """Return some of what only those who are let into the cache may know."""
        return cache.canaries(self.server.client)

    def crash(self) -> None:
        """Lose the server and not its disk, and start it again on what it had kept."""
        self.server.kill()
        self.server.start()

    def setting(self, name: str) -> str:
        """Return what the server is set to at the moment."""
        with self.server.client() as client:
            found = client.config_get(name)
        return str(found[name])

    def set(self, name: str, value: str) -> None:
        """Change a setting while the server runs."""
        with self.server.client() as client:
            client.config_set(name, value)

    def clear(self) -> None:
        """Delete every key of every database index."""
        with self.server.client() as client:
            client.flushall()
