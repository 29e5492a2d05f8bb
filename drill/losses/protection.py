"""The ways in which a cache is kept: what its server is told to keep by itself, and what backs it up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from drill.datasets import cache
from drill.errors import DrillError
from drill.servers.redis import RedisServers
from drill.stores import CacheStore

NOTHING = timedelta(0)
AS_IT_IS: Mapping[str, str] = MappingProxyType({})
UNFLUSHED = timedelta(seconds=2)
"""What a server that flushes every second may have acknowledged and not written: it waits for a slow disk that long."""


@dataclass(frozen=True, slots=True)
class Protection:
    """One way.

    Attributes:
        procedure: what backs the cache up.
        settings: what the server's configuration file says.
        flushed: whether a write counts as acknowledged only when it is on the server's disk.
        kept: what can be missing at worst after the server is killed and its disk is still there; None: only a backup
            helps.
        together: how many writes are under way at once where speed matters, each with a reply of its own.
    """

    procedure: str
    settings: Mapping[str, str] = field(default_factory=dict)
    flushed: bool = False
    kept: timedelta | None = None
    together: int = 50

    def store(
        self,
        servers: RedisServers,
        *,
        filled: bool = True,
        at_full_speed: bool = False,
        more: Mapping[str, str] = AS_IT_IS,
    ) -> CacheStore:
        """Start a server that is kept in this way, with the seeded estate or blank, and with more settings."""
        together = self.together if at_full_speed else 1
        server = servers({**self.settings, **more}, filled=filled)
        return CacheStore(server, procedure=self.procedure, together=together, flushed=self.flushed)


_EVERY_SECOND = {"appendonly": "yes", "appendfsync": "everysec"}
PROTECTIONS = {
    "snapshots copied as a replica would": Protection("redis"),
    "snapshots saved by its server": Protection("redis-bgsave"),
    "snapshots without checksums": Protection("redis", {"rdbchecksum": "no"}),
    "an append-only file": Protection("redis-appendonly", _EVERY_SECOND, kept=UNFLUSHED),
    "an append-only file flushed at every write": Protection(
        "redis-appendonly", {"appendonly": "yes", "appendfsync": "always"}, kept=NOTHING
    ),
    "an append-only file, each batch waited for": Protection(
        "redis-appendonly", _EVERY_SECOND, flushed=True, kept=NOTHING, together=4000
    ),
}


SUCCESSORS = {
    "keeps an append-only file": {"appendonly": "yes"},
    "keeps no append-only file": {"appendonly": "no"},
    "has too little memory for it": {"maxmemory": "1200000", "maxmemory-policy": "allkeys-random"},
    "is part of a cluster": {"cluster-enabled": "yes"},
    "has a single database index": {"databases": "1"},
}
"""What the configuration file of the server that takes a lost one's place may say."""


WRONG_PASSWORD = "not-the-password"  # noqa: S105 - it opens nothing
OBSTACLES: dict[str, Callable[[int], dict[str, str]]] = {
    "with a wrong password": lambda _: {"REDISCLI_AUTH": WRONG_PASSWORD},
    "as a user without the rights": lambda seed: {
        "REDIS_USER": cache.USER,
        "REDISCLI_AUTH": cache.password(seed),
    },
    # Port 1 is nobody's.
    "from a server that is not there": lambda _: {"REDIS_PORT": "1"},
}
"""What a backup may be told wrongly, in the estate of a seed."""


def protection(name: str) -> Protection:
    """Return the protection of that name.

    Raises:
        DrillError: there is none.
    """
    if name not in PROTECTIONS:
        raise DrillError(f"no protection {name!r}", remedy=f"use one of {'; '.join(PROTECTIONS)}")
    return PROTECTIONS[name]
