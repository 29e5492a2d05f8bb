"""What a set takes, weighed file by file: neither its manifests' sizes nor the inventory are asked."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from drill.backups.catalogue import MANIFEST

NOTES = (MANIFEST, "archive.sha256", "contents.sha256", "received.sha256")
"""What is written down of backups and log, which is neither."""
GIGABYTE = 1000**3


def weighed(home: Path) -> int:
    """Return the bytes of all backups in a set's directory, and of the log beside them."""
    return sum(each.stat().st_size for each in _files(home))


def grown_to(home: Path, *, term: timedelta) -> float:
    """Return the bytes that a term takes in which a set grows as it did from its first backup to its last."""
    moments = [datetime.fromisoformat(json.loads(each.read_bytes())["finished"]) for each in home.glob(f"*/{MANIFEST}")]
    return weighed(home) * (term / (max(moments) - min(moments)))


def _files(home: Path) -> list[Path]:
    return [
        each
        for each in home.rglob("*")
        if each.is_file() and each.name not in NOTES and not each.relative_to(home).parts[0].startswith(".")
    ]
