"""Archives of files that lead out of the place that they are unpacked to, as somebody may send them."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from drill.backups.catalogue import StoredBackup
from drill.damage.files import unshare
from drill.damage.unsealed import seal
from drill.errors import DrillError

PACKERS = {".zst": ("zstd", "-q"), ".gz": ("gzip",)}
NAME = "dr-drill-has-escaped"


def add_trick(backup: StoredBackup, trick: str, *, outside: Path) -> None:
    """Add one of the tricks to a backup's archive and have its manifest fit.

    Args:
        backup: the victim.
        trick: what the archive is to do.
        outside: a directory in which nothing must ever appear.

    Raises:
        DrillError: no such trick.
    """
    members = {
        "name an absolute place": [_file(f"{outside}/{NAME}")],
        "climb out of its target": [_file(f"home/../../../{NAME}")],
        "lead out through a link": [_link("home/out", str(outside)), _file(f"home/out/{NAME}")],
    }
    if trick not in members:
        raise DrillError(f"no trick {trick!r}", remedy=f"use one of {', '.join(members)}")
    (archive,) = backup.directory.glob("0.tar.*")
    pack = PACKERS[archive.suffix]
    content = io.BytesIO(subprocess.run([*pack, "-dc", str(archive)], check=True, capture_output=True).stdout)
    with tarfile.open(fileobj=content, mode="a") as tar:
        for member in members[trick]:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    unshare(archive)
    packed = subprocess.run([*pack, "-c"], input=content.getvalue(), check=True, capture_output=True).stdout
    archive.write_bytes(packed)
    seal(backup.directory)


def _file(name: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = 1
    return member


def _link(name: str, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member
