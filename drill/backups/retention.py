"""What a retention term promises, judged without the script that keeps it.

The promise "30 days": at any moment now, whatever was backed up within the last 30 days can still be restored, and so
can the state of the moment 30 days ago, which the newest backup at least that old holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta


def promised(finished: Iterable[datetime], *, now: datetime, term: timedelta) -> set[datetime]:
    """Return which of the backups ever taken (by the time they were finished) must exist at ``now``."""
    taken = sorted(moment for moment in finished if moment <= now)
    older = [moment for moment in taken if now - moment >= term]
    return {moment for moment in taken if now - moment < term} | set(older[-1:])


def reach(kept: Iterable[datetime], *, now: datetime) -> timedelta:
    """Return how far back the oldest kept backup reaches; zero where nothing is kept."""
    return max((now - moment for moment in kept), default=timedelta(0))
