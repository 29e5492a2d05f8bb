"""One thing that the gate looks at."""

from __future__ import annotations

from dataclasses import dataclass

from drill.evidence.verdict import Verdict
from drill.policy import Suppression


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the gate looks at; ``suppressed`` tells who takes it upon themselves that it does not hold."""

    id: str
    verdict: Verdict
    what: str
    suppressed: Suppression | None = None

    @property
    def holds_shut(self) -> bool:
        """Whether the gate stays shut for this alone."""
        return self.verdict is not Verdict.PROVEN and self.suppressed is None
