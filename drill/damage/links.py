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
Change = Callable[[Mapping[str, bytes]], Mapping[str, bytes]]


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
    """Change the last byte of the largest table inside the archive, and describe it anew."""

    def change(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        largest = max((name for name in files if name.startswith("base/")), key=lambda name: len(files[name]))
        content = files[largest]
        return {largest: content[:-1] + bytes([content[-1] ^ 1])}

    rewrite(victim, change)


def rewrite(victim: StoredBackup, change: Change) -> None:
    """Change files inside a backup's archive and write both manifests anew, as somebody does who has the right tools.

    Args:
        victim: a physical backup.
        change: is given all files of the archive by their names, and returns those that change.
    """
    (archive,) = victim.directory.glob("base.tar*")
    pack = PACKERS[archive.suffix]
    before = subprocess.run([pack[0], "-dc", str(archive)], check=True, capture_output=True).stdout
    altered, changed = _with_changed(before, change)
    # Other backups may share its bytes.
    archive.unlink()
    archive.write_bytes(subprocess.run([*pack, "-c"], input=altered, check=True, capture_output=True).stdout)
    _list_anew(victim.directory / POSTGRES_MANIFEST, changed)
    _describe(victim, {})


def _list_anew(listing: Path, changed: Mapping[str, bytes]) -> None:
    """Have PostgreSQL's own manifest fit the files that have changed, and itself."""
    stated = json.loads(listing.read_bytes())
    for entry in stated["Files"]:
        if (content := changed.get(entry["Path"])) is not None:
            checksum = hashlib.sha256(content).hexdigest()
            entry |= {"Size": len(content), "Checksum-Algorithm": "SHA256", "Checksum": checksum}
    stated.pop("Manifest-Checksum")
    text = json.dumps(stated)[:-1] + ","
    listing.write_text(
        f'{text}\n"Manifest-Checksum": "{hashlib.sha256((text + chr(10)).encode()).hexdigest()}"}}\n', "ascii"
    )


def _with_changed(archive: bytes, change: Change) -> tuple[bytes, Mapping[str, bytes]]:
    """Return the archive with some of its files changed, and those."""
    rewritten = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(archive)) as source, tarfile.open(fileobj=rewritten, mode="w") as target:
        members = source.getmembers()
        files = {each.name: file.read() for each in members if (file := source.extractfile(each)) is not None}
        changed = change(files)
        for member in members:
            content = changed.get(member.name, files.get(member.name, b""))
            member.size = len(content)
            target.addfile(member, io.BytesIO(content) if member.isfile() else None)
    return rewritten.getvalue(), changed


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
