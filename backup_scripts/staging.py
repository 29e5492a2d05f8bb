"""New directories that appear whole: they are made beside their place, and a rename puts them there.

What is made for ``<place>`` lies in ``<place's parent>/.partial-<name>/``, locked while somebody works there. What a
killed script left there is not locked any more, and is cleared by the next one for the same place; where it had begun
to put it into its places, the next run of the same restore finishes that instead (see landing).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from backup_scripts import files, programs
from backup_scripts.contract import Failed, Refused, hold_signals
from backup_scripts.landing import UNWRITABLE, Landing
from backup_scripts.locking import locked, opened
from backup_scripts.programs import Owner
from backup_scripts.repository import PARTIAL, writing_to

NEW, TWIN = "new", "twin"


class Staging(NamedTuple):
    """Where the new content of one place is made: in `new`, and whatever it takes beside it."""

    place: Path
    directory: Path
    owner: Owner | None

    @property
    def new(self) -> Path:
        """What becomes the place."""
        return self.directory / NEW

    def make(self, name: str) -> Path:
        """Make a directory in the staging that belongs to the owner, and return it."""
        with writing_to(self.directory, slug=UNWRITABLE):
            made = self.directory / name
            made.mkdir(mode=0o700)
            if self.owner:
                self.owner.take(made)
        return made


def directory_beside(place: Path) -> Path:
    """Return where that is made which becomes a place."""
    return place.parent / f"{PARTIAL}{place.name}"


def made_for(place: Path) -> Path:
    """Return what becomes a place, before it does."""
    return directory_beside(place) / NEW


def refuse_taken(place: Path) -> None:
    """Check that a directory can be put in a place: that it is absent or empty.

    Raises:
        Refused: ``target-not-empty``, ``target-missing`` where its parent is, ``target-is-mount-point``.
    """
    if not place.parent.is_dir():
        raise Refused("target-missing", f"{place.parent} is no directory; create or mount it")
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise Refused("target-not-empty", f"{place} is there and is no directory; move it away, or name another place")
    if place.is_dir() and any(place.iterdir()):
        raise Refused("target-not-empty", f"{place} holds something; move it away, or name another place")
    if place.is_mount():
        raise Refused("target-is-mount-point", f"{place} cannot appear by a rename; name a directory below it")


@contextlib.contextmanager
def beside(place: Path, owner: Owner | None) -> Iterator[Staging]:
    """Give an empty staging for a place; nothing is left of it.

    Raises:
        Failed: ``target-busy``: another restore is at work there; ``target-unwritable``.
    """
    directory = directory_beside(place)
    with contextlib.ExitStack() as stack:
        with writing_to(directory, slug=UNWRITABLE):
            directory.mkdir(mode=0o700, exist_ok=True)
            descriptor = stack.enter_context(opened(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW))
            if not locked(descriptor, fcntl.LOCK_EX) or os.fstat(descriptor).st_nlink == 0:
                raise Failed("target-busy", f"{directory}: another restore is at work; wait until it ends")
        try:
            with writing_to(directory, slug=UNWRITABLE):
                _clear(directory)
                if owner:
                    owner.take(directory)
            yield Staging(place, directory, owner)
        finally:
            hold_signals()
            with contextlib.suppress(OSError):
                shutil.rmtree(directory)


def flush(places: Iterable[Path]) -> None:
    """Have the file systems of some places reach the disk as a whole, which takes less time than file by file.

    Raises:
        Failed: ``target-unwritable``.
    """
    for place in {place.stat().st_dev: place for place in places}.values():
        flushed = programs.run(["sync", "--file-system", str(place)])
        if flushed.status != 0:
            raise flushed.failure(UNWRITABLE, "look at the disk")


def appear(stagings: Sequence[Staging], landing: Landing) -> None:
    """Put all that was made, and is on disk, into its places, the last one last; either all of it or nothing.

    Where it is killed in between, the next run of the same restore finishes it.

    Raises:
        Failed: ``target-unwritable``, also where somebody has put something there meanwhile.
    """
    land([(staging.new, staging.place, staging.directory / TWIN) for staging in stagings], landing)


def land(moves: Sequence[tuple[Path, Path, Path]], landing: Landing) -> None:
    """Put what was made into its places by renames: all of it, or every place is as it was, an empty directory too.

    Args:
        moves: what, where to, and where the twin of an empty directory that it replaces is made meanwhile.
        landing: notes it before the first.

    Raises:
        Failed: as `appear`.
    """
    hold_signals()
    landing.note({place: made for made, place, _ in moves})
    done: list[tuple[Path, Path, Path]] = []
    try:
        for made, place, twin in moves:
            with writing_to(place, slug=UNWRITABLE):
                _make_twin(place, twin)
                made.rename(place)
                done.append((made, place, twin))
                files.flush(place.parent)
    except Failed:
        for made, place, twin in reversed(done):
            place.rename(made)
            if twin.exists():
                twin.rename(place)
        raise


def _make_twin(place: Path, twin: Path) -> None:
    """Make a directory like one that is there; a rename over that one, unlike one aside and back, happens at once."""
    if place.is_dir() and not place.is_symlink():
        twin.mkdir()
        if os.geteuid() == 0:
            os.chown(twin, place.stat().st_uid, place.stat().st_gid)
        shutil.copystat(place, twin)


def _clear(directory: Path) -> None:
    for left in directory.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()
