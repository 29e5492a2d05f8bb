"""How far the log of a server can still be followed, where somebody has got at that, too."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drill.backups.catalogue import StoredBackup
from drill.commands.execution import DONE, run
from drill.commands.search_path import search_path
from drill.errors import DrillError
from drill.inventory import Flaw
from drill.recoveries.moments import BACKUP_END, END
from drill.servers.wal_keeping import SEGMENT
from drill.stores import ClusterStore

BROKEN = ("log-missing", "log-checksum-differs", "log-hole")
"""Flaws of a log beyond which no recovery can go; what each says begins with the name of the segment."""
RECORD = re.compile(r"lsn: ([0-9A-F]+/[0-9A-F]+), prev")
ENDED = re.compile(r"lsn: .* desc: (?:COMMIT|ABORT)\w* .*?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) UTC")
TIME = "time:"
LIMIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Reach:
    """The end of what can be trusted of a log.

    Attributes:
        target: the recovery target that means it.
        until: when the last transaction in it ended; None where none has since the backup.
        broken: the first segment that is no longer what it was.
    """

    target: str
    until: datetime | None
    broken: str

    @property
    def moment(self) -> str:
        """When that was, for people."""
        return f"{self.until:%Y-%m-%d %H:%M:%S UTC}" if self.until else "its backup"

    def __str__(self) -> str:
        return f"its log can be trusted until {self.moment}: {self.broken} is not what it was"


def reach(store: ClusterStore, backup: StoredBackup, flaws: Collection[Flaw], *, wanted: str) -> Reach | None:
    """Return how far a recovery from a backup gets; None where nothing is in the way of what is wanted.

    Every segment before the first that is damaged or gone is what it was when it was stored. It is read with the
    server's own pg_waldump: nobody takes the word of whoever recovers for how far that gets.

    Args:
        store: whose log it is.
        backup: where the recovery begins.
        flaws: what the inventory has found wrong with the log.
        wanted: the recovery target; of a name or a position it is left to the procedure whether it can be reached.
    """
    start = _first_segment(backup)
    broken = sorted(found[0] for each in flaws if each.kind in BROKEN and (found := SEGMENT.match(each.what)))
    broken = [name for name in broken if name >= start]
    if not broken or not (wanted == END or wanted.startswith(TIME)):
        return None
    sound = [name for name in _archived(store.keeping.archive) if start <= name < broken[0]]
    position, until = _end(store, sound)
    if wanted != END and until is not None and until > datetime.fromisoformat(wanted.removeprefix(TIME)):
        return None
    return Reach(f"lsn:{position}" if position else BACKUP_END, until, broken[0])


def _first_segment(backup: StoredBackup) -> str:
    source = backup.manifest.source
    high, low = (int(part, 16) for part in str(source["start_lsn"]).split("/"))
    return f"{int(source['timeline']):08X}{high:08X}{low // int(source['wal_segment_size']):08X}"


def _archived(archive: Path) -> list[str]:
    return sorted({found[0] for each in archive.iterdir() if (found := SEGMENT.match(each.name))})


def _end(store: ClusterStore, segments: list[str]) -> tuple[str | None, datetime | None]:
    """Return where the last record of some segments begins, and when the last transaction in them ended."""
    position = None
    with tempfile.TemporaryDirectory(prefix="log-") as aside:
        for name in reversed(segments):
            said = _read(store, name, Path(aside))
            records, ended = RECORD.findall(said), ENDED.findall(said)
            position = position or (records[-1] if records else None)
            if ended:
                return position, datetime.fromisoformat(max(ended)).replace(tzinfo=UTC)
    return position, None


def _read(store: ClusterStore, name: str, aside: Path) -> str:
    """Return what a segment says; it ends in an error where the log does, as every log ends."""
    fetch = store.keeping.fetch_command(name, aside / name)
    fetched = run(["sh", "-c", fetch], environment={"PATH": search_path()}, directory=aside, limit=LIMIT)
    if fetched.status != DONE:
        raise DrillError(f"{name} cannot be fetched: {fetched}", remedy="see what the command of the log says")
    environment = {**store.environment(), "TZ": "UTC"}
    return run(["pg_waldump", str(aside / name)], environment=environment, directory=aside, limit=LIMIT).output
