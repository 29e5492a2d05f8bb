"""When a process counts as gone."""

from __future__ import annotations

from dataclasses import dataclass

import psutil
import pytest

from drill.runtimes import processes


@dataclass
class Dying:
    """A process that has been killed, as the kernel shows it."""

    shown: str
    threads: int

    def status(self):
        return self.shown

    def num_threads(self):
        return self.threads


@pytest.mark.parametrize(
    ("process", "ended"),
    [
        (Dying(psutil.STATUS_RUNNING, 1), False),
        (Dying(psutil.STATUS_ZOMBIE, 1), True),
        # Its first thread has ended and others have not: they still hold its port and its files.
        (Dying(psutil.STATUS_ZOMBIE, 3), False),
    ],
)
def test_a_process_has_ended_with_the_last_of_its_threads(process, ended):
    assert ended == processes._has_ended(process)
