"""The disk that a machine is restored onto: blank, or begun by a restore that was killed, and nobody else's meanwhile.

A restore first puts a mark into the first sector and, as its last act, in one write, what belongs there: the partition
table and what starts the machine. So a disk with the mark starts nothing, was blank before, and holds what restores
have put into the partitions that the mark names. The next restore, of whatever backup, erases that and begins anew.
What is anywhere else somebody has put there since, and the disk is refused like one that was never blank.

The last act but one puts a seal into the second sector: a hash of all that was restored. It goes when the result was
told. As long as it fits, the next restore of the same backup has nothing left to do but to tell.

The disk is locked, and the lock lent to every program that writes to it: no restore begins before the last of another
has ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from backup_scripts import contract
from backup_scripts.contract import Refused, ScriptError
from backup_scripts.locking import locked, opened
from backup_scripts.repository import writing_to
from backup_scripts.system_marks import NAMED, SEALED, SECTOR, Extent, Mark, Seal, written


class Target(NamedTuple):
    """A disk, a file or a device, that is ours as long as ``descriptor`` is open, here or in a program."""

    path: Path
    descriptor: int

    @classmethod
    @contextlib.contextmanager
    def taken(cls, path: Path) -> Iterator[Target]:
        """Be the only restore that is at work on the disk.

        Raises:
            Refused: ``target-missing``, ``target-busy``.
        """
        if not (path.is_file() or path.is_block_device()):
            raise Refused("target-missing", f"{path} is no disk; name a device, or make a file with truncate")
        with contextlib.ExitStack() as stack:
            try:
                # Whatever is written through it is on the disk before anything else happens.
                descriptor = stack.enter_context(opened(path, os.O_RDWR | os.O_DSYNC))
                mine = locked(descriptor, fcntl.LOCK_EX)
            except OSError as error:
                raise Refused(
                    "target-missing", f"{path}: {error.strerror}; name a disk that can be read and written"
                ) from None
            if not mine:
                what = "another restore, or a program that a killed one has started, is at work on it"
                raise Refused("target-busy", f"{path}: {what}; wait until that has ended")
            yield cls(path, descriptor)

    def bears(self, seal: Seal) -> bool:
        """Tell whether all is there, and has not been used since."""
        try:
            return (
                os.pread(self.descriptor, SECTOR, 0) == seal.first
                and os.pread(self.descriptor, SECTOR, SECTOR) == seal.sector(self.descriptor)
                and self._is_blank(_gaps(seal.extents, self._size(None)))
            )
        except OSError:  # what cannot be read is refused as any other disk
            return False

    def refuse_unfit(self, needed: int) -> Mark | None:
        """Check that the disk is large enough, and blank but for what a killed restore has left; return its mark.

        Args:
            needed: how many bytes it must have.

        Raises:
            Refused: ``target-missing``, ``target-too-small``, ``target-not-empty``.
        """
        try:
            mark = Mark.found_in(os.pread(self.descriptor, SECTOR, 0))
            size = self._size(mark)
            if size < needed:
                raise Refused(
                    "target-too-small", f"{self.path} has {size} bytes, {needed} are needed; take a larger one"
                )
            if not self._is_blank(_gaps(mark.extents, size) if mark else [(0, size)]):
                what = (
                    "holds something" if mark is None else f"was begun with {mark.backup} and put to another use since"
                )
                raise Refused("target-not-empty", f"{self.path} {what}; name another, or wipe it with blkdiscard")
        except OSError as error:
            raise Refused("target-missing", f"{self.path}: {error.strerror}; name a disk that can be read") from None
        return mark

    @contextlib.contextmanager
    def begun(self, backup: str, extents: Iterable[Extent], *, left: Mark | None) -> Iterator[None]:
        """Mark the disk, in which nothing is then but zeros; where it fails, see that the next restore can begin.

        Args:
            backup: the id of what is restored.
            extents: of its partitions.
            left: the mark of a restore that has not ended.

        Raises:
            Failed: ``target-unwritable``.
        """
        mark = Mark(backup[:NAMED], self._size(left), tuple(extents))
        try:
            with writing_to(self.path, slug="target-unwritable"):
                if left is not None:
                    contract.say(f"{self.path}: erasing what a restore of {left.backup} had begun and not finished")
                    self._erase(left)
                os.pwrite(self.descriptor, mark.sector, 0)
            yield
        except ScriptError:
            contract.hold_signals()
            if self._is_file:  # a device keeps the mark: to read all of it again takes hours
                with writing_to(self.path, slug="target-unwritable"):
                    self._erase(mark)
                    os.pwrite(self.descriptor, bytes(SECTOR), 0)
            raise

    def sealing(self, seal: Seal) -> bytes:
        """Return the seal for what the disk holds, which may not be on the disk yet.

        Raises:
            Failed: ``target-unwritable``: it cannot be read.
        """
        with writing_to(self.path, slug="target-unwritable"):
            return seal.sector(self.descriptor)

    def finish(self, second: bytes, first: bytes) -> None:
        """Put in the seal, and the first sector in the place of the mark, when all else is on the disk.

        Raises:
            Failed: ``target-unwritable``, ``disk-full``.
        """
        with writing_to(self.path, slug="target-unwritable"):
            os.fsync(self.descriptor)
            contract.hold_signals()
            os.pwrite(self.descriptor, second, SECTOR)
            os.pwrite(self.descriptor, first, 0)

    def unseal(self, seal: Seal) -> None:
        """Take the seal away, when the result was told."""
        if SEALED in seal.extents:
            with contextlib.suppress(OSError):  # nothing reads it but the next restore
                os.pwrite(self.descriptor, bytes(SECTOR), SECTOR)

    @property
    def _is_file(self) -> bool:
        return stat.S_ISREG(os.fstat(self.descriptor).st_mode)

    def _size(self, mark: Mark | None) -> int:
        size = os.lseek(self.descriptor, 0, os.SEEK_END)
        return max(size, mark.size) if mark is not None and self._is_file else size

    def _erase(self, mark: Mark) -> None:
        """Leave nothing but the mark."""
        if self._is_file:
            size = self._size(mark)
            os.ftruncate(self.descriptor, SECTOR)
            os.ftruncate(self.descriptor, size)
            return
        for start, sectors in mark.extents:
            for position, chunk in written(self.descriptor, start * SECTOR, (start + sectors) * SECTOR):
                os.pwrite(self.descriptor, bytes(len(chunk)), position)

    def _is_blank(self, gaps: Iterable[Extent]) -> bool:
        return not any(True for gap in gaps for _ in written(self.descriptor, *gap))


def _gaps(extents: Iterable[Extent], end: int) -> Iterator[Extent]:
    """Yield from where to where, in bytes, a disk has to be blank: after the first sector, but for some extents."""
    position = 0
    for start, sectors in sorted([(0, 1), *extents]):
        yield position, start * SECTOR
        position = (start + sectors) * SECTOR
    yield position, end
