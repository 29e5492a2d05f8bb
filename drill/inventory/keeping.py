"""Until when a policy's retention keeps each backup of a repository, or what it is kept as."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from drill.backups.retention import Keeping, Promise, keepings
from drill.inventory.entry import Entry
from drill.inventory.repository import Inventory, SetInventory
from drill.policy import Policy

HOLD, PINS = ".legal-hold", ".pinned"
"""While the one lies in a set nothing goes; the other names the backups that somebody wants kept."""
UNCOUNTED = Keeping("not counted: it does not hold")
NOTHING = Keeping("nothing keeps it")
STOPPED = Keeping("there is none within the term")
_NEVER = datetime.min.replace(tzinfo=UTC)


def note(inventory: Inventory, policy: Policy) -> None:
    """Note of every backup until when it is kept, and as what.

    What does not hold, as far as the inventory knows, is no point; note what verifications have found before this.
    """
    promise = Promise.of(policy.retention)
    for found in inventory.sets:
        _note(found, inventory.repository / found.name, promise, inventory.now)


def _note(found: SetInventory, home: Path, promise: Promise, now: datetime) -> None:
    moments = {entry.id: entry.finished for entry in found.backups if entry.finished}
    kept = keepings(
        moments.values(),
        now=now,
        promise=promise,
        rotten={moments[entry.id] for entry in found.backups if entry.flaws},
        proven={moments[each] for each in _proven(found)},
    )
    everything = (home / HOLD).is_symlink() or (home / HOLD).exists()
    pins = {each.name for each in (home / PINS).iterdir()} if (home / PINS).is_dir() else set()
    stopped = not any(now - moments[entry.id] < promise.term for entry in found.backups if not entry.flaws)
    by_children: dict[str, Keeping] = {}
    for entry in reversed(found.backups):
        reasons = [by_children[entry.id]] if entry.id in by_children else []
        if not entry.flaws:
            reasons += [kept[moments[entry.id]]] if moments[entry.id] in kept else []
            reasons += [Keeping("its own promise", entry.retain_until)] if _lasts(entry, now) else []
            reasons += [STOPPED] if stopped else []
            reasons += [Keeping("a legal hold")] if everything else []
            reasons += [Keeping("pinned")] if entry.id in pins else []
        keeping = max(reasons, key=_until, default=UNCOUNTED if entry.flaws else NOTHING)
        entry.kept_until, entry.kept_as = keeping.until, keeping.reason
        if entry.parent and reasons:
            passed_on = Keeping("what builds on it", keeping.until)
            by_children[entry.parent] = max(by_children.get(entry.parent, passed_on), passed_on, key=_until)


def _proven(found: SetInventory) -> set[str]:
    """Return the backups that were found right, with all that they build on; who builds on another comes after it."""
    proven: set[str] = set()
    for entry in found.backups:
        if entry.found_right and not entry.flaws and (entry.parent is None or entry.parent in proven):
            proven.add(entry.id)
    return proven


def _lasts(entry: Entry, now: datetime) -> bool:
    return entry.retain_until is not None and entry.retain_until > now


def _until(keeping: Keeping) -> datetime:
    return keeping.until or _NEVER
