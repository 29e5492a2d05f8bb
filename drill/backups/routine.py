"""The schedule carried out: the backups of days, of weeks, each with the clock of its time, and what that leaves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from drill import inventory
from drill.backups import catalogue
from drill.commands.runbook import DONE, Runbook
from drill.errors import DrillError
from drill.evidence.attachments import attach_csv
from drill.evidence.verdict import Disproof
from drill.inventory.punctuality import Punctuality, firings, punctuality
from drill.policy import Schedule
from drill.policy.command import TAKING
from drill.progress import working_on
from drill.stores import Store

STRETCH = re.compile(r"(two|three|four) (days|weeks)")
"""How long a stretch is, in words."""
_NUMBERS = {"two": 2, "three": 3, "four": 4}
_HOUR = timedelta(hours=1)

Mishap = Callable[[catalogue.StoredBackup], object]
"""What befalls a stored backup."""


def carry_out(
    store: Store,
    *,
    runbook: Runbook,
    stretch: str,
    origin: str | None = None,
    skipped: int | None = None,
    mishaps: Mapping[int, Mishap] | None = None,
    passing: Callable[[datetime], object] = lambda _: None,
) -> Punctuality:
    """Take every backup of a store that falls due within a stretch of time, as its scheduler would.

    Args:
        store: what is backed up.
        runbook: whose commands are run, each with the clock of the moment that it is due.
        stretch: how long, as ``three days``; it begins with a day of the schedule's time zone.
        origin: of the schedule's entries that are carried out; None: all.
        skipped: the backup, counted from one, that nobody takes.
        mishaps: what befalls a backup, by its number.
        passing: is told the time as it passes: at the beginning, before each backup and at the end.

    Raises:
        DrillError: no such stretch, or nothing is scheduled.
        Disproof: a backup failed.
    """
    schedule = [
        entry
        for entry in runbook.policy.schedule
        if entry.procedure == store.procedure and entry.action in TAKING and origin in (None, entry.origin)
    ]
    since, until = _bounds(schedule, stretch)
    due = {(moment, entry.action): entry for entry in schedule for moment in firings([entry], since=since, until=until)}
    with working_on(f"{stretch} of the schedule of {store.procedure}"):
        passing(since)
        for number, ((moment, _), entry) in enumerate(sorted(due.items(), key=itemgetter(0)), 1):
            passing(moment)
            if number == skipped:
                continue
            outcome = runbook.take_scheduled(store, entry, now=moment)
            if outcome.status != DONE:
                raise Disproof(f"no backup was taken: {outcome}", remedy="correct the procedure in policy.toml")
            if mishaps and number in mishaps:
                mishaps[number](catalogue.read(runbook.set_of(store) / str(outcome.result["id"])))
        passing(until)
    home = runbook.set_of(store)
    (found,) = inventory.take(runbook.repository, now=until + _HOUR, only=home.name, hashing=True).sets
    kept = punctuality(found.entries, schedule, since=since, until=until)
    rows = [(moment.isoformat(), kind, "no" if moment in kept.missed else "yes") for moment, kind in kept.due]
    attach_csv("what was due", [("due", "command", "is there"), *rows])
    return kept


def _bounds(schedule: list[Schedule], stretch: str) -> tuple[datetime, datetime]:
    words = STRETCH.fullmatch(stretch)
    if words is None:
        raise DrillError(f"{stretch!r} is no stretch", remedy="write two, three or four days or weeks")
    if not schedule:
        raise DrillError("nothing is scheduled", remedy="add [[schedule]] entries to policy.toml")
    zone = ZoneInfo(schedule[0].time_zone)
    tomorrow = datetime.now(zone).date() + timedelta(days=1)
    since = datetime.combine(tomorrow, time(), zone)
    return since, since + timedelta(**{words[2]: _NUMBERS[words[1]]}) - timedelta(seconds=1)
