"""Backups written by hand, as any tool that keeps the contract would."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drill.backups.catalogue import MANIFEST, StoredBackup, read

LAST_NIGHT = datetime(2026, 3, 1, 2, tzinfo=UTC)
FILES = {"data/large": bytes(range(256)) * 16, "small": b"small"}


def written(
    directory: Path, *, finished: datetime = LAST_NIGHT, files: Mapping[str, bytes] = FILES, **stated: object
) -> StoredBackup:
    """Write a complete backup into a set's directory; the manifest says what is stated beyond that."""
    identifier = f"{finished:%Y%m%dT%H%M%S.%fZ}-full"
    for path, content in files.items():
        (directory / identifier / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / identifier / path).write_bytes(content)
    (directory / identifier).mkdir(parents=True, exist_ok=True)
    state(directory / identifier, manifest(identifier, directory.name, finished, files) | stated)
    return read(directory / identifier)


def state(backup: Path, manifest: object) -> None:
    """Write a backup's manifest."""
    (backup / MANIFEST).write_text(json.dumps(manifest), "utf-8")


def stated(backup: Path) -> dict[str, object]:
    """What a backup's manifest says."""
    return json.loads((backup / MANIFEST).read_bytes())


def manifest(identifier: str, name: str, finished: datetime, files: Mapping[str, bytes]) -> dict[str, object]:
    total = sum(map(len, files.values()))
    return {
        "schema": 1,
        "id": identifier,
        "set": name,
        "kind": "full",
        "parent": None,
        "started": (finished - timedelta(minutes=5)).isoformat(),
        "finished": finished.isoformat(),
        "source": {"engine": "redis"},
        "tool": {"name": "by hand", "version": "1"},
        "files": [
            {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for path, content in files.items()
        ],
        "stored_bytes": total,
        "source_bytes": total,
        "encryption": None,
        "tier": "daily",
        "retain_until": None,
    }
