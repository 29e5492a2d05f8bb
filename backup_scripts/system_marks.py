"""What tells the next restore how far one has come with a disk: the mark in the first sector, and the seal after it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from typing import NamedTuple

SECTOR = 512
MAGIC = b"system_restore has not ended: "
ENDED = b"system_restore has ended, and not said so: "
NAMED = 40
"""How much of a backup's id the mark has room for."""
ZEROS = bytes(1 << 20)
Extent = tuple[int, int]
"""Where something begins and how long it is, in sectors."""
SEALED: Extent = (1, 1)
"""Where the seal is."""


class Mark(NamedTuple):
    """What stands in the first sector as long as a restore has not ended.

    Attributes:
        backup: the beginning of its id.
        size: of the disk, in bytes: a file that is erased is cut for a moment.
        extents: of the partitions that are written.
    """

    backup: str
    size: int
    extents: tuple[Extent, ...]

    @property
    def sector(self) -> bytes:
        """The whole sector, which no BIOS starts and no kernel takes for a partition table."""
        stated = {"backup": self.backup, "size": self.size, "extents": self.extents}
        return (MAGIC + json.dumps(stated).encode("ascii")).ljust(SECTOR, b"\0")

    @classmethod
    def found_in(cls, sector: bytes) -> Mark | None:
        """Read one; None where the sector is anything else, if only by a bit."""
        try:
            stated = json.loads(sector.removeprefix(MAGIC).rstrip(b"\0"))
            extents = tuple((int(start), int(size)) for start, size in stated["extents"])
            mark = cls(str(stated["backup"]), int(stated["size"]), extents)
        except (ValueError, KeyError, TypeError):
            return None
        return mark if mark.sector == sector else None


class Seal(NamedTuple):
    """What stands in the second sector until it was told that a disk is whole: a hash of all that was restored.

    Attributes:
        restored: of what, as `<set>/<backup-id>`.
        first: what the disk begins with.
        partitions: where they are.
    """

    restored: str
    first: bytes
    partitions: tuple[Extent, ...]

    @property
    def extents(self) -> tuple[Extent, ...]:
        """Where anything is written after the first sector: the seal too, if there is room before the partitions."""
        return (SEALED, *self.partitions) if self._has_room else self.partitions

    @property
    def _has_room(self) -> bool:
        return all(start >= sum(SEALED) for start, _ in self.partitions)

    def sector(self, descriptor: int) -> bytes:
        """Return the whole sector, as it is for what a disk holds now; nothing where there is no room for it."""
        if not self._has_room:
            return b""
        found = hashlib.sha256(self.restored.encode() + b"\0" + self.first)
        for start, sectors in self.partitions:
            for position, chunk in written(descriptor, start * SECTOR, (start + sectors) * SECTOR):
                found.update(b"%d:" % position + chunk)
        return (ENDED + found.hexdigest().encode("ascii")).ljust(SECTOR, b"\0")


def written(descriptor: int, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield where, in bytes, something else than zeros can be read, and what; the holes of a file need not be."""
    position = start
    while position < end:
        try:
            data = os.lseek(descriptor, position, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole up to the end
                return
            if error.errno != errno.EINVAL:  # a device knows no holes
                raise
            data = position
        position += (data - position) // len(ZEROS) * len(ZEROS)  # the same pieces, wherever the holes are
        chunk = os.pread(descriptor, min(len(ZEROS), max(end - position, 0)), position)
        if not chunk:
            return
        if chunk != ZEROS[: len(chunk)]:
            yield position, chunk
        position += len(chunk)
