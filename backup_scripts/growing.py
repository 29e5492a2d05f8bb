"""Files that are hashed and brought to the disk while a program writes them, so that little is left when it has ended.

For programs that write a file from its beginning to its end. The last megabyte is read only when they have ended,
because they may take some of it back: `redis-cli --rdb` does so with the mark that a server ends its copy with.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

from backup_scripts.files import READ_AT_ONCE

TAKEN_BACK_AT_MOST = 1 << 20
"""Bytes of a file that is still being written that are left for the end."""
FLUSHED_AT_ONCE = 8 << 20
"""Bytes after which what was read is brought to the disk, which writes meanwhile what else would wait for the end."""
PAUSE_SECONDS = 0.02


class Growing:
    """The files of a directory whose names fit a pattern, while a program writes them."""

    def __init__(self, directory: Path, names: str) -> None:
        self._directory = directory
        self._names = re.compile(names)
        self._files: dict[str, _File] = {}

    @contextlib.contextmanager
    def followed(self) -> Iterator[None]:
        """Hash what is written until this is left, which is when the program has ended."""
        ended, given_up = threading.Event(), threading.Event()
        following = threading.Thread(target=self._follow, args=(ended, given_up), daemon=True)
        following.start()
        try:
            yield
        except BaseException:
            given_up.set()
            raise
        finally:
            ended.set()
            following.join()
            for file in self._files.values():
                file.close()

    def sha256(self, path: Path) -> str | None:
        """Return the checksum of a whole file; None where it was not followed, or is not what was read.

        Raises:
            OSError: it did not get to the disk. The system says so once, so nobody else would learn of it.
        """
        file = self._files.get(path.name) if path.parent == self._directory else None
        return file.sha256 if file and file.is_all_of(path) else None

    def _follow(self, ended: threading.Event, given_up: threading.Event) -> None:
        at_end = False
        while not at_end:
            at_end = ended.wait(PAUSE_SECONDS)
            for path in self._directory.iterdir():
                if self._names.fullmatch(path.name):
                    self._read_on(path, given_up, without=0 if at_end else TAKEN_BACK_AT_MOST)

    def _read_on(self, path: Path, given_up: threading.Event, *, without: int) -> None:
        with contextlib.suppress(OSError):  # whoever reads the whole file then tells what is wrong
            if path.name not in self._files:
                self._files[path.name] = _File(path)
            self._files[path.name].read_on(given_up, without=without)


class _File:
    """How far one file has been read."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self._status = os.fstat(self._file.fileno())
        self._digest, self._buffer = hashlib.sha256(), memoryview(bytearray(READ_AT_ONCE))
        self._read = self._flushed = 0
        self._lost: OSError | None = None

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def read_on(self, given_up: threading.Event, *, without: int) -> None:
        """Read what there is, but for so many bytes of its end."""
        left = os.fstat(self._file.fileno()).st_size - without - self._read
        while left > 0 and not given_up.is_set() and (count := self._file.readinto(self._buffer[:left])):
            self._digest.update(self._buffer[:count])
            self._read += count
            left -= count
            if self._read - self._flushed >= FLUSHED_AT_ONCE and not self._lost:
                self._flush()

    def _flush(self) -> None:
        try:
            os.fdatasync(self._file.fileno())
        except OSError as error:
            self._lost = error
        self._flushed = self._read

    def is_all_of(self, path: Path) -> bool:
        """Tell whether this is the file of that name, and all of it has been read, and no more.

        Raises:
            OSError: it did not get to the disk.
        """
        if self._lost:
            raise self._lost
        status = path.stat()
        return os.path.samestat(status, self._status) and status.st_size == self._read

    def close(self) -> None:
        self._file.close()
