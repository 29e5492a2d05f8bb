"""The application's log: a line at a time, in files that a rotation renames and packs."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

from drill.datasets.host.system import LOG, REOPENING

LINE = re.compile(rb"^ledger (\d+)$", re.MULTILINE)


class Log:
    """The log as a daemon writes it: opened once, and again where a rotation asks for that.

    What is written between a rotation and its asking goes into the file that was renamed, or packed, or removed.
    """

    def __init__(self, root: Path) -> None:
        """Open the log of a host.

        Raises:
            FileNotFoundError: the host is lost.
        """
        self._root = root
        self._disk = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        self._asked = self._last_asked()
        self._file = self._opened()
        self._closed = False

    def write(self, number: int) -> None:
        """Write one line of the ledger; it is acknowledged when this returns.

        Raises:
            FileNotFoundError: the host is lost, also where that is noticed after the line was written.
        """
        if (asked := self._last_asked()) != self._asked:
            reopened = self._opened()
            os.close(self._file)
            self._file, self._asked = reopened, asked
        os.write(self._file, f"ledger {number}\n".encode())
        # A file that is open can be written to when its disk has long been lost.
        if not os.path.samestat(os.fstat(self._disk), self._root.stat()):
            raise FileNotFoundError(f"{self._root} is another disk")

    def close(self) -> None:
        """Stop writing, if that has not been done."""
        if not self._closed:
            self._closed = True
            os.close(self._file)
            os.close(self._disk)

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self) -> int:
        return os.open(self._root / LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)

    def _last_asked(self) -> int:
        """Return when it was last asked to open its file again, in nanoseconds; 0: never."""
        try:
            return (self._root / REOPENING).stat().st_mtime_ns
        except FileNotFoundError:
            return 0


def logged(root: Path) -> set[int]:
    """Return the numbers of the ledger's lines that are there, whole, in the log and in what rotations left of it."""
    found = sorted((root / LOG).parent.glob(f"{Path(LOG).name}*"))
    return {int(each[1]) for path in found for each in LINE.finditer(_content(path))}


def _content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
