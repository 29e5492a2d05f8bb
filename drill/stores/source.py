"""The source code as a store: a git repository."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Mapping
from pathlib import Path

from drill.datasets import source as dataset
from drill.fingerprints import Fingerprint, FingerprintError
from drill.fingerprints import git as git_fingerprint
from drill.losses.ledger import Writer
from drill.progress import working_on
from drill.stores.store import GrowingStore

_numbers = itertools.count(1)


class SourceStore(GrowingStore):
    """A bare repository: the disaster is that its directory is gone."""

    smallest = 5_000_000

    def __init__(self, repository: Path, *, procedure: str = "source-code") -> None:
        self.repository = repository
        self.procedure = procedure

    def environment(self) -> Mapping[str, str]:
        """Return where the repository is, both to back up from and to restore to."""
        return {"BACKUP_SOURCE": str(self.repository), "RESTORE_TARGET": str(self.repository)}

    def fingerprint(self) -> Fingerprint:
        """Return every ref, every object and every large file."""
        with working_on("reading the source code"):
            return git_fingerprint.fingerprint(self.repository)

    def leans_on(self) -> str | None:
        """Return the repository whose objects it shows as its own."""
        return git_fingerprint.borrows_from(self.repository)

    def health(self) -> tuple[object, ...]:
        """Return what the main branch says of itself."""
        return dataset.health(self.repository)

    def size(self) -> int:
        """Return how many bytes the repository takes."""
        return dataset.size(self.repository)

    def grow(self, size: int) -> None:
        """Commit more to the main branch until the repository takes at least so many bytes."""
        with working_on(f"growing the source code to {size} bytes"):
            while (missing := size - self.size()) > 0:
                dataset.grow(self.repository, files=missing // dataset.TEXT + 1)

    def writer(self) -> Writer:
        """Return a writer of single commits."""
        return Writer(
            lambda number: dataset.write(self.repository, number), lost_by=(FingerprintError,), close=lambda: None
        )

    def canaries(self) -> dict[str, bytes]:
        """Return some of what only the developers may know."""
        return dataset.canaries(self.repository)

    def written(self) -> set[int]:
        """Return the numbers of the ledger's commits that are there."""
        return dataset.written(self.repository)

    def lose(self) -> None:
        """Lose the repository from one moment to the next."""
        if not self.repository.exists():
            return
        lost = self.repository.parent.parent / f"lost-{next(_numbers)}"
        self.repository.rename(lost)
        # Somebody may just be committing to it; what is left goes with the workspace.
        shutil.rmtree(lost, ignore_errors=True)

    def provision(self) -> None:
        """Do nothing: the place of the repository is blank when it is not there."""

    def leftovers(self) -> list[str]:
        """Return what is in the repository's place, and beside it, although it should be blank."""
        return sorted(entry.name for entry in self.repository.parent.iterdir())
