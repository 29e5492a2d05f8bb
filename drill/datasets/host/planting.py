"""Making files with exactly the owners, modes, times and attributes that they should have."""

from __future__ import annotations

import errno
import os
import random
import struct
from pathlib import Path

AS_ROOT = os.geteuid() == 0
NO_OWNERS = "owners (only root gives files to others)"
NO_CLOSED = "a file that nobody may read (only root backs it up)"
OWNERS = {"root": (0, 0), "an": (1001, 1001), "bình": (1002, 1002), "counting": (998, 998), "shadow": (0, 42)}
"""Users of the host and their main groups; "shadow" is what only root and that group may read."""
_LATEST = 1_767_225_600 * 10**9
_YEAR = 365 * 86_400 * 10**9
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY = 0xFFFFFFFF


class Planting:
    """Makes the files of one tree; the same draws give the same tree.

    Owners are given only where we are root, and what the file system cannot keep stays away: ``missing`` names it.
    """

    def __init__(self, root: Path, draw: random.Random) -> None:
        self.root = root
        self.draw = draw
        self.missing: list[str] = [] if AS_ROOT else [NO_OWNERS, NO_CLOSED]
        self._made: list[Path] = []

    def directory(self, path: str, *, owner: str = "root", mode: int = 0o755) -> None:
        """Make a directory, or take the one that is there; and those above it where they are not there."""
        place = self.root / path
        for part in reversed(place.parents):
            if part.is_relative_to(self.root) and not part.exists():
                self._make(part, owner="root", mode=0o755)
        self._make(place, owner=owner, mode=mode)

    def file(self, path: str | bytes, content: bytes | str, *, owner: str = "root", mode: int = 0o644) -> Path:
        """Make a file; its directory is there."""
        place = self.root / os.fsdecode(path)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        self._settle(place, owner=owner, mode=mode)
        return place

    def closed(self, path: str, *, owner: str) -> None:
        """Make an empty file that not even its owner may read; only root can back one up."""
        self.file(path, b"", owner=owner, mode=0o000 if AS_ROOT else 0o400)

    def sparse(self, path: str, size: int, *, owner: str) -> None:
        """Make a file of that many bytes with a little at its beginning, middle and end, and holes between."""
        place = self.root / path
        with place.open("wb") as file:
            for offset in (0, size // 2, size - 4096):
                file.seek(offset)
                file.write(self.draw.randbytes(4096))
        self._settle(place, owner=owner, mode=0o640)

    def link(self, path: str, target: str, *, owner: str = "root") -> None:
        """Make a symbolic link."""
        place = self.root / path
        place.symlink_to(target)
        self._settle(place, owner=owner, mode=None)

    def same(self, path: str, existing: str) -> None:
        """Give a file a second name."""
        (self.root / path).hardlink_to(self.root / existing)

    def pipe(self, path: str, *, owner: str) -> None:
        """Make a named pipe."""
        place = self.root / path
        os.mkfifo(place)
        self._settle(place, owner=owner, mode=0o620)

    def attribute(self, path: str, name: str, value: bytes) -> None:
        """Give a file an extended attribute, where user and file system allow it."""
        try:
            os.setxattr(self.root / path, name, value)
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.EPERM):
                raise
            self.missing.append(f"{name} ({error.strerror})")

    def access(self, path: str, *, user: int, mode: int) -> None:
        """Let one more user at a file, by an access control list (acl(5); the layout is that of the kernel)."""
        entries = [(_USER_OBJ, 6, _NOBODY), (_USER, mode, user), (_GROUP_OBJ, 4, _NOBODY), (_MASK, 6, _NOBODY)]
        packed = b"".join(struct.pack("<HHI", *entry) for entry in [*entries, (_OTHER, 0, _NOBODY)])
        self.attribute(path, "system.posix_acl_access", struct.pack("<I", 2) + packed)

    def capability(self, path: str) -> None:
        """Let a program use ports below 1024 (capabilities(7), version 2, effective; cap_net_bind_service is 10)."""
        self.attribute(path, "security.capability", struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0))

    def date(self) -> None:
        """Give everything that was made a time of its own, to the nanosecond; the last thing to do."""
        for place in sorted(self._made, key=lambda path: len(path.parts), reverse=True):
            moment = _LATEST - self.draw.randrange(_YEAR)
            os.utime(place, ns=(moment, moment), follow_symlinks=False)

    def _make(self, place: Path, *, owner: str, mode: int) -> None:
        place.mkdir(exist_ok=True)
        self._settle(place, owner=owner, mode=mode)

    def _settle(self, place: Path, *, owner: str, mode: int | None) -> None:
        if AS_ROOT:
            os.chown(place, *OWNERS[owner], follow_symlinks=False)
        if mode is not None:
            place.chmod(mode)
        self._made.append(place)
