"""Examines one backup: its manifest, its files, its times.

Of these there may be a hundred thousand, to be told within seconds: paths are text here, and a time is read once.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from datetime import UTC, datetime, timedelta

from drill.backups import catalogue
from drill.backups.catalogue import MANIFEST, SCHEMA, CatalogueError, Manifest
from drill.inventory.entry import Entry

_ID = re.compile(r"(\d{8}T\d{6}(?:\.\d{1,6})?)Z-(\w+)")
_SECOND = timedelta(seconds=1)


def examine(home: str, name: str, *, now: datetime, hashing: bool) -> tuple[Entry, Manifest | None]:
    """Return what a directory of a set holds, with everything that does not hold.

    Args:
        home: the set's directory.
        name: the backup's directory in it, which is its id.
        now: no backup can be of a later time.
        hashing: read every file, the manifest too, and compare checksums.
    """
    entry = Entry(name)
    directory = f"{home}/{name}"
    manifest = _manifest(directory, home.rpartition("/")[2], entry, hashing=hashing)
    if manifest is None:
        return entry, None
    entry.kind, entry.parent = manifest.kind, manifest.parent
    entry.started, entry.finished = manifest.started, manifest.finished
    entry.tier, entry.retain_until = manifest.tier, manifest.retain_until
    entry.files, entry.stored_bytes = len(manifest.files), manifest.stored_bytes
    entry.source_bytes = manifest.source_bytes
    _times(entry, manifest, now)
    _files(directory, entry, manifest, hashing=hashing)
    return entry, manifest


def _manifest(directory: str, set_name: str, entry: Entry, *, hashing: bool) -> Manifest | None:
    try:
        with open(f"{directory}/{MANIFEST}", "rb", buffering=0, opener=_as_it_is) as file:
            text = file.readall()
    except FileNotFoundError:
        entry.flaw("manifest-missing", "it has no manifest, so it is no backup")
        return None
    except OSError as error:
        entry.flaw("manifest-invalid", f"its manifest cannot be read ({error.strerror})")
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


def _as_it_is(path: str, flags: int) -> int:
    """Open no link, which may lead to what never ends, and wait for nobody who would write into a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


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
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def _files(directory: str, entry: Entry, manifest: Manifest, *, hashing: bool) -> None:
    there = _sizes(directory)
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


def _sizes(directory: str, below: str = "") -> dict[str, int | None]:
    """Return every file with its size; what is no regular file has none."""
    found: dict[str, int | None] = {}
    with os.scandir(directory) as places:
        for each in places:
            if each.is_dir(follow_symlinks=False):
                found |= _sizes(each.path, f"{below}{each.name}/")
            elif each.name != MANIFEST or below:
                status = each.stat(follow_symlinks=False)
                found[below + each.name] = status.st_size if stat.S_ISREG(status.st_mode) else None
    return found


def _sha256(path: str) -> str | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - see above
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
