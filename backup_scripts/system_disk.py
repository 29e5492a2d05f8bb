"""The disk of a machine: its partition table and what lies on each partition, described and made again.

What can be described: a table of the kind dos, each partition of which holds ext4 or FAT, started by SYSLINUX on an
active FAT partition. Everything is made with programs that work on a file as on a device and need no mount; files keep
their owners where root runs them, or fakeroot.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from backup_scripts import programs, tar
from backup_scripts.contract import Failed
from backup_scripts.programs import Finished
from backup_scripts.repository import ANOTHER
from backup_scripts.system_marks import SECTOR
from backup_scripts.system_target import Target

SIGNIFICANT = {"vfat", "ext4"}
# What is read where the BIOS starts a disk; PC-BIOS code of SYSLINUX, which starts the active partition.
BOOT_CODE = Path("/usr/lib/syslinux/mbr/mbr.bin")
PACKAGES = (
    "install e2fsprogs, dosfstools, mtools, fdisk, syslinux, syslinux-common and zstd, and fakeroot for who is not root"
)
AS_ROOT = "restore it as root: fakeroot keeps owners, and no file that has capabilities"


class Partition(NamedTuple):
    """One partition and its file system.

    ``start`` and ``size`` are in sectors of 512 bytes, ``version`` is FAT16 or the like and empty for others, ``used``
    the bytes of its files.
    """

    number: int
    start: int
    size: int
    type: str
    bootable: bool
    filesystem: str
    version: str
    uuid: str
    label: str
    mounted_on: str
    used: int

    @property
    def archive(self) -> str:
        """The name of the file that its content is stored in."""
        return f"partition-{self.number}.tar.zst"

    @property
    def offset(self) -> int:
        """Where it begins, in bytes."""
        return self.start * SECTOR


class Layout(NamedTuple):
    """The partition table of a disk: its identifier, and its partitions in order."""

    id: str
    partitions: tuple[Partition, ...]

    @property
    def bytes(self) -> int:
        """The smallest disk that holds it."""
        return max(part.start + part.size for part in self.partitions) * SECTOR

    @property
    def boot(self) -> Partition:
        """The partition that the machine starts from.

        Raises:
            StopIteration: there is none; no layout that was checked is without.
        """
        return next(part for part in self.partitions if part.bootable and part.filesystem == "vfat")

    def as_json(self) -> str:
        """Return it as text, to be kept."""
        fields = {"id": self.id, "partitions": [part._asdict() for part in self.partitions]}
        return json.dumps(fields, indent=1) + "\n"

    def script(self) -> str:
        """Return the table as sfdisk reads it."""
        lines = ["label: dos", f"label-id: {self.id}", "unit: sectors"]
        for part in self.partitions:
            active = ", bootable" if part.bootable else ""
            lines.append(f"{part.number} : start={part.start}, size={part.size}, type={part.type}{active}")
        return "\n".join(lines) + "\n"


def parse(text: str) -> Layout:
    """Read a layout that was kept.

    Raises:
        ValueError: it is none that can be made again.
    """
    try:
        fields: Mapping[str, Any] = json.loads(text)
        layout = Layout(str(fields["id"]), tuple(Partition(**part) for part in fields["partitions"]))
        end = 0
        for part in sorted(layout.partitions, key=lambda each: each.start):
            numbered = isinstance(part.number, int)  # or it could name a place elsewhere
            if not numbered or part.start < max(end, 1) or part.size < 1 or part.filesystem not in SIGNIFICANT:
                raise ValueError(f"partition {part.number} cannot be made")
            end = part.start + part.size
        _ = layout.boot
    except StopIteration:
        raise ValueError("it has no active FAT partition to start from") from None
    except (KeyError, TypeError) as error:
        raise ValueError(f"it cannot be read ({error})") from None
    return layout


def first_sector(layout: Layout, *, scratch: Path) -> bytes:
    """Return what the disk begins with: its partition table, and what is read where the BIOS starts it.

    Raises:
        Failed: ``tool-missing``, ``restore-failed``.
    """
    if not BOOT_CODE.is_file():
        raise Failed("tool-missing", f"there is no {BOOT_CODE}; {PACKAGES}")
    disk = scratch / "table"
    with disk.open("wb") as file:
        file.truncate(layout.bytes)
    _run(["sfdisk", "--quiet", str(disk)], feed=layout.script())
    found = json.loads(_run(["sfdisk", "--json", str(disk)]))["partitiontable"]
    wanted = [(part.start, part.size) for part in layout.partitions]
    if [(part["start"], part["size"]) for part in found["partitions"]] != wanted:
        raise Failed("restore-failed", f"{layout.script()!r}: sfdisk makes another table of it; {PACKAGES}")
    with disk.open("rb") as file:
        return (BOOT_CODE.read_bytes() + file.read(SECTOR)[BOOT_CODE.stat().st_size :])[:SECTOR]


def fill(disk: Target, layout: Layout, archives: Mapping[int, Path], *, scratch: Path) -> None:
    """Make every file system on the disk, then its boot loader; the first sector stays as it is.

    Raises:
        Failed: ``tool-missing``, ``disk-full``, ``restore-failed``, ``attributes-lost``; ``archive-unsafe``: an archive
            leads out of its file system.
    """
    for part in layout.partitions:
        content = scratch / str(part.number)
        content.mkdir()
        make = _make_ext4 if part.filesystem == "ext4" else _make_fat
        make(disk, part, archives[part.number], content)
    _run(["syslinux", "--install", "--offset", str(layout.boot.offset), str(disk.path)], on=disk)


def check(disk: Target, layout: Layout) -> None:
    """Check that the file systems are where they belong, and sound.

    Raises:
        Failed: ``restore-failed``.
    """
    for part in layout.partitions:
        if part.filesystem == "ext4":
            _run(["e2fsck", "-f", "-n", f"{disk.path}?offset={part.offset}"])
        else:
            _run(["minfo", "-i", f"{disk.path}@@{part.offset}", "::"])


def _make_ext4(disk: Target, part: Partition, archive: Path, content: Path) -> None:
    # Owners, and what only root may make, must outlast the unpacking until the file system has them.
    script = (
        'tar --extract --file="$1" --zstd --directory="$2" --numeric-owner --preserve-permissions --same-owner '
        '--acls --xattrs --xattrs-include="*" && '
        'mke2fs -q -F -t ext4 -U "$3" -L "$4" -E "offset=$5" -d "$2" "$6" "$7"'
    )
    as_root = [] if os.geteuid() == 0 else ["fakeroot", "--"]
    where = [str(part.offset), str(disk.path), f"{part.size * SECTOR // 1024}K"]
    _unpack(
        [*as_root, "sh", "-c", script, "sh", str(archive), str(content), part.uuid, part.label, *where],
        archive,
        on=disk,
    )


def _make_fat(disk: Target, part: Partition, archive: Path, content: Path) -> None:
    size, serial = f"{part.size * SECTOR // 1024}", part.uuid.replace("-", "")
    label = ["-n", part.label] if part.label else []
    width = part.version.removeprefix("FAT")
    _run(["mkfs.fat", "-F", width, "-i", serial, *label, "--offset", str(part.start), str(disk.path), size], on=disk)
    _unpack(["tar", "--extract", f"--file={archive}", "--zstd", f"--directory={content}", "--no-same-owner"], archive)
    _check_fat_holds(content, archive)
    entries = [str(entry) for entry in sorted(content.iterdir()) if entry.name not in {"ldlinux.sys", "ldlinux.c32"}]
    # The times of FAT have no zone; the machine reads them as UTC.
    into = ["-i", f"{disk.path}@@{part.offset}"]
    _run(["mcopy", "-s", "-m", "-Q", *into, *entries, "::/"], settings={"TZ": "UTC"}, on=disk)


def _check_fat_holds(content: Path, archive: Path) -> None:
    """Check that there are but files and directories: what copies them follows links, and reads devices.

    Raises:
        Failed: ``archive-unsafe``.
    """
    for place in content.rglob("*"):
        if not stat.S_ISREG(mode := place.lstat().st_mode) and not stat.S_ISDIR(mode):
            what = f"{place.relative_to(content)} is neither a file nor a directory, and FAT holds nothing else"
            raise Failed("archive-unsafe", f"{archive}: {what}; {ANOTHER}")


def _unpack(command: Sequence[str], archive: Path, *, on: Target | None = None) -> None:
    finished = _ended(command, on=on)
    if unsafe := tar.found_unsafe(finished):
        raise Failed("archive-unsafe", f"{archive}: {unsafe}; {ANOTHER}")  # not refused: the disk is begun
    if finished.fills_a_disk and finished.last_words.startswith("tar: "):
        raise Failed("disk-full", f"{finished.last_words}; free space in TMPDIR, or set it to a larger place")
    _check(finished)
    if lost := tar.found_lost(finished):
        raise Failed("attributes-lost", f"{archive}: {lost}; set TMPDIR to a file system that keeps what was lost")


def _run(
    command: Sequence[str], *, feed: str = "", settings: Mapping[str, str] | None = None, on: Target | None = None
) -> str:
    finished = _ended(command, feed=feed, settings=settings, on=on)
    _check(finished)
    return finished.answer


def _ended(
    command: Sequence[str], *, feed: str = "", settings: Mapping[str, str] | None = None, on: Target | None = None
) -> Finished:
    return programs.run(
        command,
        feed=feed,
        settings=settings,
        aloud=False,
        has_children=command[0] in {"sh", "fakeroot"},
        lent=(on.descriptor,) if on else (),
    )


def _check(finished: Finished) -> None:
    if finished.status != 0:
        raise finished.failure("restore-failed", AS_ROOT if finished.program == "fakeroot" else PACKAGES)
