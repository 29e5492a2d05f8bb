"""What a measurement means in production."""

from __future__ import annotations

from datetime import timedelta

from drill.errors import DrillError
from drill.policy import Policy


def worst_loss(policy: Policy, procedure: str, *, backup_takes: timedelta) -> timedelta:
    """Return how much can be lost at worst: a disaster strikes just before the next backup would have been complete.

    That backup would have caught what was written before it began, so the loss is the schedule's longest gap and the
    time that a backup takes.

    Raises:
        DrillError: no backup is scheduled, so there is no worst case.
    """
    gap = policy.longest_gap(procedure)
    if gap is None:
        raise DrillError(f"no backup of {procedure} is scheduled", remedy="add a [[schedule]] entry to policy.toml")
    return gap + backup_takes
