"""What a restore is about to put into its places is noted beside them, so that one that was killed can be finished.

`.landing-<name>` says of which restore it is, and of every place what belongs there: it is written when everything
was made, verified and flushed, before the first rename, and removed when the result was told. The next run of the same
restore goes on from there, and removes nothing; where all is in its place, it only tells. It does so only where it is
certain: the note is our own, whatever it names is at its place or still where it was made, by device, inode and time,
and nothing below has changed since. In all other cases it is as if there were no note.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from backup_scripts import files
from backup_scripts.contract import Failed, hold_signals, say
from backup_scripts.locking import locked, opened
from backup_scripts.repository import remove_all, writing_to

NOTE = ".landing-"
UNWRITABLE = "target-unwritable"
CLOCK_OF_FILES = 5
"""CLOCK_REALTIME_COARSE, which Python has no name for."""
UNTOLD = "all of it was restored by a run that did not live to say so, and has not changed since"
Moves = Mapping[Path, Path]
"""Of every place what is to be put there: where it was made."""


class Landing:
    """What one restore puts into its places.

    Attributes:
        file: the note.
        restore: of which restore it is: all that decides what comes out of it.
    """

    __slots__ = ("_is_noted", "file", "restore")

    def __init__(self, file: Path, restore: Mapping[str, object]) -> None:
        self.file = file
        self.restore = restore
        self._is_noted = False

    @classmethod
    def at(cls, place: Path, **restore: object) -> Landing:
        """Return that of a restore, noted beside the place that it is called after."""
        return cls(place.with_name(f"{NOTE}{place.name}"), restore)

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """See that a note which was made in here is gone where it fails, and nothing is left to do."""
        try:
            yield
        except BaseException:
            hold_signals()
            if self._is_noted:
                self.forget()
            raise

    def forget(self) -> None:
        """Remove the note, when the result was told."""
        with contextlib.suppress(OSError):
            self.file.unlink(missing_ok=True)

    def note(self, moves: Moves) -> None:
        """Note what is about to be put where; all of it is on disk.

        Raises:
            Failed: ``target-unwritable``, ``disk-full``.
        """
        _await_tick()  # or what changes right after the note would have the time of what was made right before it
        stated = {"restore": self.restore, "moves": {str(place): _identity(new) for place, new in moves.items()}}
        with writing_to(self.file, slug=UNWRITABLE):
            self.file.unlink(missing_ok=True)
            self._is_noted = True
            with opened(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as descriptor:
                os.write(descriptor, json.dumps(stated).encode())
                os.fsync(descriptor)
            files.flush(self.file.parent)

    def finish(self, made_at: Callable[[Path], Path], *, stagings: Sequence[Path]) -> bool:
        """Put the rest into its places, where a killed run of the same restore had begun to; return whether it had.

        Args:
            made_at: of a place, where that was made which belongs there.
            stagings: the directories in which it was made, which have to go in the end.

        Raises:
            Failed: ``target-busy``: that run is still at work; ``target-unwritable``.
        """
        with contextlib.ExitStack() as stack, writing_to(self.file, slug=UNWRITABLE):
            for staging in stagings:
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                    descriptor = stack.enter_context(opened(staging, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW))
                    if not locked(descriptor, fcntl.LOCK_EX):
                        raise Failed("target-busy", f"{staging}: another restore is at work; wait until it ends")
            begun = self._begun(made_at)
            if begun is None:
                return False
            hold_signals()
            say("finishing what a killed restore of the same had begun" if begun else UNTOLD)
            for place, new in begun.items():
                new.rename(place)
                files.flush(place.parent)
            remove_all(stagings)
        return True

    def _begun(self, made_at: Callable[[Path], Path]) -> Moves | None:
        """Return what is not in its place yet; None where it is not certain that this restore has made all of it."""
        try:
            note, stated = read(self.file)
            if note.st_uid != os.geteuid() or stated["restore"] != json.loads(json.dumps(self.restore)):
                return None
            moves = {Path(place): identity for place, identity in stated["moves"].items()}
            left = {place: new for place in moves if os.path.lexists(new := made_at(place))}
            sound = all(
                _identity(left.get(place, place)) == identity
                and _untouched(left.get(place, place), since=note.st_ctime_ns)
                for place, identity in moves.items()
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return left if sound and not any(map(_is_taken, left)) else None


def read(note: Path) -> tuple[os.stat_result, Any]:
    """Return whose a note is and of when, and what it says.

    Raises:
        OSError, ValueError: there is none, or it is no note.
    """
    with opened(note, os.O_RDONLY | os.O_NOFOLLOW) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
        return os.fstat(descriptor), json.loads(file.read())


def _identity(path: Path) -> list[int]:
    """Return by what something is known again, wherever it is moved to."""
    found = path.lstat()
    size = found.st_size if stat.S_ISREG(found.st_mode) else 0
    return [found.st_dev, found.st_ino, found.st_mode, found.st_uid, found.st_gid, found.st_mtime_ns, size]


def _untouched(path: Path, *, since: int) -> bool:
    """Tell whether nothing below has changed; what is moved itself has, by that, and is known by its identity."""
    if path.is_symlink() or not path.is_dir():
        return True
    return all(
        os.lstat(f"{place}/{name}").st_ctime_ns < since
        for place, directories, names in os.walk(path, onerror=_raise)
        for name in directories + names
    )


def _await_tick() -> None:
    """Wait until whatever is made has a later time than all that has been made.

    The clock that files have their times of stands still for some milliseconds at a time, and when it goes on, it may
    be behind the time of day as it was before: from Linux 6.13 on a file that somebody looks at has that.
    """
    before = time.time_ns()
    while time.clock_gettime_ns(CLOCK_OF_FILES) <= before:
        pass


def _raise(error: OSError) -> None:
    raise error


def _is_taken(place: Path) -> bool:
    """Tell whether something lies where something else is to be put; an empty directory does not count."""
    if place.is_symlink() or not place.is_dir():
        return os.path.lexists(place)
    return any(place.iterdir())
