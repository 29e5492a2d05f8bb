"""Waiting for something to become true, with a limit and a last word about what was seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from typing import TypeVar

from drill.errors import DrillError

T = TypeVar("T")
PAUSE = timedelta(milliseconds=10)


class Patience(Enum):
    """How long the suite waits. These are never success criteria."""

    SERVER_READY = timedelta(seconds=60)
    SERVER_GONE = timedelta(seconds=30)
    WAL_ARCHIVED = timedelta(seconds=60)
    BACKUP_BEGUN = timedelta(seconds=30)
    REPLICA_FOLLOWED = timedelta(seconds=30)
    SESSIONS_ENDED = timedelta(seconds=30)
    LEDGER_FILLED = timedelta(seconds=30)
    CLOCK_TICK = timedelta(seconds=10)
    MACHINE_BOOTED = timedelta(minutes=10)


class StillWaiting(DrillError):
    """The wait is over and the thing never happened."""


def eventually(what: str, probe: Callable[[], T | None], patience: Patience) -> T:
    """Return the probe's first truthy answer.

    Raises:
        StillWaiting: the patience ran out; the message holds the last answer.
    """
    deadline = time.monotonic() + patience.value.total_seconds()
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise StillWaiting(
                f"{what}: not within {patience.value.total_seconds():g} s (last seen: {answer!r})",
                remedy="read the server's log beside the evidence",
            )
        time.sleep(PAUSE.total_seconds())
