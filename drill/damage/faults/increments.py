"""Faults of how increments of a server were taken: what they build on, and what they do not bring."""

from __future__ import annotations

import re
import shutil
import struct
from collections.abc import Callable, Mapping

from drill.backups.catalogue import StoredBackup
from drill.damage.faults.fault import Fault, Injection, Scene
from drill.damage.faults.physical import BELOW, BROKEN
from drill.damage.links import Change, rewrite
from drill.damage.victims import CHAIN
from drill.errors import DrillError
from drill.recoveries.moments import BACKUP_END

LABEL = "backup_label"
BLOCK = 8192
CHECKSUM = slice(8, 10)
"""Where a page keeps its checksum (PageHeaderData in storage/bufpage.h)."""
HEADER = struct.Struct("=3I")
"""What a file of changed blocks begins with: a magic number, how many blocks, how long its file was at least."""
FIRST_OF_USERS = 16384
_TABLE = re.compile(r"base/\d+/(?P<increment>INCREMENTAL\.)?(?P<number>\d+)")


def _rewritten(choose: Callable[[Scene], StoredBackup], change: Change) -> Injection:
    return lambda scene: rewrite(choose(scene), change)


def _somebodys(files: Mapping[str, bytes], *, increments: bool) -> dict[str, bytes]:
    """Return the files of tables and indexes that are somebody's, or of what has changed of them."""
    found = {name: told for name in files if (told := _TABLE.fullmatch(name))}
    return {
        name: files[name]
        for name, told in found.items()
        if int(told["number"]) >= FIRST_OF_USERS and bool(told["increment"]) == increments
    }


def _without_checksums(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return every table as a server writes it that keeps no checksums."""
    return {name: _unchecked(content) for name, content in _somebodys(files, increments=False).items()}


def _unchecked(content: bytes) -> bytes:
    pages = bytearray(content)
    for start in range(0, len(pages), BLOCK):
        pages[start + CHECKSUM.start : start + CHECKSUM.stop] = bytes(CHECKSUM.stop - CHECKSUM.start)
    return bytes(pages)


def _missing_pages(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return the largest file of changed blocks without any, as a tool makes it that has overlooked the changes.

    Raises:
        DrillError: nothing has changed.
    """
    changed = {
        name: content for name, content in _somebodys(files, increments=True).items() if HEADER.unpack_from(content)[1]
    }
    if not changed:
        raise DrillError("this increment brings no block", remedy="write to the source between the backups")
    name, content = max(changed.items(), key=lambda each: len(each[1]))
    magic, _, length = HEADER.unpack_from(content)
    return {name: HEADER.pack(magic, 0, length)}


def _of_another_timeline(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return the label of an increment that was taken on a server which has been promoted since its parent was.

    Raises:
        DrillError: it is of no increment.
    """
    label = re.sub(rb"(?m)^(INCREMENTAL FROM TLI: )1$", rb"\g<1>2", files[LABEL])
    if label == files[LABEL]:
        raise DrillError("this backup is no increment of timeline 1", remedy="hit an increment")
    return {LABEL: label}


def _never_taken(scene: Scene) -> None:
    shutil.rmtree(scene.last.directory)


FAULTS = tuple(
    Fault(name, CHAIN, what, inject, found, moment=BACKUP_END)
    for name, what, inject, found in (
        (
            "CHAIN-CHECKSUMS-TOGGLED",
            "checksums of pages were switched on after the full backup, and its pages have none",
            _rewritten(lambda scene: scene.first, _without_checksums),
            BROKEN | BELOW,
        ),
        (
            "CHAIN-OF-ANOTHER-TIMELINE",
            "the increment was taken on the promoted replica, and its parent on the old primary",
            _rewritten(lambda scene: scene.last, _of_another_timeline),
            BROKEN | BELOW,
        ),
        (
            "CHAIN-PAGES-MISSED",
            "the tool has overlooked pages that had changed, and every checksum fits",
            _rewritten(lambda scene: scene.last, _missing_pages),
            BELOW,
        ),
        (
            "CHAIN-INCREMENT-NEVER-TAKEN",
            "the summaries of the log were removed, the increment failed, and an older one passes for the newest",
            _never_taken,
            frozenset({"BACKUP-LOST"}),
        ),
    )
)
