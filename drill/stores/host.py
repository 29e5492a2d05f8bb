"""A part of a host's files as a store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from drill.datasets import host as dataset
from drill.datasets.host import bulk
from drill.errors import DrillError
from drill.fingerprints import Fingerprint
from drill.fingerprints import files as files_fingerprint
from drill.fingerprints.files.entries import walk
from drill.hosts import AppHost, log_rotation
from drill.losses.ledger import Writer
from drill.policy import Procedure
from drill.progress import working_on
from drill.runtimes.protocol import Host
from drill.stores.store import GrowingStore, IncrementalStore


class HostStore(IncrementalStore, GrowingStore):
    """What one procedure has to keep of a host's files: the disaster is that the whole disk is gone."""

    smallest = 30_000_000

    def __init__(self, host: Host, procedure: Procedure) -> None:
        self.host = host
        self.procedure = procedure.name
        self.scopes = procedure.covers

    def environment(self) -> Mapping[str, str]:
        """Return the directory that stands for the host's root, both to back up from and to restore to."""
        return {"BACKUP_SOURCE": str(self.host.root), "RESTORE_TARGET": str(self.host.root)}

    def fingerprint(self) -> Fingerprint:
        """Return every file of the scopes that the policy has the procedure cover."""
        with working_on("reading the host's files"):
            return files_fingerprint.fingerprint(self.host.root, self.scopes)

    def leans_on(self) -> str | None:
        """Return what lies elsewhere, and is seen through a link that stands above what was to be kept."""
        root = self.host.root.resolve()
        above = {parent for scope in self.scopes for parent in PurePosixPath(scope).parents}
        links = [each for each in sorted(above) if (self.host.root / each).is_symlink()]
        led = {each: (self.host.root / each).resolve() for each in links}
        return next((f"{to}, by the link {each}" for each, to in led.items() if not to.is_relative_to(root)), None)

    def health(self) -> tuple[object, ...]:
        """Return what the files that matter first hold."""
        return dataset.health(self.host.root, self.scopes)

    def size(self) -> int:
        """Return how many bytes the files take; holes take none."""
        found = (entry.status for scope in self.scopes for entry in walk(self.host.root, scope))
        return sum(min(status.st_size, status.st_blocks * 512) for status in found)

    def grow(self, size: int) -> None:
        """Add files of plain text to the first directory of the scopes until the files take at least so many bytes."""
        with working_on(f"growing the host's files to {size} bytes"):
            place = next(there for scope in self.scopes if (there := self.host.root / scope).is_dir())
            while (missing := size - self.size()) > 0:
                bulk.grow(place, files=missing // bulk.TEXT + 1)

    def writer(self) -> Writer:
        """Return a writer of single files."""
        place = self._ledger
        place.mkdir(exist_ok=True)
        return Writer(lambda number: dataset.write(place, number), lost_by=(FileNotFoundError,), close=lambda: None)

    def rewriter(self) -> Writer:
        """Return a writer of one file, which never holds still."""
        draft = dataset.draft(self.host.root)
        return Writer(lambda number: dataset.rewrite(draft, number), lost_by=(FileNotFoundError,), close=lambda: None)

    def write(self, numbers: range) -> None:
        """Write files of these numbers, one by one."""
        self._ledger.mkdir(exist_ok=True)
        for number in numbers:
            dataset.write(self._ledger, number)

    def require_increments(self) -> None:
        """Do nothing: increments can be made of every file system."""

    def require_owners(self) -> None:
        """See that whether files come back to their owners can be told at all.

        Raises:
            DrillError: all of them belong to one user and group.
        """
        found = (entry.status for scope in self.scopes for entry in walk(self.host.root, scope))
        if len({(status.st_uid, status.st_gid) for status in found}) < 2:
            raise DrillError(
                "all files on this host belong to one user, so that none can come back to another's",
                remedy="drill as root, who alone can give files away",
            )

    def canaries(self) -> dict[str, bytes]:
        """Return some of what only those who are let in may know."""
        return dataset.canaries(self.host.root, self.scopes)

    def written(self) -> set[int]:
        """Return the ledger's files that are there."""
        return dataset.written(self._ledger)

    def lose(self) -> None:
        """Lose the host's disk."""
        self.host.lose()

    def provision(self) -> None:
        """Put an empty disk in its place."""
        self.host.provision()

    def leftovers(self) -> list[str]:
        """Return what is on the disk although it should be as it came."""
        return self.host.leftovers()

    @property
    def _ledger(self) -> Path:
        return dataset.ledger(self.host.root, self.scopes[0])


class LogStore(HostStore):
    """The logs of a host: its ledger is the lines that the application writes."""

    host: AppHost

    def __init__(self, host: AppHost, procedure: Procedure) -> None:
        super().__init__(host, procedure)

    def writer(self) -> Writer:
        """Return a writer of single lines, which holds the log open."""
        log = self.open_log()
        return Writer(log.write, lost_by=(FileNotFoundError,), close=log.close)

    def write(self, numbers: range) -> None:
        """Write lines of these numbers, one by one."""
        with self.open_log() as log:
            for number in numbers:
                log.write(number)

    def open_log(self) -> dataset.Log:
        """Open the log as the application does when it starts."""
        return dataset.Log(self.host.root)

    def written(self) -> set[int]:
        """Return the numbers of the lines that are there, in whichever file a rotation has put them."""
        return dataset.logged(self.host.root)

    def rotate(self) -> str:
        """Rotate the logs, as every day; what is written from now on is in a new one. Returns what has done it."""
        return log_rotation.rotate(self.host.root)

    def rotate_by_rules(self) -> str:
        """Rotate the logs as every day, by the host's own rules and no other way. Returns what was said."""
        return log_rotation.rotate_by_rules(self.host.root)
