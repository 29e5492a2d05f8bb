"""One thing that does not hold of the evidence, and the rules that tell what it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """What can be wrong. The last four leave evidence unknown; all others break it."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    REORDERED = "reordered"
    ROLLED_BACK = "rolled-back"
    FORGED = "forged"
    UNREADABLE = "unreadable"
    UNSEALED = "unsealed"
    UNSIGNED = "unsigned"
    UNCHECKED = "unchecked"
    UNRECORDED = "unrecorded"


UNKNOWN = frozenset({Rule.UNSEALED, Rule.UNSIGNED, Rule.UNCHECKED, Rule.UNRECORDED})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: where, what, and what it means or what to do."""

    rule: Rule
    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.where}: {self.what}; {self.remedy}"
