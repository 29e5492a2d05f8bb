"""Archiving by hand: what the server's own commands do when somebody else calls them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from drill.backups import catalogue
from drill.commands.execution import Outcome, run
from drill.commands.search_path import search_path
from drill.servers.wal_keeping import WalKeeping

LIMIT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Archiving:
    """What came of archiving a segment by hand, with the archive before and after it."""

    outcome: Outcome
    before: dict[str, bytes]
    after: dict[str, bytes]


def archive_again(keeping: WalKeeping, *, change: Callable[[bytes], bytes] = lambda content: content) -> Archiving:
    """Fetch the newest archived segment and archive it once more under the same name, changed or not."""
    before = catalogue.contents(keeping.archive)
    name = keeping.newest_segment()
    with tempfile.TemporaryDirectory(prefix="segment-") as aside:
        segment = Path(aside) / name
        _run(keeping.fetch_command(name, segment), directory=segment.parent)
        segment.write_bytes(change(segment.read_bytes()))
        outcome = _run(keeping.archive_command(segment, name), directory=segment.parent)
    return Archiving(outcome, before, catalogue.contents(keeping.archive))


def foreign(content: bytes) -> bytes:
    """Return what another server might have written to the same segment."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


def _run(command: str, *, directory: Path) -> Outcome:
    # A shell, because the server runs it in one.
    return run(["sh", "-c", command], environment={"PATH": search_path()}, directory=directory, limit=LIMIT)
