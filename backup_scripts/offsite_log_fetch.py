"""Fetching the write-ahead log from the off-site storage: what a recovery from one backup may need of it."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from backup_scripts import files, offsite_stream, postgres_lsn, wal_index
from backup_scripts.contract import Refused, say
from backup_scripts.manifest import Manifest
from backup_scripts.offsite import AGAIN, Site
from backup_scripts.postgres_lsn import Numbering
from backup_scripts.programs import Owner
from backup_scripts.repository import BackupSet, writing_to

LANES = 4
HISTORY = ".history"


def fetch(home: BackupSet, site: Site, backup: Manifest) -> int:
    """Have the segments from a backup's beginning on in the set, and the histories of all timelines; return the bytes.

    What is here is left as it is. Each archived file is listed before it appears. All appear whole, and with the owner
    of the set's directory where this is root: a server that reads the log finds it as it was kept.

    Raises:
        Refused: ``checksum-mismatch``: a segment is not what was sent there.
    """
    archived = [name for name in site.log(home.directory.name) if _is_needed(name, backup)]
    streamed = [name for name in site.log(home.directory.name, offsite_stream.PLACE) if _is_needed(name, backup)]
    moved = _fetch(home, site, wal_index.PLACE, archived)
    return moved + _fetch(home, site, offsite_stream.PLACE, offsite_stream.worth_fetching(streamed))


def _fetch(home: BackupSet, site: Site, place_name: str, wanted: list[str]) -> int:
    place, owner, moved = home.directory / place_name, Owner.of(home.directory), 0
    is_archive = place_name == wal_index.PLACE
    missing = [name for name in wanted if not _is_here(place, name if is_archive else offsite_stream.plain(name))]
    if not missing:
        return 0
    with writing_to(place):
        place.mkdir(mode=0o700, exist_ok=True)
        files.flush(home.directory)
        for name, content in _contents(site, home.directory.name, place_name, missing):
            moved += len(content)
            if is_archive:
                _list(place / wal_index.NAME, f"{hashlib.sha256(content).hexdigest()}  {name}\n")
                stored = place / name
                _store(stored, content)
            else:
                stored = place / offsite_stream.plain(name)
                _store(stored, gzip.decompress(content))
            if owner:
                owner.take(stored)
        if owner:
            if is_archive:
                owner.take(place / wal_index.NAME)
            owner.take(place)
    say(f"fetched {len(missing)} files of the log of {home.directory.name}")
    return moved


def _is_here(place: Path, name: str) -> bool:
    """Tell whether a file is there; an unfinished segment is as good as there where the whole one is."""
    return (place / name).exists() or (place / name.removesuffix(offsite_stream.PARTIAL)).exists()


def _is_needed(name: str, backup: Manifest) -> bool:
    start, size = postgres_lsn.parse(str(backup.source.get("start_lsn"))), backup.source.get("wal_segment_size")
    if start is None or not size:
        return False
    numbering = Numbering(int(size))
    segment = numbering.parse(name.partition(".")[0])
    return HISTORY in name or (segment is not None and segment[1] >= numbering.number(start))


def _contents(site: Site, set_name: str, place_name: str, names: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield what the site holds under each name, checked; a few are under way at once."""

    def read(name: str) -> bytes:
        key = site.key(set_name, place_name, name)
        answer = site.read_with_sha256(key)
        if answer is None:
            raise Refused("file-missing", f"{key} is not there any more; {AGAIN}")
        content, sent = answer
        if (found := hashlib.sha256(content).hexdigest()) != sent:
            what = f"its SHA-256 is {found}, {sent or 'nothing'} was sent"
            raise Refused("checksum-mismatch", f"{key}: {what}; {AGAIN}, or recover to a moment before it")
        return content

    with ThreadPoolExecutor(LANES) as lanes:
        for first in range(0, len(names), LANES):
            together = names[first : first + LANES]
            yield from zip(together, lanes.map(read, together), strict=True)


def _store(target: Path, content: bytes) -> None:
    partial = target.with_name(f".partial-{target.name}.{os.getpid()}")
    try:
        partial.write_bytes(content)
        files.flush(partial)
        partial.replace(target)
        files.flush(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def _list(index: Path, line: str) -> None:
    with index.open("a+b") as lines:
        size = lines.seek(0, os.SEEK_END)
        is_cut = size > 0 and os.pread(lines.fileno(), 1, size - 1) != b"\n"  # by a crash; or both would be none
        lines.write((b"\n" if is_cut else b"") + line.encode("ascii"))
        lines.flush()
        os.fsync(lines.fileno())
