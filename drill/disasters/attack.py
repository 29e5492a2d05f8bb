"""An attack on the estate: what was backed up before it and after it, and which of that was used to recover."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from drill.disasters.estate import Estate
from drill.fingerprints import differences
from drill.losses.ledger import Ledger
from drill.stores import ClusterStore


@dataclass(frozen=True, slots=True)
class Attack:
    """What is known of an attack once it is discovered.

    Attributes:
        estate: as it was just before, beside the newest backups from before it, which the attacker has destroyed.
        at: the last moment that is known to be clean, by the database server's clock.
        poisoned: what the attacker left, beside backups of it; nothing is wrong with their files.
        older: the newest backup of each system that the attacker has not reached.
    """

    estate: Estate
    at: datetime
    poisoned: Estate
    older: Mapping[str, str]

    def unusable(self, system: str) -> set[str]:
        """Return the ids of a system's backups that must not be used."""
        return {self.estate[system].good.id, self.poisoned[system].good.id}

    @property
    def unharmed(self) -> list[str]:
        """The systems that the attacker left as they were: to find them as before proves nothing."""
        return [
            name for name, each in self.poisoned.items() if not differences(self.estate[name].good.held, each.good.held)
        ]


def write_on(store: ClusterStore, *, after: int, writes: int, segments: int) -> Ledger:
    """Commit more ledger writes to a database, a few in each of so many segments of its log, and have these archived.

    Args:
        store: of the database.
        after: how many ledger writes it has already; they count as acknowledged now, which is later than they were.
        writes: how many more there are in each segment.
        segments: how many segments.
    """
    ledger = Ledger()
    for _ in range(after):
        ledger.acknowledge(time.monotonic())
    for _ in range(segments):
        for number in range(len(ledger), len(ledger) + writes):
            store.write(range(number, number + 1))
            ledger.acknowledge(time.monotonic())
        store.archive_now()
    return ledger
