"""Archives that are not what was packed: emptied, robbed, or leading out of the place that they are unpacked to."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from drill.backups.catalogue import StoredBackup
from drill.damage.files import unshare
from drill.damage.unsealed import seal
from drill.errors import DrillError

PACKERS = {".zst": ("zstd", "-q", "-1"), ".gz": ("gzip",)}
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
    content = io.BytesIO(_run([*PACKERS[archive.suffix], "-dc", str(archive)]))
    with tarfile.open(fileobj=content, mode="a") as tar:
        for member in members[trick]:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    _pack(archive, content.getvalue())
    seal(backup.directory)


def empty(backup: StoredBackup) -> None:
    """Put an archive of nothing in the place of a backup's, and have its manifest fit."""
    (archive,) = backup.directory.glob("0.tar.*")
    content = io.BytesIO()
    tarfile.open(fileobj=content, mode="w").close()
    _pack(archive, content.getvalue())
    seal(backup.directory)


def leave_out(archive: Path, member: str) -> None:
    """Take one member out of a packed archive.

    Raises:
        DrillError: it has no such member.
    """
    content = _run([*PACKERS[archive.suffix], "-dc", str(archive)])
    _pack(archive, _run(["tar", "--delete", "--file=-", member], content))


def _pack(archive: Path, content: bytes) -> None:
    unshare(archive)
    archive.write_bytes(_run([*PACKERS[archive.suffix], "-c"], content))


def _run(command: Sequence[str], content: bytes = b"") -> bytes:
    done = subprocess.run(command, input=content, capture_output=True, check=False)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise DrillError(f"{' '.join(command)}: {said}", remedy="this fault is not one of such backups")
    return done.stdout


def _file(name: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = 1
    return member


def _link(name: str, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member
