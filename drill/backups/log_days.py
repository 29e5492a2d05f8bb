"""Days in the life of a log: lines are written, the host rotates it by its own timetable, the schedule backs it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from drill.backups import catalogue
from drill.backups.routine import carry_out
from drill.commands.runbook import Outcome, Runbook
from drill.datasets.host import Log
from drill.evidence.attachments import attach_csv, attach_text
from drill.hosts import log_rotation
from drill.inventory.punctuality import Punctuality
from drill.losses.ledger import Writer
from drill.stores import LogStore

LINES = 25
"""So many are written before every rotation and before every backup."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LogDays:
    """What a stretch of days left behind.

    Attributes:
        kept_times: the backups that were due, and which of them there are.
        longest_unrotated: the longest time without a rotation; the beginning and the end of the stretch count as ones.
        backed_up: how many lines had been written when the last backup began.
    """

    kept_times: Punctuality
    longest_unrotated: timedelta
    backed_up: int


class _LoggingHost:
    """A host whose application writes its log, which it holds open, while time passes."""

    def __init__(self, store: LogStore, log: Log) -> None:
        self._store = store
        self._log = log
        self._state = store.host.home / "logrotate.state"
        self._looked_at: datetime | None = None
        self._zone: tzinfo | None = None
        self.passed: list[tuple[datetime, int]] = []
        self.looks: list[tuple[datetime, bool]] = []
        self.lines = 0

    def pass_to(self, moment: datetime) -> None:
        """Let time pass up to a moment; the first one is where it begins, and its time zone is the host's."""
        if not self.passed:
            self._zone = moment.tzinfo
            # On the day before, the host's rotation has come to know its logs.
            self._look(moment - _DAY)
            self.looks.clear()
        since = self.passed[-1][0] if self.passed else moment - timedelta(seconds=1)
        for firing in log_rotation.due(self._store.host.root, since=since, until=moment, zone=self._zone):
            self._write()
            self._look(firing)
        self._write()
        self.passed.append((moment, self.lines))

    def _look(self, moment: datetime) -> None:
        after = moment - (self._looked_at or moment)
        self.looks.append((moment, log_rotation.rotate_if_due(self._store.host.root, self._state, after=after)))
        self._looked_at = moment

    def _write(self) -> None:
        for _ in range(LINES):
            self._log.write(self.lines)
            self.lines += 1


def pass_over(store: LogStore, stretch: str, *, runbook: Runbook) -> LogDays:
    """Let days pass over a host, with every rotation of its timetable and every backup of the schedule.

    Raises:
        DrillError: no such stretch; logrotate is not installed, or refuses the host's rules.
        Disproof: a backup failed.
    """
    with store.open_log() as log:
        host = _LoggingHost(store, log)
        kept_times = carry_out(store, runbook=runbook, stretch=stretch, passing=host.pass_to)
    attach_csv("rotations", [("due", "rotated"), *((at.isoformat(), "yes" if it else "no") for at, it in host.looks)])
    begin, end = host.passed[0][0], host.passed[-1][0]
    rotated = [begin, *(moment for moment, done in host.looks if done), end]
    return LogDays(
        kept_times=kept_times,
        longest_unrotated=max(later - earlier for earlier, later in pairwise(rotated)),
        backed_up=host.passed[-2][1],
    )


def rotate_under_load(store: LogStore, writer: Writer, *, times: int) -> list[int]:
    """Rotate the log as on so many days while its writer goes on; return the acknowledged lines that are nowhere.

    Raises:
        DrillError: logrotate is not installed, or refuses the host's rules.
    """
    for _ in range(times):
        attach_text("rotation", store.rotate_by_rules())
        writer.wait_for(LINES)
    with writer.paused() as acknowledged:
        return sorted(set(range(acknowledged)) - store.written())


def lose_and_restore(store: LogStore, *, runbook: Runbook) -> Outcome:
    """Lose the host's disk and restore the newest backup onto a blank one."""
    newest = catalogue.newest(runbook.set_of(store)).id
    store.lose()
    store.provision()
    return runbook.restore(store, newest)
