"""The lists that postgres_wal keeps of the log: `wal/archive.sha256` and `stream/received.sha256`, a line a segment."""

from __future__ import annotations

import re
from pathlib import Path

PLACE, NAME = "wal", "archive.sha256"
NAMES = {PLACE: NAME, "stream": "received.sha256"}
FILE = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]*")
LINE = re.compile(r"([0-9a-f]{64})  ([0-9A-Za-z._-]+)")
FIND_IT = "find another copy of the archive, or recover to a moment before it"


def recorded(home: Path, place: str = PLACE) -> dict[str, str]:
    """Return stored file's name → SHA-256 in the order in which they were stored; the last line for a file counts."""
    index = home / place / NAMES[place]
    lines = index.read_text("ascii", "replace").splitlines() if index.exists() else []
    # A crash may have cut a line off; its segment has another.
    return {found[2]: found[1] for line in lines if (found := LINE.fullmatch(line))}
