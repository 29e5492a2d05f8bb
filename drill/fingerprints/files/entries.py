"""The entries of a tree of files, one by one, in the order of their names; nothing is followed out of the tree.

Names are bytes, as the kernel has them: a name may hold a line break, or be no text at all.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drill.fingerprints.fingerprint import FingerprintError

OF_THE_MACHINE = ("security.selinux",)
"""Attributes that a machine gives to a place by itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, directory, link or device: its path from the tree's root, and what the kernel says of it.

    ``group`` is the first path of the same file, where it has several.
    """

    path: bytes
    place: bytes
    status: os.stat_result
    group: bytes | None = None

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_ISREG(self.status.st_mode)

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link."""
        return stat.S_ISLNK(self.status.st_mode)

    def attributes(self) -> dict[str, bytes]:
        """Return its extended attributes, which hold access control lists and capabilities too."""
        names = os.listxattr(self.place, follow_symlinks=False)
        return {
            name: os.getxattr(self.place, name, follow_symlinks=False) for name in names if name not in OF_THE_MACHINE
        }


def walk(root: Path, scope: str) -> Iterator[Entry]:
    """Yield a scope of the tree and everything below it; what vanishes meanwhile is not there.

    Args:
        root: of the tree.
        scope: the path, seen from the root, of a directory or file.

    Raises:
        FingerprintError: something cannot be looked at.
    """
    base = os.fsencode(root) + b"/"
    first_of: dict[tuple[int, int], bytes] = {}
    waiting = [os.fsencode(scope)]
    while waiting:
        path = waiting.pop()
        place = base + path
        try:
            status = os.lstat(place)
            if stat.S_ISDIR(status.st_mode):
                with os.scandir(place) as below:
                    waiting += sorted((path + b"/" + entry.name for entry in below), reverse=True)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise unreadable(path, error) from error
        group = None
        if status.st_nlink > 1 and not stat.S_ISDIR(status.st_mode):
            group = first_of.setdefault((status.st_dev, status.st_ino), path)
        yield Entry(path, place, status, group)


def unreadable(path: bytes, error: OSError) -> FingerprintError:
    """Return the error for a place that cannot be looked at."""
    return FingerprintError(f"{shown(path)}: {error.strerror}", remedy="run the drill as a user who may read it")


def shown(path: bytes) -> str:
    """Return a path as people read it, on one line, and no two paths alike."""
    text = path.decode("utf-8", "backslashreplace") if b"\\" not in path else _escaped(path)
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _escaped(path: bytes) -> str:
    return path.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
