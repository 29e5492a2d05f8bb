"""Examines backups, each by itself: its manifest, its files, its times.

Of these there may be a hundred thousand, to be told within seconds: paths are text here, a time is read once, and some
are looked at together.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from drill.backups import catalogue
from drill.backups.catalogue import MANIFEST, SCHEMA, CatalogueError, Manifest
from drill.inventory.entry import Entry

TOGETHER = 32
"""So many are read before the first of them is judged: one by one, the system's work and ours drive each other out of
the processor's caches, which took a tenth of the time and more.
"""

_ID = re.compile(r"(\d{8}T\d{6}(?:\.\d{1,6})?Z)-(\w+)")
_AT_ONCE = 1 << 15
_SECOND = timedelta(seconds=1)

T = TypeVar("T")
Sizes = dict[str, int | None]


def examine(
    home: str, names: Sequence[str], *, now: datetime, hashing: bool
) -> Iterator[tuple[Entry, Manifest | None]]:
    """Yield what directories of a set hold, each with everything that does not hold.

    Args:
        home: the set's directory.
        names: the backups' directories in it, which are their ids.
        now: no backup can be of a later time.
        hashing: read every file, the manifest too, and compare checksums.
    """
    for first in range(0, len(names), TOGETHER):
        some = names[first : first + TOGETHER]
        # The manifests last: of what is removed meanwhile there is none, and nothing else of it matters.
        listed = [_tried(_sizes, f"{home}/{name}") for name in some]
        texts = [_tried(_content, f"{home}/{name}/{MANIFEST}") for name in some]
        for name, there, text in zip(some, listed, texts, strict=True):
            entry = Entry(name)
            manifest = _manifest(text, home.rpartition("/")[2], entry, hashing=hashing)
            if manifest is not None:
                if isinstance(there, OSError):
                    raise there
                _note(entry, manifest)
                _times(entry, manifest, now)
                _files(f"{home}/{name}", there, entry, manifest, hashing=hashing)
            yield entry, manifest


def _tried(read: Callable[[str], T], place: str) -> T | OSError:
    """Return what is read of a place, or why it cannot be: what that means is for the judgement."""
    try:
        return read(place)
    except OSError as error:
        return error


def _note(entry: Entry, manifest: Manifest) -> None:
    entry.kind, entry.parent = manifest.kind, manifest.parent
    entry.started, entry.finished = manifest.started, manifest.finished
    entry.tier, entry.retain_until = manifest.tier, manifest.retain_until
    entry.files, entry.stored_bytes = len(manifest.files), manifest.stored_bytes
    entry.source_bytes = manifest.source_bytes


def _manifest(text: bytes | OSError, set_name: str, entry: Entry, *, hashing: bool) -> Manifest | None:
    if isinstance(text, FileNotFoundError):
        entry.flaw("manifest-missing", "it has no manifest, so it is no backup")
        return None
    if isinstance(text, OSError):
        entry.flaw("manifest-invalid", f"its manifest cannot be read ({text.strerror})")
        return None
    try:
        manifest = catalogue.parse(text)
    except CatalogueError as error:
        entry.flaw("manifest-invalid", error.what)
        return None
    if (manifest.schema_version, manifest.set, manifest.id) != (SCHEMA, set_name, entry.id):
        claimed = f"{manifest.set}/{manifest.id}, schema {manifest.schema_version}"
        entry.flaw("manifest-foreign", f"its manifest is of {claimed}")
        return None
    if hashing and not vouches_for_itself(text):
        entry.flaw("manifest-altered", "its manifest does not have the checksum that it names")
    return manifest


def vouches_for_itself(text: bytes) -> bool:
    """Return whether a manifest has the checksum that it names; one that names none is not judged.

    Fields that nobody here reads may hold what Python does not take for JSON, as a number of five thousand digits.
    """
    try:
        fields = json.loads(text)
    except ValueError:
        return False
    stated = fields.pop("manifest_sha256", None)
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    return stated is None or stated == hashlib.sha256(canonical).hexdigest()


def _times(entry: Entry, manifest: Manifest, now: datetime) -> None:
    if manifest.finished > now:
        entry.flaw("time-ahead", f"it finished at {manifest.finished:%Y-%m-%d %H:%M %Z}, which is still to come")
    if manifest.retain_until and manifest.retain_until < manifest.finished:
        entry.flaw("term-over-at-once", "it is promised until a time before it was finished")
    named = _ID.fullmatch(entry.id)
    if named is None:
        return
    at = _id_time(named[1])
    if at is None or not manifest.started - _SECOND <= at <= manifest.finished + _SECOND:
        entry.flaw("time-differs", f"its name is not of a time from {manifest.started} to {manifest.finished}")
    if named[2] != manifest.kind:
        entry.flaw("kind-differs", f"its name says {named[2]} and its manifest {manifest.kind}")


def _id_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _files(directory: str, there: Sizes, entry: Entry, manifest: Manifest, *, hashing: bool) -> None:
    total = 0
    for file in manifest.files:
        total += file.size
        size = there.pop(file.path, None)
        if size == file.size:
            if hashing and (found := _sha256(f"{directory}/{file.path}")) != file.sha256:
                entry.flaw("checksum-differs", f"{file.path}: {found or 'cannot be read'}")
        elif size is None:
            entry.flaw("file-missing", f"{file.path} is not there")
        else:
            entry.flaw("size-differs", f"{file.path} has {size} bytes instead of {file.size}")
    for path in there:
        entry.flaw("file-unlisted", f"{path} is not in its manifest")
    if total != manifest.stored_bytes:
        entry.flaw("sum-differs", f"its files have {total} bytes, its manifest says {manifest.stored_bytes}")


def _content(path: str) -> bytes:
    """Return what is in a small file, by its descriptor: a file object asks for twice as much of the system.

    No link is followed, which may lead to what never ends, and nobody waited for who would write into a pipe.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        found = b""
        while more := os.read(descriptor, _AT_ONCE):
            found += more
        return found
    finally:
        os.close(descriptor)


def _sizes(directory: str, below: str = "") -> Sizes:
    """Return every file with its size; what is no regular file has none."""
    found: Sizes = {}
    with os.scandir(directory) as places:
        for each in places:
            if each.is_dir(follow_symlinks=False):
                found |= _sizes(each.path, f"{below}{each.name}/")
            elif below or each.name != MANIFEST:
                is_file = each.is_file(follow_symlinks=False)
                found[below + each.name] = each.stat(follow_symlinks=False).st_size if is_file else None
    return found


def _sha256(path: str) -> str | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - see above
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
