"""What a machine's disk holds, file by file, as its own find, sha256sum and getfattr tell it."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from drill.fingerprints import Fingerprint, FingerprintError
from drill.fingerprints.content import Census

ENGINE = "machine"
DISK = "/ /boot"
"""Where the partitions of the drill's machine are mounted."""
NOT_ON_DISK = ("/dev", "/proc", "/run", "/sys", "/tmp")  # noqa: S108 - the guest's, not ours
"""What the kernel makes up at every start; the disk has an empty directory there."""
OF_EACH_START = ("/var/log/wtmp", "/var/log/btmp", "/var/log/lastlog")
"""Where a machine writes down by itself that it started, and who came in."""
OF_THE_REBUILD = ("/", "/boot/grub", "/boot/ldlinux.sys", "/boot/ldlinux.c32")
"""Whose times are those of the rebuild: the boot loader is installed anew, and mke2fs dates the root directory."""
FIELDS = ("path", "type", "mode", "owner", "time", "size", "blocks", "inode", "names", "target")
OF_GRUB = tuple(f"/boot/grub/{name}" for name in ("fonts", "grubenv", "i386-pc", "locale"))
"""What grub-install puts there anew; the configuration beside it is the machine's own."""
LISTING = "find {disk} -xdev -printf '%p\\0%y\\0%m\\0%U:%G\\0%T@\\0%s\\0%b\\0%D:%i\\0%n\\0%l\\0'"
CHECKSUMS = "find {disk} -xdev -type f -print0 | xargs -0 sha256sum --zero --binary"
ATTRIBUTES = (
    "find {disk} -xdev -print0 | xargs -0 getfattr --no-dereference --dump --match=- --encoding=hex --absolute-names"
)
ESCAPED = re.compile(rb"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one path is, aspect by aspect."""

    path: str
    aspects: Mapping[str, str]


class Shell(Protocol):
    """Whatever has the files and the programs to read them."""

    def run(self, script: str) -> bytes:
        """Run a shell script there and return what it wrote."""
        ...


def fingerprint(machine: Shell, *, disk: str = DISK) -> Fingerprint:
    """Return what the machine's disk holds.

    Times are compared in whole seconds, as the tools that fill a disk keep them.

    Args:
        machine: has the files.
        disk: where its partitions are mounted.

    Raises:
        FingerprintError: it cannot be told.
    """
    listing, checksums, attributes = (
        machine.run(script.format(disk=disk)) for script in (LISTING, CHECKSUMS, ATTRIBUTES)
    )
    return counted(_entries(listing, dict(_checksums(checksums)), _attributes(attributes)))


def counted(entries: Iterable[Entry]) -> Fingerprint:
    """Return what these entries are, aspect by aspect."""
    counting: dict[str, Census] = defaultdict(Census)
    for entry in entries:
        draw = int.from_bytes(hashlib.blake2b(entry.path.encode(), digest_size=8).digest(), "big")
        for aspect, told in entry.aspects.items():
            digest = hashlib.blake2b(f"{entry.path}\0{told}".encode(), digest_size=16).digest()
            row = (f"{entry.path}: {told}", draw, int.from_bytes(digest, "big"), None)
            counting[aspect].add_all([row], named=str)
    return Fingerprint(ENGINE, facts={}, contents={aspect: census.content for aspect, census in counting.items()})


def _entries(listing: bytes, checksums: Mapping[str, str], attributes: Mapping[str, str]) -> Iterator[Entry]:
    first_of: dict[str, str] = {}
    for fact in _facts(listing):
        path = fact["path"]
        if path in NOT_ON_DISK or path in OF_EACH_START or path.startswith(OF_GRUB):
            continue
        aspects = {"types": fact["type"], "owners": fact["owner"]}
        if path not in OF_THE_REBUILD:
            aspects["times"] = fact["time"].partition(".")[0]
        if fact["type"] == "l":
            aspects["links"] = f"to {fact['target']}"
        else:
            aspects["modes"] = fact["mode"]
        if fact["type"] == "f":
            if path not in checksums:
                raise FingerprintError(f"{path} vanished while it was read", remedy="see what is at work there")
            aspects["contents"] = f"{fact['size']} bytes, SHA-256 {checksums[path]}"
            first = first_of.setdefault(fact["inode"], path)
            if int(fact["names"]) > 1 and first != path:
                aspects["links"] = f"the same file as {first}"
            if int(fact["size"]) > 1 << 16 and 2 * 512 * int(fact["blocks"]) <= int(fact["size"]):
                aspects["holes"] = "mostly holes"
        if path in attributes:
            aspects["attributes"] = attributes[path]
        yield Entry(path, aspects)


def _facts(listing: bytes) -> list[dict[str, str]]:
    words = [word.decode("utf-8", "backslashreplace") for word in listing.split(b"\0")[:-1]]
    if not words or len(words) % len(FIELDS):
        raise FingerprintError("the machine's list of files is cut off", remedy="see its console")
    found = [dict(zip(FIELDS, words[n : n + len(FIELDS)], strict=True)) for n in range(0, len(words), len(FIELDS))]
    # Sorted, so that which of a file's several names is the first is the same everywhere; a mount point comes once.
    return [fact for _, fact in sorted({fact["path"]: fact for fact in found}.items())]


def _checksums(told: bytes) -> Iterable[tuple[str, str]]:
    for line in told.split(b"\0")[:-1]:
        text = line.decode("utf-8", "backslashreplace")
        yield text[66:], text[:64]


def _attributes(told: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for block in told.split(b"\n\n"):
        name, *values = block.strip().split(b"\n")
        if values:
            path = ESCAPED.sub(lambda octal: bytes([int(octal[1], 8)]), name.removeprefix(b"# file: "))
            found[path.decode("utf-8", "backslashreplace")] = ", ".join(sorted(v.decode("ascii") for v in values))
    return found
