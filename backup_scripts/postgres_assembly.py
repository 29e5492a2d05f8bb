"""A data directory made of a chain of backups: each unpacked, combined where there are several, verified, durable."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from backup_scripts import encryption, programs, staging
from backup_scripts.contract import Refused
from backup_scripts.landing import UNWRITABLE
from backup_scripts.postgres import major
from backup_scripts.postgres_chain import ANOTHER, BACKUP_MANIFEST, Chain, Link
from backup_scripts.repository import remove_all, writing_to
from backup_scripts.staging import Staging
from backup_scripts.unpacking import Packed, Unpacking

FIRST_WITH_LINK = 18
WAL = "pg_wal"
# As the server itself escapes the places in its tablespace_map.
BEFORE_SPECIAL = re.compile(r"(?=[\\\n\r])")
BACKSLASH = r"\\"
PAUSE = 0.1  # seconds between two flushes while files are unpacked


class Unpacked(NamedTuple):
    """Where one backup of the chain is unpacked to: its base, and its tablespaces by their OIDs."""

    base: Path
    tablespaces: Mapping[str, Path]


class Assembly:
    """The making of `data.new`, and of the new content of each tablespace by its OID."""

    __slots__ = ("_made", "chain", "data", "tablespaces")

    def __init__(self, chain: Chain, data: Staging, tablespaces: Mapping[str, Staging]) -> None:
        self.chain = chain
        self.data = data
        self.tablespaces = tablespaces
        self._made: list[Unpacked] = []

    def make(self, *, jobs: int) -> None:
        """Unpack every backup, verifying every byte, and combine them.

        Raises:
            Refused: ``checksum-mismatch``, ``file-unreadable``, ``unexpected-file``, ``wrong-key``, ``chain-broken``.
            Failed: ``tool-missing``, ``disk-full``, ``restore-failed``.
        """
        encrypted = any(link.stored.manifest.encryption for link in self.chain.links)
        unpacking = Unpacking(self.data.owner, encryption.identity() if encrypted else None)
        with self._flushing():
            unpacking.unpack([packed for link in self.chain.links for packed in self._laid_out(link)], jobs=jobs)
        for each in self._made:
            self._point_tablespaces(each.base, each.tablespaces)
        if len(self._made) > 1:
            self._combine()
            self._clear()

    def verify(self) -> None:
        """Check the result against PostgreSQL's own manifest, and have it on disk.

        Raises:
            Refused: ``backup-altered``: it is not what the server sent.
        """
        with ThreadPoolExecutor() as pool:
            checked = pool.submit(
                programs.run, ["pg_verifybackup", "--quiet", str(self.data.new)], owner=self.data.owner
            )
            self._flush()
            finished = checked.result()
        if finished.status != 0:
            raise Refused("backup-altered", f"{self.chain.last.stored.directory}: {finished.last_words}; {ANOTHER}")

    def finish(self) -> None:
        """Let the tablespaces be found where they will be, and have all that has been changed since on disk."""
        places = {oid: each.place for oid, each in self.tablespaces.items()}
        self._point_tablespaces(self.data.new, places)
        self._map_tablespaces(places)
        self._flush()

    def _laid_out(self, link: Link) -> list[Packed]:
        """Make the directories for one backup; return what goes where."""
        alone = len(self.chain.links) == 1
        base = self.data.make(self.data.new.name if alone else link.id)
        wal = self.data.make(str(base.relative_to(self.data.directory) / WAL))
        places = {"base": base, BACKUP_MANIFEST: base, WAL: wal}
        made = Unpacked(base, {oid: self._place(oid, link, alone=alone) for oid in link.tablespaces})
        self._made.append(made)
        places |= made.tablespaces
        packed = []
        for file in link.stored.manifest.files:
            part = file.plain_path.partition(".tar")[0]
            if part not in places:
                where = link.stored.directory / file.path
                raise Refused("unexpected-file", f"{where} is no part of a physical backup; {ANOTHER}")
            packed.append(
                Packed(link.stored.directory, file, places[part], encrypted=bool(link.stored.manifest.encryption))
            )
        return packed

    def _place(self, oid: str, link: Link, *, alone: bool) -> Path:
        # A tablespace that was dropped before the last backup is needed to combine and by nothing after that.
        where = self.tablespaces.get(oid, self.data)
        return where.make(where.new.name if alone else f"{link.id}-{oid}")

    def _point_tablespaces(self, base: Path, places: Mapping[str, Path]) -> None:
        with writing_to(base, slug=UNWRITABLE):
            for oid, place in places.items():
                link = base / "pg_tblspc" / oid
                link.unlink(missing_ok=True)
                link.symlink_to(place)
                if self.data.owner:
                    self.data.owner.take(link)

    def _map_tablespaces(self, places: Mapping[str, Path]) -> None:
        """Have the server find them there when it first starts: it makes its links anew, from this file."""
        listed = self.data.new / "tablespace_map"
        if listed.exists():
            lines = [f"{oid} {BEFORE_SPECIAL.sub(BACKSLASH, str(place))}\n" for oid, place in places.items()]
            with writing_to(listed, slug=UNWRITABLE):
                listed.write_text("".join(lines), "utf-8")

    def _combine(self) -> None:
        command = ["pg_combinebackup", "--no-sync", f"--output={self.data.new}"]
        if major(programs.tool_version("pg_combinebackup")) >= FIRST_WITH_LINK:
            command += ["--link"]  # what is linked to goes, so nobody else writes to it
        for oid, place in self._made[-1].tablespaces.items():
            new = self.tablespaces[oid].new
            command += [f"--tablespace-mapping={_escaped(place)}={_escaped(new)}"]
        combined = programs.run(
            [*command, *(str(each.base) for each in self._made)], owner=self.data.owner, aloud=False
        )
        if combined.status != 0:
            failure = combined.failure("chain-broken", ANOTHER)
            raise (
                failure if failure.slug == "disk-full" else Refused("chain-broken", f"{combined.last_words}; {ANOTHER}")
            )

    def _clear(self) -> None:
        """Remove what was combined now: its files may be those of the result, and to remove one changes the other."""
        for each in self._made:
            with writing_to(each.base, slug=UNWRITABLE):
                remove_all([each.base, *each.tablespaces.values()])

    @contextmanager
    def _flushing(self) -> Iterator[None]:
        """Keep the disk busy meanwhile: left to itself it begins when everything is unpacked, and all wait for it."""
        ended = threading.Event()

        def flush() -> None:
            while not ended.wait(PAUSE):
                self._flush()

        with ThreadPoolExecutor(1) as pool:
            flushing = pool.submit(flush)
            try:
                yield
            finally:
                ended.set()
            flushing.result()

    def _flush(self) -> None:
        staging.flush(each.directory for each in [*self.tablespaces.values(), self.data])


def _escaped(place: Path) -> str:
    return str(place).replace("=", "\\=")
