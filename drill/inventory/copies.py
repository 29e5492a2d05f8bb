"""3-2-1-1-0: three copies, on two kinds of storage, one off-site, one that nobody can alter, none with an error.

None of the five is taken from a configuration: a copy counts when every byte of it was read where it lies and what was
restored from it is what was backed up; a lock counts when it lasts, as the far end tells, until the retention of that
copy is over, and an administrator has attacked it in vain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from drill import inventory
from drill.backups import catalogue
from drill.backups.backup import Backup
from drill.backups.catalogue import MANIFEST, CatalogueError
from drill.commands.runbook import Outcome, Runbook
from drill.evidence.attachments import attach_json
from drill.inventory.examination import vouches_for_itself
from drill.recoveries.comparison import compared
from drill.recoveries.recovery import lose_and_recover
from drill.sites import Site, attacks
from drill.stores import Store


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of the data.

    Attributes:
        place: where it is, in words.
        storage: what it lies on: a device of this machine, or an endpoint; None for production, whose own storage is
            not counted as a kind, because backups are there for the day on which it is lost.
        off_site: whether it is at another site.
        errors: what of it is not what was backed up.
        weaknesses: why it can be altered; None where that was not tried.
    """

    place: str
    storage: str | None
    off_site: bool
    errors: tuple[str, ...]
    weaknesses: tuple[str, ...] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong with it: another one is no copy."""
        return not self.errors


@dataclass(frozen=True, slots=True)
class Copies:
    """All copies of one backup that were found, production included."""

    found: tuple[Copy, ...]

    @property
    def three(self) -> bool:
        """Whether there are three whole copies."""
        return len(self._whole) >= 3

    @property
    def on_two_kinds_of_storage(self) -> bool:
        """Whether the whole ones beside production lie on two kinds of storage."""
        return len({copy.storage for copy in self._whole if copy.storage}) >= 2

    @property
    def one_off_site(self) -> bool:
        """Whether a whole one is at another site."""
        return any(copy.off_site for copy in self._whole)

    @property
    def one_unalterable(self) -> bool:
        """Whether a whole one was attacked in vain."""
        return any(copy.weaknesses == () for copy in self._whole)

    @property
    def none_with_errors(self) -> bool:
        """Whether nothing is wrong with any backup; without one there is nothing that could be right."""
        return any(copy.storage for copy in self.found) and len(self._whole) == len(self.found)

    @property
    def holding(self) -> Mapping[str, bool]:
        """What holds and what does not, in words, by the order of 3-2-1-1-0."""
        return {
            "three copies": self.three,
            "two kinds of storage": self.on_two_kinds_of_storage,
            "one off-site": self.one_off_site,
            "one that cannot be altered": self.one_unalterable,
            "none with errors": self.none_with_errors,
        }

    @property
    def findings(self) -> list[str]:
        """What of it does not hold."""
        return [name for name, holds in self.holding.items() if not holds]

    @property
    def _whole(self) -> list[Copy]:
        return [copy for copy in self.found if copy.is_whole]


def count(store: Store, backup: Backup, *, site: Site, runbook: Runbook) -> Copies:
    """Find every copy of a backup, verify it, restore it and attack it.

    Nothing is left as it was: the store is lost and restored, what is kept here is lost, and the copy that can be
    altered is.
    """
    production = Copy("production", None, off_site=False, errors=tuple(map(str, compared(store, backup))))
    found = [production, *_here(store, backup, runbook), *_there(store, backup, site, runbook)]
    attach_json("copies", [*found, Copies(tuple(found)).holding])
    return Copies(tuple(found))


def _here(store: Store, backup: Backup, runbook: Runbook) -> Iterator[Copy]:
    home = runbook.set_of(store)
    if not (home / backup.id).is_dir():
        return
    (kept,) = inventory.take(home.parent, now=datetime.now(UTC), only=home.name, hashing=True).sets
    errors = [f"{flaw.kind}: {flaw.what}" for entry in kept.entries if entry.id == backup.id for flaw in entry.flaws]
    errors = errors or _restored(store, backup, runbook)
    yield Copy("repository", f"device {home.stat().st_dev}", off_site=False, errors=tuple(errors))


def _there(store: Store, backup: Backup, site: Site, runbook: Runbook) -> Iterator[Copy]:
    ending = f"/{runbook.set_of(store).name}/{backup.id}/{MANIFEST}"
    objects = site.objects()
    place = next((key.removesuffix(MANIFEST) for key in objects if f"/{key}".endswith(ending)), None)
    if place is None:
        return
    text = site.content(place + MANIFEST)
    paths = {key.removeprefix(place) for key in objects if key.startswith(place)}
    errors = [*altered(text, paths, lambda path: site.content(place + path))]
    errors += another(text, backup.repository / backup.id / MANIFEST)
    weaknesses = None
    if not errors:
        runbook.lose_repository()
        errors = _restored(store, backup, runbook, lambda: runbook.fetch_from_site(store, site, backup.id))
        promised_until = catalogue.parse(text).finished + runbook.policy.retention.minimum
        weaknesses = tuple(_weaknesses(site, place, promised_until))
    storage = f"object storage at {site.account('recovery').endpoint}"
    yield Copy(site.name, storage, off_site=True, errors=tuple(errors), weaknesses=weaknesses)


def altered(text: bytes, paths: Container[str], content: Callable[[str], bytes]) -> Iterator[str]:
    """Yield what of a copy is not what its manifest says.

    Args:
        text: the manifest, as it is where the copy is.
        paths: the files that are there.
        content: reads one of them there.
    """
    try:
        manifest = catalogue.parse(text)
    except CatalogueError as error:
        yield f"manifest-invalid: {error.what}"
        return
    if not vouches_for_itself(text):
        yield "manifest-altered: it does not have the checksum that it names"
    for file in manifest.files:
        if file.path not in paths:
            yield f"file-missing: {file.path}"
        elif hashlib.sha256(content(file.path)).hexdigest() != file.sha256:
            yield f"checksum-differs: {file.path}"


def another(text: bytes, here: Path) -> Iterator[str]:
    """Yield that a copy's manifest is not the one that is kept here, where one is."""
    if here.is_file() and here.read_bytes() != text:
        yield "manifest-differs: it is not that of the backup that is kept here"


def _restored(store: Store, backup: Backup, runbook: Runbook, fetch: Callable[[], Outcome] | None = None) -> list[str]:
    """Return what is wrong with what a copy brings back."""
    recovery = lose_and_recover(store, backup, backup_id=backup.id, runbook=runbook, fetch=fetch)
    if not recovery.has_answered:
        return [f"not-restored: {recovery.outcome.reason or 'its first answer is wrong'}"]
    return [f"restored-differs: {difference}" for difference in compared(store, backup)]


def _weaknesses(site: Site, place: str, promised_until: datetime) -> Iterator[str]:
    """Yield why a copy can be altered: parts that are not locked as long as promised, and attacks that worked."""
    for key, until in attacks.locks(site).items():
        if key.startswith(place) and (until is None or until < promised_until):
            yield f"{key.removeprefix(place)} is not locked until {promised_until:%Y-%m-%d %H:%M %Z}"
    yield from (str(attempt) for attempt in attacks.attack(site, "administrator") if attempt.worked)
