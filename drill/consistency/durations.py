"""How long a backup takes: measured where a run has measured it, allowed where none has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from drill.evidence.history import longest_backups
from drill.policy import Policy

MEASURED, ALLOWED = "measured", "allowed"
LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Taking:
    """How long a backup takes, how that is known (``measured`` or ``allowed``), and by what."""

    time: timedelta
    known: str
    source: str


Takings = Mapping[str, Taking]
"""Of each procedure by its name."""


def takings(policy: Policy, *, reports: Path | None = None) -> Takings:
    """Return how long a backup by each procedure takes.

    The newest run's longest counts where there is one; it was measured on the drill's data and not on production's.
    Otherwise a backup is taken to last for as long as it may: until its time limit or the document's.
    """
    newest = reports / LATEST if reports else None
    measured = longest_backups(newest) if newest else {}
    run = newest.resolve().name if newest else ""
    return {
        name: Taking(measured[name], MEASURED, f"the longest in run {run}, on the drill's data")
        if name in measured
        else _allowed(policy, name)
        for name in policy.procedures
    }


def _allowed(policy: Policy, procedure: str) -> Taking:
    limits = {
        f"procedures.{procedure}.time_limit": policy.procedures[procedure].time_limit,
        "backup.duration": policy.backup.duration,
    }
    key = min(limits, key=lambda name: limits[name])
    return Taking(limits[key], ALLOWED, key)
