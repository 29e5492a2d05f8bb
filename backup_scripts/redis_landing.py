"""What a restore puts into a server's data directory is noted there, so that one that was killed can be finished.

`.landing-restore` says of which backup it is, which server was blank then and whether it kept an append-only file, and
by what every file is known again. It is written when all is made, verified and on disk, before the first file is put in
its place; written anew when the server has read them and its keys were counted; and removed when the result was told.
The next run takes for its own what the note names and nobody has changed since, and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from backup_scripts import files, landing, redis
from backup_scripts.append_only import LIST_SUFFIX
from backup_scripts.landing import NOTE
from backup_scripts.redis import Server

Identity = list[int]
"""A file's device, inode, size and time. Not its owner: a container may give all that is there to its server."""


class Landing(NamedTuple):
    """What one restore puts into a data directory.

    Attributes:
        restore: of which restore it is.
        run: the run of the server that was blank when it was put there.
        appends: whether that server kept an append-only file.
        places: name in the data directory → name in there, or "" for the file itself → by what it is known again.
        counted: the run of the server that has read it and had the keys; "" before that.
        was_appended: whether that one has read it as an append-only file.
    """

    restore: Mapping[str, str]
    run: str
    appends: bool
    places: Mapping[str, Mapping[str, Identity]] = {}
    counted: str = ""
    was_appended: bool = False

    @classmethod
    def begun(cls, directory: Path, restore: Mapping[str, str]) -> Landing | None:
        """Return what a killed run of the same restore has noted; None where that is not certain."""
        try:
            note, stated = landing.read(_note(directory))
            ours = note.st_uid in {os.geteuid(), directory.stat().st_uid}
            return cls(**stated) if ours and stated["restore"] == restore else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def of(self, prepared: Mapping[Path, Path]) -> Landing:
        """Return it with what was prepared, each for its place."""
        return self._replace(places={place.name: _state(new) for new, place in prepared.items()})

    def draft(self, place: Path) -> None:
        """Write the note, for `put` to put in its place."""
        place.write_text(json.dumps(self._asdict()), "utf-8")

    def put(self, draft: Path, directory: Path) -> None:
        """Put the note in its place, also in that of an earlier one."""
        draft.rename(_note(directory))
        files.flush(directory)

    def concerns(self, target: Server, directory: Path) -> bool:
        """Tell whether anything is left of what was begun; otherwise somebody has cleared it away since."""
        return target.run in (self.run, self.counted) or any(self.is_whole(directory / name) for name in self.places)

    def holds(self, place: Path) -> bool:
        """Tell whether anything is put in a place."""
        return place.name in self.places

    def is_whole(self, place: Path) -> bool:
        """Tell whether there is in a place what was put there, with nothing changed, removed or added."""
        return self.holds(place) and _state(place) == self.places[place.name]

    def is_in_place(self, directory: Path) -> bool:
        """Tell whether all of it is in its places, and untouched."""
        return bool(self.places) and all(self.is_whole(directory / name) for name in self.places)

    def was_read_by(self, target: Server, source: Path) -> bool:
        """Tell whether what a server holds was read from what was put there.

        Args:
            target: the server.
            source: where it looks for its data.
        """
        if target.run in (self.run, self.counted):
            return target.run == self.counted
        others = [source.with_name(name) for name in self.places if name != source.name]
        # What it does not read may not have been put there yet, or have been removed since.
        untouched = all(self.is_whole(each) or not os.path.lexists(each) for each in others)
        return untouched and (self.is_whole(source) or (target.appends and self._was_appended_to(source, target)))

    def _was_appended_to(self, source: Path, target: Server) -> bool:
        """Tell whether a server has added no more than a file to write to, and that keys have expired."""
        known, found = (_parts(each) for each in (self.places.get(source.name, {}), _state(source)))
        same = bool(known) and all(found.get(name, [])[:2] == identity[:2] for name, identity in known.items())
        added = sum(size for _, _, size, _ in found.values()) - sum(size for _, _, size, _ in known.values())
        return same and (added == 0 or (added > 0 and target.has_dropped_keys))


def forget(directory: Path) -> None:
    """Remove the note, when the result was told."""
    with contextlib.suppress(OSError):
        _note(directory).unlink(missing_ok=True)


def writes() -> list[str]:
    """Return by which commands somebody has written to the server since it started; to read its data in is none."""
    writing = set(redis.ask("ACL", "CAT", "write").split())
    called = re.findall(r"^cmdstat_(\S+?):calls=[1-9]", redis.ask("INFO", "commandstats"), re.MULTILINE)
    return sorted(writing.intersection(called))


def _note(directory: Path) -> Path:
    return directory / f"{NOTE}restore"


def _state(place: Path) -> dict[str, Identity]:
    """Return by what a file, or those in a directory, are known again; nothing where nothing is there."""
    if place.is_dir():
        return {each.name: _identity(each) for each in place.iterdir()}
    return {"": _identity(place)} if os.path.lexists(place) else {}


def _identity(file: Path) -> Identity:
    found = file.lstat()
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns]


def _parts(state: Mapping[str, Identity]) -> dict[str, Identity]:
    """Return those that hold data; the list of them is the server's, which writes it anew."""
    return {name: identity for name, identity in state.items() if not name.endswith(LIST_SUFFIX)}
