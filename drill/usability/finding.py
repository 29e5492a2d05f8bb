"""One thing that stands in the way of working with a database."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is wrong (a stable id such as ``number-taken``), where, and what was seen; the last is for people only."""

    id: str
    where: str
    seen: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.id}: {self.where}: {self.seen}"


WRITING = frozenset({"number-taken", "insert-fails", "trigger-silent", "trigger-disabled", "rule-disabled"})
STRUCTURE = frozenset({"index-invalid", "constraint-not-validated", "view-not-populated", "statistics-missing"})
RIGHTS = frozenset({"right-lost", "right-gained", "outcome-changed"})
