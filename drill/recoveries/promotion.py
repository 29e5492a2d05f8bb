"""A replica in place of a lost cache: what it has of that, and how soon it answers."""

from __future__ import annotations

from dataclasses import dataclass

from drill.evidence.attachments import attach_text
from drill.evidence.journal import Journal, Kind
from drill.fingerprints import Difference, differences
from drill.recoveries.recovery import Recovery
from drill.servers.redis import RedisServers
from drill.stores import CacheStore

OF_THE_SERVER = ("user ", "setting ")
"""Where the differences are that replication does not even out: they belong to a server and not to its data."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """What came of promoting a replica: its clock, the answer that was expected, how it differs from what was lost."""

    recovery: Recovery
    healthy: tuple[object, ...]
    differences: list[Difference]

    @property
    def of_data(self) -> list[Difference]:
        """The differences in keys and functions."""
        return [found for found in self.differences if found not in self.of_server]

    @property
    def of_server(self) -> list[Difference]:
        """The differences in users and settings."""
        return [found for found in self.differences if found.where.startswith(OF_THE_SERVER)]


def replica_of(store: CacheStore, servers: RedisServers) -> CacheStore:
    """Start a replica of a cache, and wait until it has everything."""
    server = servers(filled=False)
    server.follow(store.server)
    return CacheStore(server)


def lose_and_promote(store: CacheStore, replica: CacheStore, *, journal: Journal) -> Promotion:
    """Lose a cache with its disk, promote its replica and ask that the application's first question."""
    held, healthy = store.fingerprint(), store.health()
    store.lose()
    recovery = Recovery()
    journal.event(Kind.INCIDENT, what=f"{store.procedure} lost", declared=True)
    with recovery.phase("restore"):
        replica.server.promote()
    with recovery.phase("verify"):
        recovery.answer = replica.health()
    if recovery.answer == healthy:
        recovery.answered()
    found = differences(held, replica.fingerprint())
    attach_text("differences", "\n".join(map(str, found)) or "none")
    return Promotion(recovery, healthy, found)
