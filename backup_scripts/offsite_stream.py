"""The streamed write-ahead log at the off-site storage: whole segments, and the one that is still being received.

``<prefix><set>/stream/NAME.gz``, packed, and ``NAME.partial.gz`` for the segment that pg_receivewal has not finished.
That one is sent again as often as it has changed, is not locked, and means nothing any more once NAME.gz is there: it
is never stored as that, and never fetched beside it.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from backup_scripts.manifest import StoredFile
from backup_scripts.offsite import Site
from backup_scripts.offsite_upload import Lock, Sent, Uploader
from backup_scripts.repository import BackupSet

PLACE = "stream"
PARTIAL, PACKED = ".partial", ".gz"
FAST = 1
"""The compression: what is not written yet of a segment is zeros."""

_WHOLE = re.compile(r"[0-9A-F]{24}|[0-9A-F]{8}\.history")
_UNFINISHED = re.compile(r"[0-9A-F]{24}\.partial")


class Stream:
    """The streamed log of one set, on its way to the site."""

    def __init__(self, home: BackupSet, site: Site, tally: Sent, *, now: datetime) -> None:
        self._place = home.directory / PLACE
        self._set_name = home.directory.name
        self._site = site
        self._tally = tally
        self._now = now
        self._there = set(site.log(self._set_name, PLACE))
        self.copied: list[str] = []
        self.present: list[str] = []

    def copy(self) -> None:
        """Send what the site does not have: whole segments in their order, so that a killed run leaves no hole."""
        names = sorted(path.name for path in self._place.iterdir()) if self._place.is_dir() else []
        for name in filter(_WHOLE.fullmatch, names):
            self._whole(name)
        for name in filter(_UNFINISHED.fullmatch, names):
            self._unfinished(name)

    def _whole(self, name: str) -> None:
        if f"{name}{PACKED}" in self._there:
            self.present.append(name)
            return
        file = self._place / name
        received = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        self._send(name, file.read_bytes(), Lock.wanted(received, now=self._now))
        self._there.add(f"{name}{PACKED}")

    def _unfinished(self, name: str) -> None:
        whole = name.removesuffix(PARTIAL)
        if f"{whole}{PACKED}" in self._there:
            return
        try:
            # It grows while it is read, from its beginning to its end: what is caught ends like after a crash.
            content = (self._place / name).read_bytes()
        except FileNotFoundError:  # it has just been finished
            self._whole(whole)
            return
        self._send(name, content, None)

    def _send(self, name: str, content: bytes, lock: Lock | None) -> None:
        packed = gzip.compress(content, FAST, mtime=0)
        key = self._site.key(self._set_name, PLACE, f"{name}{PACKED}")
        sha256 = hashlib.sha256(packed).hexdigest()
        if f"{name}{PACKED}" in self._there and (stored := self._site.stored(key)) and stored.sha256 == sha256:
            self.present.append(name)
            return
        described = StoredFile(f"{PLACE}/{name}{PACKED}", len(packed), sha256)
        Uploader(self._site, lock=lock, tally=self._tally).put(packed, key, described)
        self.copied.append(name)


def worth_fetching(names: Iterable[str]) -> list[str]:
    """Return the names at the site without those of unfinished segments of which the whole one is there, too."""
    known = set(names)
    finished = {name.replace(PACKED, PARTIAL + PACKED) for name in known}
    return sorted(known - finished)


def plain(name: str) -> str:
    """Return the name that the receiver gave to a file of the stream."""
    return name.removesuffix(PACKED)
