"""An attack on the estate: what was backed up before it and after it, and which of that was used to recover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drill.disasters.estate import Estate
from drill.fingerprints import differences


@dataclass(frozen=True, slots=True)
class Attack:
    """What is known of an attack once it is discovered.

    Attributes:
        estate: as it was just before, beside the newest backups from before it, which the attacker has destroyed.
        at: the last moment that is known to be clean, by the database server's clock.
        poisoned: what the attacker left, beside backups of it; nothing is wrong with their files.
    """

    estate: Estate
    at: datetime
    poisoned: Estate

    def unusable(self, system: str) -> set[str]:
        """Return the ids of a system's backups that must not be used."""
        return {self.estate[system].good.id, self.poisoned[system].good.id}

    @property
    def unharmed(self) -> list[str]:
        """The systems that the attacker left as they were: to find them as before proves nothing."""
        return [
            name for name, each in self.poisoned.items() if not differences(self.estate[name].good.held, each.good.held)
        ]
