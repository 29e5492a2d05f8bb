"""Damage to one link of a chain of physical backups, also such as its own manifests do not tell."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from drill.backups.catalogue import MANIFEST, StoredBackup
from drill.damage.files import DAMAGES, damage
from drill.errors import DrillError

POSTGRES_MANIFEST = "backup_manifest"
PACKERS = {".gz": ("gzip", "-1"), ".zst": ("zstd", "-q")}


def damage_link(victim: StoredBackup, kind: str, *, sibling: Callable[[], StoredBackup]) -> None:
    """Damage a link of a chain.

    Args:
        victim: the link.
        kind: one of the damages to any backup, or of those to links.
        sibling: takes another increment on the victim's parent, should one be needed.

    Raises:
        DrillError: no such damage.
    """
    if kind in DAMAGES:
        damage(victim, kind)
    elif kind == "lost":
        shutil.rmtree(victim.directory)
    elif kind == "replaced by one of a sibling chain":
        _replace(victim, by=sibling())
    elif kind == "altered and described anew":
        _alter(victim)
    else:
        raise DrillError(f"no damage to a link {kind!r}", remedy=f"use one of {', '.join(DAMAGES)}, or see this module")


def _replace(victim: StoredBackup, *, by: StoredBackup) -> None:
    """Put another backup in the victim's place, under the victim's name, as a clumsy copy does."""
    shutil.rmtree(victim.directory)
    by.directory.rename(victim.directory)
    _describe(victim, {"id": victim.id})


def _alter(victim: StoredBackup) -> None:
    """Change a table inside the archive and write both manifests anew, as somebody does who has the right tools."""
    (archive,) = victim.directory.glob("base.tar*")
    pack = PACKERS[archive.suffix]
    before = subprocess.run([pack[0], "-dc", str(archive)], check=True, capture_output=True).stdout
    altered, name, content = _with_one_member_changed(before)
    archive.write_bytes(subprocess.run([*pack, "-c"], input=altered, check=True, capture_output=True).stdout)
    listing = victim.directory / POSTGRES_MANIFEST
    stated = json.loads(listing.read_bytes())
    (entry,) = (entry for entry in stated["Files"] if entry["Path"] == name)
    entry |= {"Checksum-Algorithm": "SHA256", "Checksum": hashlib.sha256(content).hexdigest()}
    stated.pop("Manifest-Checksum")
    text = json.dumps(stated)[:-1] + ","
    listing.write_text(
        f'{text}\n"Manifest-Checksum": "{hashlib.sha256((text + chr(10)).encode()).hexdigest()}"}}\n', "ascii"
    )
    _describe(victim, {})


def _with_one_member_changed(archive: bytes) -> tuple[bytes, str, bytes]:
    """Return the archive with the last byte of its largest table's file changed, that file's name and new content."""
    rewritten = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(archive)) as source, tarfile.open(fileobj=rewritten, mode="w") as target:
        largest = max(
            (each for each in source if each.isfile() and each.name.startswith("base/")), key=lambda e: e.size
        )
        for member in source.getmembers():
            file = source.extractfile(member)
            content = file.read() if file is not None else b""
            if member.name == largest.name:
                content = changed = content[:-1] + bytes([content[-1] ^ 1])
            target.addfile(member, io.BytesIO(content) if member.isfile() else None)
    return rewritten.getvalue(), largest.name, changed


def _describe(victim: StoredBackup, facts: Mapping[str, Any]) -> None:
    """Write the victim's manifest anew, so that it fits the files that are there."""
    manifest = victim.directory / MANIFEST
    stated = json.loads(manifest.read_bytes()) | facts
    stated["files"] = [_file(victim.directory, file["path"]) for file in stated["files"]]
    stated["stored_bytes"] = sum(file["size"] for file in stated["files"])
    stated.pop("manifest_sha256", None)
    manifest.write_text(json.dumps(stated), "utf-8")


def _file(directory: Path, path: str) -> dict[str, object]:
    content = (directory / path).read_bytes()
    return {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
