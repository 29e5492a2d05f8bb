"""Incident assessment: how each system is, and which of its restore points can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from drill import inventory
from drill.backups import catalogue
from drill.backups.offsite import restore_points
from drill.commands.runbook import Runbook
from drill.disasters.estate import System
from drill.disasters.reach import Reach, reach
from drill.inventory import Entry, Flaw
from drill.recoveries.moments import END
from drill.recoveries.recovery import NO_ANSWER
from drill.sites import Site
from drill.sites.versions import TICK
from drill.stores import ClusterStore


class State(StrEnum):
    """What a system does when it is asked its first question."""

    SILENT = "does not answer"
    WRONG = "answers wrongly"
    AS_BEFORE = "answers as before"


@dataclass(frozen=True, slots=True)
class Impact:
    """What the assessment of one system comes to.

    Attributes:
        system: its procedure.
        state: what it does when it is asked.
        restore_point: the newest backup that can be trusted; None where there is none.
        distrusted: the newer ones that cannot, each with the reason.
        is_away: whether the restore point is at the other site alone, and has to be fetched.
        as_of: the moment as of which the other site is asked, where what came there later is not trusted.
        is_log_away: whether its log has to come from there, too, as what is kept here cannot be followed.
        reach: how far its log can be followed, where that is not as far as it was to be recovered.
    """

    system: str
    state: State
    restore_point: str | None
    distrusted: tuple[str, ...]
    is_away: bool = False
    as_of: datetime | None = None
    is_log_away: bool = False
    reach: Reach | None = None

    def __str__(self) -> str:
        distrusted = f", {len(self.distrusted)} newer distrusted" if self.distrusted else ""
        place = " at the other site" if self.is_away else ""
        place += f" as it was at {self.as_of:%Y-%m-%d %H:%M:%S UTC}" if self.as_of else ""
        reach = f", {self.reach}" if self.reach else ""
        point = self.restore_point or "none"
        return f"{self.system} {self.state}, newest sound restore point{place} {point}{distrusted}{reach}"


def assess(
    name: str,
    system: System,
    *,
    runbook: Runbook,
    clean_until: datetime | None,
    recover_to: str = END,
    site: Site | None = None,
) -> Impact:
    """Ask a system its first question, and read every byte of its backups against their manifests.

    Args:
        name: its procedure.
        system: what is known of it.
        runbook: knows the repository.
        clean_until: what was backed up later is not trusted, however sound it is; None: all of it can be.
        recover_to: the moment that it is to be recovered to, which its log may no longer reach.
        site: where copies are, for systems that have no sound restore point here; they are verified when fetched. Of
            a site that keeps versions what it held at the last clean moment is trusted, whatever has become of it.
    """
    home = runbook.set_of(system.store)
    entries: list[Entry] = []
    flaws_of_log: list[Flaw] = []
    has_log = False
    if home.is_dir():
        found = inventory.take(runbook.repository, now=datetime.now(UTC), only=home.name, hashing=True)
        entries = sorted((entry for each in found.sets for entry in each.entries), key=lambda entry: entry.id)
        flaws_of_log = [flaw for each in found.sets if each.log for flaw in each.log.flaws]
        has_log = any(each.log for each in found.sets)
    distrusted: list[str] = []
    for entry in reversed(entries):
        reason = _distrust(entry, clean_until)
        if reason is None:
            end = _reach(system, home / entry.id, flaws_of_log, recover_to)
            return Impact(name, _state(system), entry.id, tuple(distrusted), reach=end)
        distrusted.append(f"{entry.id}: {reason}")
    as_of = clean_until - TICK if clean_until else None  # what came in the same second may be the attacker's
    away = restore_points(site, home.name, as_of=as_of) if site else []
    return Impact(
        name,
        _state(system),
        away[-1] if away else None,
        tuple(distrusted),
        is_away=bool(away),
        as_of=as_of if away else None,
        is_log_away=bool(away) and (bool(flaws_of_log) or not has_log),
    )


def _distrust(entry: Entry, clean_until: datetime | None) -> str | None:
    if entry.flaws:
        return entry.flaws[0].kind
    if clean_until is not None and (entry.finished is None or entry.finished > clean_until):
        return "later than the last moment that is known to be clean"
    return None


def _reach(system: System, backup: Path, flaws: Sequence[Flaw], recover_to: str) -> Reach | None:
    if not flaws or not isinstance(system.store, ClusterStore):
        return None
    return reach(system.store, catalogue.read(backup), flaws, wanted=recover_to)


def _state(system: System) -> State:
    try:
        answer = system.store.health()
    except NO_ANSWER:
        return State.SILENT
    return State.AS_BEFORE if answer == system.good.healthy else State.WRONG
