"""The files of a backup: measured, hashed, made durable, removed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from backup_scripts.contract import Failed
from backup_scripts.manifest import StoredFile

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

NOT_A_FILE = -1
READ_AT_ONCE = 1 << 16
"""Bytes of a large file; a buffer from 128 KiB on has pages of its own, and reading takes twice the time."""
WORTH_SHARING = 1 << 20
"""Bytes that take one processor less time than to have others read them, which takes 5 ms."""
_AT_ONCE = 1 << 15


def sizes(directory: Path | str, *, without: str = "") -> dict[str, int]:
    """Return relative path → bytes of everything below a directory that is not itself a directory.

    What is no plain file (a symbolic link, a socket) has the size NOT_A_FILE. One name in it can be passed over.
    """
    found: dict[str, int] = {}
    _measure(str(directory), "", found, without)
    return found


def content(path: str) -> bytes:
    """Return what is in a small file. By its descriptor: a set has a hundred thousand of them."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        found = b""
        while more := os.read(descriptor, _AT_ONCE):
            found += more
        return found
    finally:
        os.close(descriptor)


def checksums(paths: Sequence[Path]) -> list[str]:
    """Return the SHA-256 of each file, read once, on all processors."""
    sizes = [path.stat().st_size for path in paths]
    if sum(sizes) - max(sizes, default=0) < WORTH_SHARING:
        return [_sha256(path) for path in paths]
    with _processors() as reading:
        return list(reading.map(_sha256, paths))


def forget(paths: Sequence[Path]) -> None:
    """Have what is read of files next come from the disk: a page that is still in memory has not rotted."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def make_durable(directory: Path, *, known: Callable[[Path], str | None] | None = None) -> tuple[StoredFile, ...]:
    """Flush everything below a directory to disk and describe its files.

    Each file of no known checksum is read once, right after it was written, while the disk is still busy with it.
    """
    everything = sorted(_walk(directory))
    paths = [path for path in everything if not _is_directory(path)]
    found = {path: sha256 for path in paths if known and (sha256 := known(path))}
    unread = [path for path in paths if path not in found]
    if sum(path.stat().st_size for path in unread) < WORTH_SHARING:
        found.update(zip(unread, checksums(unread), strict=True))
        for path in everything:
            flush(path)
    else:
        with _processors() as waiting:
            flushed = waiting.map(flush, everything)
            found.update(zip(unread, checksums(unread), strict=True))
            list(flushed)
    return tuple(StoredFile(str(path.relative_to(directory)), path.stat().st_size, found[path]) for path in paths)


def copy(original: FileIO, target: Path, *, size: int) -> None:
    """Copy the first bytes of an open file.

    Raises:
        Failed: ``changed-while-read``: it has become shorter than that.
    """
    with target.open("xb", buffering=0) as copied:
        done = 0
        while done < size and (count := os.sendfile(copied.fileno(), original.fileno(), done, size - done)):
            done += count
    if done < size:
        what = f"{original.name} ended after {done} of {size} bytes"
        raise Failed("changed-while-read", f"{what}; stop what writes there, and run it again")


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file as it is."""
    with source.open("rb", buffering=0) as original:
        copy(original, target, size=os.fstat(original.fileno()).st_size)


def flush(place: Path) -> None:
    """Have a file or a directory's entries reach the disk."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _walk(directory: Path) -> Iterator[Path]:
    for place, directories, names in os.walk(directory):
        yield from (Path(place) / name for name in directories + names)


def _measure(place: str, beginning: str, found: dict[str, int], without: str = "") -> None:
    """Note what is below a directory; one that cannot be read holds nothing. As text: a set has many such files."""
    try:
        entries = list(os.scandir(place))
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            _measure(entry.path, f"{beginning}{entry.name}/", found)
        elif entry.name != without:
            is_file = entry.is_file(follow_symlinks=False)
            found[beginning + entry.name] = entry.stat(follow_symlinks=False).st_size if is_file else NOT_A_FILE


def _is_directory(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode)


def _sha256(path: Path) -> str:
    digest, buffer = hashlib.sha256(), memoryview(bytearray(READ_AT_ONCE))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
    return digest.hexdigest()


def _processors() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor  # here, because pruning never needs it

    return ThreadPoolExecutor(len(os.sched_getaffinity(0)))
