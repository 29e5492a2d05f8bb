"""The aspects of an entry that a restore has to bring back, each told in words."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from drill.fingerprints.files.entries import shown
from drill.fingerprints.files.hashing import Hashed

TYPES = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
}
HOLES_FROM = 1 << 16
"""Bytes; smaller files are kept whole by most file systems, whatever they hold."""
LONG = 64
"""Bytes of an attribute that are told as they are."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 10**9


def _type(hashed: Hashed) -> str:
    status = hashed[0].status
    kind = stat.S_IFMT(status.st_mode)
    if kind in TYPES:
        return TYPES[kind]
    letter = "b" if kind == stat.S_IFBLK else "c"
    return f"device {letter} {os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"


def _mode(hashed: Hashed) -> str | None:
    entry = hashed[0]
    return None if entry.is_link else f"{stat.S_IMODE(entry.status.st_mode):04o}"


def _owner(hashed: Hashed) -> str:
    status = hashed[0].status
    return f"{status.st_uid}:{status.st_gid}"


def _time(hashed: Hashed) -> str:
    seconds, fraction = divmod(hashed[0].status.st_mtime_ns, _SECOND)
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}.{fraction:09d}Z"


def _content(hashed: Hashed) -> str | None:
    entry, sha256 = hashed
    return None if sha256 is None else f"{entry.status.st_size} bytes, SHA-256 {sha256}"


def _links(hashed: Hashed) -> str | None:
    entry = hashed[0]
    told = [f"to {shown(os.readlink(entry.place))}"] if entry.is_link else []  # noqa: PTH115 - a path would be tidied up
    told += [f"the same file as {shown(entry.group)}"] if entry.group not in (None, entry.path) else []
    return ", ".join(told) or None


def _attributes(hashed: Hashed) -> str | None:
    held = hashed[0].attributes()
    return ", ".join(f"{name}={_told(held[name])}" for name in sorted(held)) or None


def _told(value: bytes) -> str:
    return value.hex() if len(value) <= LONG else f"{len(value)} bytes, SHA-256 {hashlib.sha256(value).hexdigest()}"


def _holes(hashed: Hashed) -> str | None:
    """Tell whether at least half of a file takes no room; how much exactly is the file system's business."""
    entry = hashed[0]
    size, allocated = entry.status.st_size, entry.status.st_blocks * 512
    return "mostly holes" if entry.is_file and size >= HOLES_FROM and 2 * allocated <= size else None


ASPECTS: dict[str, Callable[[Hashed], str | None]] = {
    "names": _type,
    "modes": _mode,
    "owners": _owner,
    "times": _time,
    "contents": _content,
    "links": _links,
    "attributes": _attributes,
    "holes": _holes,
}
"""What each aspect says of an entry; None where it has none to speak of."""
