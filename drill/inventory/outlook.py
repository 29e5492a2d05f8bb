"""Whether a repository's file system holds what is still to come: what it takes, how it grows, when it is full."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from drill.evidence.verdict import Verdict
from drill.inventory.repository import Inventory
from drill.inventory.storage import Storage, storage
from drill.policy.storage import StoragePrice

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The storage of all sets of a repository, which share one file system.

    Attributes:
        sets: what each takes, by its name.
        free_bytes: what the file system has left.
        term: how long nothing of what is stored may be removed.
        price: what storage costs; None where the policy does not say.
    """

    sets: Mapping[str, Storage]
    free_bytes: int
    term: timedelta
    price: StoragePrice | None

    @property
    def unknown(self) -> list[str]:
        """The sets of which nobody can say how they grow: their backups lie within two days."""
        return [name for name, each in self.sets.items() if each.growth_per_day is None]

    @property
    def total(self) -> Storage:
        """All sets together; how they grow is that of the sets of which it is known, None where it is of none."""
        each, known = self.sets.values(), [one.growth_per_day for one in self.sets.values() if one.growth_per_day]
        return Storage(
            backups=sum(one.backups for one in each),
            recorded=sum(one.recorded for one in each),
            stored_bytes=sum(one.stored_bytes for one in each),
            source_bytes=sum(one.source_bytes for one in each),
            growth_per_day=sum(known) if known else None,
            free_bytes=self.free_bytes,
            log_bytes=sum(one.log_bytes for one in each),
        )

    @property
    def verdict(self) -> Verdict:
        """Whether the file system lasts for the term, if all sets grow on and nothing is removed."""
        full = self.total.full_in()
        if full is not None and full < self.term:
            return Verdict.DISPROVEN
        return Verdict.UNPROVEN if self.unknown or not self.sets else Verdict.PROVEN

    def cost(self, stored_bytes: float | None) -> float | None:
        """Return what so many bytes cost a month; None where that, or the price, is not known."""
        return self.price.cost_per_month(stored_bytes) if self.price and stored_bytes is not None else None

    def as_json(self) -> dict[str, Any]:
        """Return plain data, durations in days."""
        return {
            "schema": 1,
            "verdict": str(self.verdict),
            "term_days": self.term / _DAY,
            "currency": self.price.currency if self.price else None,
            "growth_unknown": self.unknown,
            "sets": {name: self._figures(each) for name, each in self.sets.items()},
            "total": self._figures(self.total),
        }

    def _figures(self, each: Storage) -> dict[str, float | int | None]:
        return {
            **each.figures(self.term),
            "cost_per_month": self.cost(each.held_bytes),
            "cost_per_month_at_end_of_term": self.cost(each.at_end_of(self.term)),
        }


def outlook(found: Inventory, *, term: timedelta, price: StoragePrice | None, free: int | None = None) -> Outlook:
    """Return the outlook of a repository by its inventory and the file system that it lies on.

    Args:
        found: the inventory.
        term: how long nothing of what is stored may be removed.
        price: what storage costs; None where the policy does not say.
        free: the bytes that are left; None: those of the file system.
    """
    if free is None:
        free = shutil.disk_usage(found.repository).free
    return Outlook({each.name: storage(each, free_bytes=free) for each in found.sets}, free, term, price)
