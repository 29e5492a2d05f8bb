"""What was rehearsed to be broken, and which set of it a fault befalls."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from drill.damage import victims
from drill.damage.faults import CATALOGUE, Fault
from drill.policy import Procedure
from drill.rehearsal import Record, Sources, obstacle
from drill.stores import Store

WITH_OWN_VICTIM = (
    victims.DUMP,
    victims.PHYSICAL,
    victims.CHAIN,
    victims.LOG,
    victims.STREAM,
    victims.SNAPSHOT,
    victims.APPEND_ONLY,
    victims.ARCHIVE,
    victims.MIRROR,
    victims.MACHINE,
)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What was rehearsed and is still there to be copied.

    Attributes:
        sources: made the estate, and know the repository.
        stores: what was backed up, by procedure; it still runs.
        record: what it held.
    """

    sources: Sources
    stores: dict[str, Store]
    record: Record

    def victim(self, fault: Fault) -> str | None:
        """Return the set that a fault befalls; None where none was rehearsed."""
        wanted = _befalling(fault)
        fitting = [name for name in self.record.sets if wanted in self._kinds_of(name)]
        path = fault.holds or victims.PREFERRED
        keeping = [name for name in fitting if victims.keeps(self._procedure(name), path)]
        return next(iter(keeping if fault.holds else [*keeping, *fitting]), None)

    def lack(self, fault: Fault) -> str:
        """Return why there is nothing that a fault could befall."""
        machines = [each for each in self.sources.policy.procedures.values() if each.engine == victims.MACHINE]
        why = next((why for each in machines if (why := obstacle(each))), "") if fault.kind == victims.MACHINE else ""
        return why or f"nothing was rehearsed that it could befall{f': {fault.holds}' if fault.holds else ''}"

    def healthy(self, faults: Collection[Fault]) -> list[str]:
        """Return the sets that are to be found clean: those that one of the faults befalls, or all of their kind do."""
        hit = {self.victim(fault) for fault in faults}
        left_out = {_befalling(fault) for fault in CATALOGUE if fault not in faults and fault.kind in WITH_OWN_VICTIM}
        return [name for name in self.record.sets if name in hit or not left_out & self._kinds_of(name)]

    def _kinds_of(self, name: str) -> set[str]:
        return set(victims.kinds_of(self._procedure(name), self.record.sets[name]))

    def _procedure(self, name: str) -> Procedure:
        return self.sources.policy.procedures[self.record.sets[name].procedure]


def _befalling(fault: Fault) -> str:
    return fault.kind if fault.kind in WITH_OWN_VICTIM else victims.ON_ANY
