"""What of a store's content can be read in the stored bytes of its backups by somebody who has no key.

Every file, and every object at another site, is searched as it is stored, and again after unpacking whatever it says
that it is: gzip, zstd, or a tar of such files, one in the other. What the search looks for is read from the store
itself.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from drill.errors import DrillError
from drill.evidence.attachments import attach_text
from drill.sites import Site

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
AUTOMATIC = zlib.MAX_WBITS | 32
"""Has zlib read the header that says how the rest is packed."""


@dataclass(frozen=True, slots=True, order=True)
class Legible:
    """Something that can be read: what it is, in which file, and what had to be unpacked for that."""

    what: str
    file: str
    unpacked: str

    def __str__(self) -> str:
        return f"{self.what} in {self.file}{self.unpacked and f', after {self.unpacked}'}"


@dataclass(frozen=True, slots=True)
class Search:
    """What was looked for, and where it can be read."""

    wanted: frozenset[str]
    found: tuple[Legible, ...]


def search(directory: Path, wanted: Mapping[str, bytes]) -> Search:
    """Look for content in every file below a directory, and in the files' names; show what was found in the evidence.

    Args:
        directory: of a backup set.
        wanted: content by what it is; it is looked for as it is and in hexadecimal notation.

    Raises:
        DrillError: there is nothing to search, or no tool to unpack what lies there.
    """
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    if not files:
        raise DrillError(f"{directory} holds no file", remedy="back something up first")
    return _search(((str(path.relative_to(directory)), path.read_bytes()) for path in files), wanted)


def search_site(site: Site, wanted: Mapping[str, bytes]) -> Search:
    """Look for content likewise in every object that a site holds, and in the objects' keys.

    Raises:
        DrillError: there is nothing to search, or no tool to unpack what lies there.
    """
    objects = site.contents()
    if not objects:
        raise DrillError("the site holds nothing", remedy="copy something to it first")
    return _search(objects.items(), wanted)


def _search(stored: Iterable[tuple[str, bytes]], wanted: Mapping[str, bytes]) -> Search:
    found = tuple(sorted({each for name, content in stored for each in _in_file(name, content, wanted)}))
    attach_text("what can be read without the key", "\n".join(map(str, found)) or "nothing")
    return Search(frozenset(wanted), found)


def _in_file(name: str, stored: bytes, wanted: Mapping[str, bytes]) -> Iterator[Legible]:
    for unpacked, content in (("", name.encode()), *_readings(stored)):
        lower = content.lower()
        for what, text in wanted.items():
            if text in content or text.hex().encode() in lower:
                yield Legible(what, name, unpacked)


def _readings(content: bytes, unpacked: tuple[str, ...] = ()) -> Iterator[tuple[str, bytes]]:
    """Yield the content and whatever it unpacks to; files inside a tar are read with it, unless they are packed."""
    yield ", ".join(unpacked), content
    if content.startswith(GZIP):
        yield from _readings(_gunzipped(content), (*unpacked, "gzip"))
    elif content.startswith(ZSTD):
        yield from _readings(_unzstd(content), (*unpacked, "zstd"))
    else:
        for member in _packed_members(content):
            yield from _readings(member, (*unpacked, "tar"))


def _packed_members(content: bytes) -> Iterator[bytes]:
    # What is no tar, or ends too early, has no further members.
    with suppress(tarfile.TarError), tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isreg() else None  # a link may lead anywhere
            inner = file.read() if file is not None else b""
            if inner.startswith((GZIP, ZSTD)):
                yield inner


def _gunzipped(content: bytes) -> bytes:
    """Return what can be unpacked of it: whoever looks for something reads half a file, too."""
    plain = io.BytesIO()
    while content.startswith(GZIP):
        unpacker = zlib.decompressobj(AUTOMATIC)
        try:
            plain.write(unpacker.decompress(content))
        except zlib.error:
            break
        content = unpacker.unused_data
    return plain.getvalue()


def _unzstd(content: bytes) -> bytes:
    program = shutil.which("zstd")
    if program is None:
        raise DrillError("a stored file is packed with zstd, and nothing unpacks it here", remedy="install zstd")
    return subprocess.run([program, "-dcq"], input=content, capture_output=True, check=False).stdout
