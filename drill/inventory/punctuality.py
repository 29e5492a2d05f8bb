"""A repository held against the schedule: backups that were due and are not there, a verification that has stopped."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from cronsim import CronSim

from drill.inventory.entry import Entry, Flaw
from drill.inventory.reading import verified_at
from drill.inventory.repository import Inventory, SetInventory
from drill.policy import Kind, Policy, Schedule
from drill.policy.command import TAKING
from drill.policy.quantity import duration_text

AHEAD = timedelta(minutes=5)
"""How far the clocks of two machines may differ."""
_SECOND = timedelta(seconds=1)
_TOLD = 3


@dataclass(frozen=True, slots=True)
class Punctuality:
    """What was due within a stretch of time, and what of it there is.

    Attributes:
        due: when a backup was to begin, and by what command.
        missed: those that no backup began at, or before the next was due.
        longest_gap: the longest time between the beginnings of two backups that hold; None where there are no two.
    """

    due: tuple[tuple[datetime, Kind], ...]
    missed: tuple[datetime, ...]
    longest_gap: timedelta | None


def punctuality(
    entries: Iterable[Entry], schedule: Collection[Schedule], *, since: datetime, until: datetime
) -> Punctuality:
    """Hold the backups of a set against a schedule; what does not hold is no backup.

    What was due before the stretch ended may have begun a moment after.
    """
    begun: dict[Kind, list[datetime]] = {kind: [] for kind in TAKING}
    for entry in entries:
        if entry.started and entry.is_backup and not entry.flaws and since <= entry.started:
            begun["incremental" if entry.kind == "incremental" else "backup"].append(entry.started)
    for moments in begun.values():
        moments.sort()
    due: list[tuple[datetime, Kind]] = []
    missed: list[datetime] = []
    for kind in TAKING:
        of_kind = [each for each in schedule if each.action == kind]
        moments = firings(of_kind, since=since, until=until)
        due += [(moment, kind) for moment in moments]
        for moment, next_one in pairwise([*moments, _first_after(of_kind, until)]):
            place = bisect_left(begun[kind], moment)
            if place == len(begun[kind]) or begun[kind][place] >= next_one:
                missed.append(moment)
    all_begun = sorted(moment for moments in begun.values() for moment in moments if moment <= until)
    gap = max((later - earlier for earlier, later in pairwise(all_begun)), default=None)
    return Punctuality(tuple(sorted(due)), tuple(sorted(missed)), gap)


def firings(schedule: Iterable[Schedule], *, since: datetime, until: datetime) -> list[datetime]:
    """Return when a schedule fires from one moment to another, both of them included."""
    found: set[datetime] = set()
    for entry in schedule:
        for firing in CronSim(entry.cron, (since - _SECOND).astimezone(ZoneInfo(entry.time_zone))):
            moment = firing.astimezone(UTC)
            if moment > until:
                break
            found.add(moment)
    return sorted(found)


def _first_after(schedule: Iterable[Schedule], moment: datetime) -> datetime:
    """Return when a schedule first fires after a moment; that moment where it has no entry."""
    zones = ((entry.cron, ZoneInfo(entry.time_zone)) for entry in schedule)
    return min((next(CronSim(cron, moment.astimezone(zone))).astimezone(UTC) for cron, zone in zones), default=moment)


def hold(inventory: Inventory, policy: Policy) -> None:
    """Flag what a policy schedules for the sets of a repository, and was not done.

    Looked at is the retention's minimum at most, within which nothing may have been removed, and nothing from before
    the oldest backup. What may still be at work is not missed yet.
    """
    for found in inventory.sets:
        for name in (each.name for each in policy.procedures.values() if each.set == found.name):
            found.flaws += _missed(found, policy, name, inventory.now)
            found.flaws += _unverified(inventory.repository / found.name, found, policy, name, inventory.now)


def _missed(found: SetInventory, policy: Policy, name: str, now: datetime) -> Sequence[Flaw]:
    beginnings = [entry.started for entry in found.backups if entry.started]
    schedule = [entry for entry in policy.schedule if entry.procedure == name and entry.action in TAKING]
    if not beginnings or not schedule:
        return []
    since = max(min(beginnings), now - policy.retention.minimum)
    until = now - policy.time_limit(name, "backup")
    missed = punctuality(found.entries, schedule, since=since, until=until).missed
    if not missed:
        return []
    told = ", ".join(f"{moment:%Y-%m-%d %H:%M %Z}" for moment in missed[-_TOLD:])
    return [Flaw("backup-missed", f"{len(missed)} backups that were due are not there, the last ones of {told}")]


def _unverified(home: Path, found: SetInventory, policy: Policy, name: str, now: datetime) -> Sequence[Flaw]:
    gap = policy.longest_gap(name, "verify")
    finished = [entry.finished for entry in found.backups if entry.finished]
    if gap is None or not finished:
        return []
    at = verified_at(home)
    if at and at > now + AHEAD:
        return [
            Flaw("verification-late", f"its backups are said to have been verified at {at}, which is still to come")
        ]
    age = now - (at or min(finished))
    if age <= gap + policy.time_limit(name, "verify"):
        return []
    last = f"last verified {duration_text(age)} ago" if at else f"never verified in {duration_text(age)}"
    return [Flaw("verification-late", f"its backups were {last}; {duration_text(gap)} is scheduled")]
