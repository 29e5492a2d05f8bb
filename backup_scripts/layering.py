"""A tree that one archive after the other is unpacked onto, made ready for the next one.

tar watches the links that it makes itself. One that was there before it began it follows, also out of the tree; and a
directory that is there keeps the attributes that it had, which new files may inherit.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from backup_scripts.repository import writing_to

UNWRITABLE = "target-unwritable"
TAKEN = ("user.", "trusted.", "system.posix_acl_")  # and no labels, which the system gives


@contextlib.contextmanager
def links_aside(tree: Path, aside: Path) -> Iterator[None]:
    """Keep the symbolic links of a tree elsewhere and an empty file in the place of each; put back where that still is.

    Args:
        tree: its directories may be renamed meanwhile.
        aside: an empty directory of the same file system.

    Raises:
        Failed: ``disk-full``, ``target-unwritable``.
    """
    with writing_to(tree, slug=UNWRITABLE):
        kept = _set_aside(tree, aside)
    yield
    with writing_to(tree, slug=UNWRITABLE):
        _put_back(tree, kept)


def bare(tree: Path) -> None:
    """Take all attributes and access control lists from the directories, and let their owner write in them.

    What they are to have comes with tar, which is the last thing that it does: before that it writes in them.

    Raises:
        Failed: ``target-unwritable``.
    """
    with writing_to(tree, slug=UNWRITABLE):
        for directory, _ in _walk(tree):
            mode = stat.S_IMODE(directory.stat().st_mode)
            if mode & stat.S_IRWXU != stat.S_IRWXU:
                directory.chmod(mode | stat.S_IRWXU)
            if names := [name for name in _attributes(directory) if name.startswith(TAKEN)]:
                with _unchanged(directory):
                    for name in names:
                        os.removexattr(directory, name)


def _set_aside(tree: Path, aside: Path) -> dict[tuple[str, int], Path]:
    """Return the name and the inode of each stand-in, with the place where its link is now."""
    kept: dict[tuple[str, int], Path] = {}
    for directory, entries in _walk(tree):
        if links := [directory / entry.name for entry in entries if entry.is_symlink()]:
            with _unchanged(directory):
                for link in links:
                    stand_in = aside / f"{len(kept)}.stand-in"
                    stand_in.touch(exist_ok=False)
                    place = link.rename(aside / f"{len(kept)}")
                    link.hardlink_to(stand_in)  # with two names, its inode is nobody else's even if tar removes one
                    kept[link.name, stand_in.stat().st_ino] = place
    return kept


def _put_back(tree: Path, kept: dict[tuple[str, int], Path]) -> None:
    names = {name for name, _ in kept}
    for directory, entries in _walk(tree):
        if found := [entry for entry in entries if entry.name in names]:
            with _unchanged(directory):
                for entry in found:
                    if link := kept.get((entry.name, entry.stat(follow_symlinks=False).st_ino)):
                        link.rename(entry.path)


def _walk(tree: Path) -> Iterator[tuple[Path, list[os.DirEntry[str]]]]:
    """Yield each directory with all in it that are none."""
    waiting = [str(tree)]
    while waiting:
        directory = waiting.pop()
        with os.scandir(directory) as found:
            entries = list(found)
        waiting += [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        yield Path(directory), [entry for entry in entries if not entry.is_dir(follow_symlinks=False)]


@contextlib.contextmanager
def _unchanged(directory: Path) -> Iterator[None]:
    """Have a directory be writable for its owner, and afterwards have the mode and the times that it had."""
    status = directory.stat()
    mode = stat.S_IMODE(status.st_mode)
    directory.chmod(mode | stat.S_IRWXU)
    yield
    directory.chmod(mode)
    os.utime(directory, ns=(status.st_atime_ns, status.st_mtime_ns))


def _attributes(directory: Path) -> list[str]:
    try:
        return os.listxattr(directory)
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return []
        raise
