"""A machine's disk read as it lies there, nothing started or mounted: its partitions, and the files on them."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drill.commands.search_path import system_path
from drill.errors import DrillError
from drill.fingerprints import Fingerprint
from drill.machines import files
from drill.machines.files import Entry

SECTOR = 512
MOUNTED_ON = {"ext4": "/", "vfat": "/boot"}
"""Where the drill's machine has its file systems."""
_TYPES = {stat.S_IFREG: "f", stat.S_IFDIR: "d", stat.S_IFLNK: "l", stat.S_IFIFO: "p", stat.S_IFSOCK: "s"}
"""As find tells them."""


class DiskError(DrillError):
    """A disk cannot be read: what is on it is no partition table, or no file system."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition: where it begins in bytes, whether the BIOS starts from it, and its file system; empty for none."""

    offset: int
    active: bool
    filesystem: str
    uuid: str


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk, and copies of the files on it.

    Attributes:
        file: the disk itself.
        partitions: in the order of the table.
        copies: by the kind of file system, the directory that has its files.
    """

    file: Path
    partitions: tuple[Partition, ...]
    copies: dict[str, Path]

    @classmethod
    @contextmanager
    def unpacked(cls, file: Path) -> Iterator[Disk]:
        """Read a disk; the copies go with the block.

        Raises:
            DiskError: it cannot be read.
        """
        partitions = tuple(_partitions(file))
        with tempfile.TemporaryDirectory(prefix="disk-") as place:
            copies = {}
            for part in partitions:
                if part.filesystem in MOUNTED_ON:
                    copies[part.filesystem] = Path(place) / str(part.offset)
                    copies[part.filesystem].mkdir()
                    _unpack(file, part, copies[part.filesystem])
            yield cls(file, partitions, copies)

    @property
    def is_laid_out_as_drilled(self) -> bool:
        """Whether it has the file systems of the drill's machine and no others, so that each file's place is known."""
        kinds = [part.filesystem for part in self.partitions if part.filesystem not in ("", "swap")]
        return sorted(kinds) == sorted(MOUNTED_ON)

    def read(self, offset: int, size: int) -> bytes:
        """Return bytes of the disk."""
        with self.file.open("rb") as file:
            file.seek(offset)
            return file.read(size)

    def fingerprint(self) -> Fingerprint:
        """Return what files there are and what is in them; the rest shows once the machine runs."""
        return files.counted(
            entry for kind, copy in self.copies.items() for entry in _entries(copy, mounted_on=MOUNTED_ON[kind])
        )

    def flaws(self, part: Partition) -> str:
        """Return what is wrong with the structure of a partition's file system; empty where it is sound."""
        if part.filesystem != "ext4":
            return ""
        done = _run(["e2fsck", "-f", "-n", f"{self.file}?offset={part.offset}"])
        return "" if done.returncode == 0 else done.stdout.strip()


def _partitions(disk: Path) -> Iterator[Partition]:
    listed = _run(["sfdisk", "--json", str(disk)])
    if listed.returncode != 0:
        raise DiskError("it has no partition table", remedy="have the restore lay the disk out")
    for part in json.loads(listed.stdout)["partitiontable"].get("partitions", []):
        offset = int(part["start"]) * SECTOR
        told = _run(["blkid", "-p", "-o", "export", "--offset", str(offset), str(disk)]).stdout
        facts = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
        yield Partition(offset, bool(part.get("bootable")), facts.get("TYPE", ""), facts.get("UUID", ""))


def _unpack(disk: Path, part: Partition, place: Path) -> None:
    if part.filesystem == "ext4":
        done = _run(["debugfs", "-R", f'rdump / "{place}"', f"{disk}?offset={part.offset}"])
    else:
        done = _run(["mcopy", "-s", "-n", "-Q", "-i", f"{disk}@@{part.offset}", "::/", f"{place}/"])
    if done.returncode != 0 or not any(place.iterdir()):
        said = (done.stderr or done.stdout).strip()[-400:]
        raise DiskError(
            f"the files of its {part.filesystem} cannot be read: {said}", remedy="look what the restore has written"
        )


def _entries(copy: Path, *, mounted_on: str) -> Iterator[Entry]:
    for path, place in [(mounted_on, copy), *_beneath(copy, mounted_on.rstrip("/"))]:
        kind = _TYPES.get(stat.S_IFMT(place.lstat().st_mode), "?")
        aspects = {"types": kind}
        if kind == "f":
            with place.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            aspects["contents"] = f"{place.lstat().st_size} bytes, SHA-256 {digest}"
        yield Entry(path, aspects)


def _beneath(directory: Path, path: str) -> Iterator[tuple[str, Path]]:
    for entry in sorted(os.scandir(directory), key=lambda each: each.name):
        name = os.fsencode(entry.name).decode("utf-8", "backslashreplace")
        below = f"{path}/{name}"
        # Where another file system is mounted once the machine runs, nothing below can be compared.
        if below in (*files.NOT_ON_DISK, MOUNTED_ON["vfat"], *files.OF_EACH_START):
            continue
        yield below, Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _beneath(Path(entry.path), below)


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": system_path(), "LC_ALL": "C"}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    said = (done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
    return subprocess.CompletedProcess(command, done.returncode, *said)
