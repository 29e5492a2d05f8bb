"""What keeps a machine from starting, as far as its disk shows it before anything is started.

A disk without obstacles may still start nothing; only starting it proves that it does. But one with an obstacle need
not be waited for. What is laid out or started in another way than the drill's machine is not accused: it is started.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from drill.machines.disk import SECTOR, Disk

BOOT_CODE = 440
"""So many bytes at the beginning of a disk are run by a BIOS."""
LOADER = b"SYSLINUX"
OTHER_LOADERS = (b"GRUB", b"EXTLINUX")
"""They start what lies elsewhere, the first of them whatever partition is active."""
LOADER_FILES = ("ldlinux.sys", "ldlinux.c32")
CONFIGURATION = "syslinux.cfg"
KERNEL_MAGIC = (0x202, b"HdrS")
"""Where each kernel of this kind has it, by its boot protocol (Documentation/arch/x86/boot.rst)."""
INIT = ("sbin/init", "usr/sbin/init")
FILE_SYSTEMS = "etc/fstab"


def obstacles(disk: Disk) -> Iterator[str]:
    """Tell what keeps a machine from starting from this disk as itself."""
    code = disk.read(0, BOOT_CODE)
    if not any(code):
        yield "its first sector has no boot code"
    if not any(part.filesystem for part in disk.partitions):
        yield "none of its partitions has a file system"
    if disk.is_laid_out_as_drilled and not any(loader in code for loader in OTHER_LOADERS):
        known = {part.uuid.casefold() for part in disk.partitions if part.uuid}
        yield from _loader(disk, known)
        yield from _root(disk.copies["ext4"], known)
    for part in disk.partitions:
        if flaws := disk.flaws(part):
            yield f"its {part.filesystem} at {part.offset} is not sound: {flaws.splitlines()[-1]}"


def _loader(disk: Disk, known: set[str]) -> Iterator[str]:
    active = [part for part in disk.partitions if part.active]
    if len(active) != 1:
        yield f"{len(active)} of its partitions are active, and a BIOS starts from one"
    for part in active:
        begins = disk.read(part.offset, SECTOR)
        if any(loader in begins for loader in OTHER_LOADERS):
            return
        boot = disk.copies["vfat"]
        if part.filesystem != "vfat" or LOADER not in begins:
            yield "its active partition has no boot loader"
        elif missing := [name for name in LOADER_FILES if not _has(boot, name)]:
            yield f"its boot loader lacks {' and '.join(missing)}"
        yield from _kernel(boot, known)


def _kernel(boot: Path, known: set[str]) -> Iterator[str]:
    if not _has(boot, CONFIGURATION):
        yield f"its boot loader has no {CONFIGURATION}"
        return
    told = _told((boot / CONFIGURATION).read_text("utf-8", "replace"))
    kernel, initial = told.get("KERNEL", "").lstrip("/"), told.get("INITRD", "").lstrip("/")
    if not _has(boot, kernel):
        yield f"there is no kernel {kernel}, which its boot loader starts"
    else:
        at, magic = KERNEL_MAGIC
        with (boot / kernel).open("rb") as file:
            file.seek(at)
            if file.read(len(magic)) != magic:
                yield f"{kernel} is no kernel"
    if initial and not _has(boot, initial):
        yield f"there is no {initial}, which its kernel starts with"
    root = re.search(r"\broot=UUID=(\S+)", told.get("APPEND", ""))
    if root and root[1].casefold() not in known:
        yield f"its kernel looks for the root {root[1]}, and the disk has no such file system"


def _root(root: Path, known: set[str]) -> Iterator[str]:
    if not any(_has(root, path) for path in INIT):
        yield f"its root has no {INIT[0]}"
    if not _has(root, FILE_SYSTEMS):
        yield f"its root has no {FILE_SYSTEMS}"
        return
    lines = [line.split() for line in (root / FILE_SYSTEMS).read_text("utf-8", "replace").splitlines()]
    for source, place in (words[:2] for words in lines if len(words) > 1 and not words[0].startswith("#")):
        if source.startswith("UUID=") and source.removeprefix("UUID=").casefold() not in known:
            yield f"{FILE_SYSTEMS} has {source} at {place}, and the disk has no such file system"


def _told(configuration: str) -> Mapping[str, str]:
    """Return what the configuration says of the entry that it starts by itself."""
    told: dict[str, str] = {}
    default, label = "", ""
    for line in configuration.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word.upper() == "DEFAULT":
            default = rest.strip()
        elif word.upper() == "LABEL":
            label = rest.strip()
        elif label == default:
            told[word.upper()] = rest.strip()
    return told


def _has(directory: Path, path: str) -> bool:
    """Tell whether there is a file with something in it; a link that leads out of the copy leads to none."""
    place = (directory / path).resolve()
    return place.is_relative_to(directory.resolve()) and place.is_file() and place.stat().st_size > 0
