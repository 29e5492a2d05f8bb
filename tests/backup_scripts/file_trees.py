"""Trees of files for the scripts to back up, and archives that nobody should trust."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from drill.fingerprints import Difference, differences
from drill.fingerprints.files import fingerprint
from tests.backup_scripts.operating import Scripts, reseal

SCOPES = ("home", "etc/application")
UNLIKELY_TIMES = {"before 1970": -300_000_000, "of a later century": 4_200_000_000}
ELSEWHERE = "/var/tmp"  # noqa: S108 - nothing must ever get there


def lost(source: Path, target: Path, scopes: Sequence[str] = SCOPES) -> list[Difference]:
    """How a restored tree differs from its source."""
    return differences(fingerprint(source, scopes), fingerprint(target, scopes))


def archived(scripts: Scripts, *paths: str) -> str:
    """Take a full backup and return its id."""
    return str(scripts.done("files_archive", *(paths or SCOPES))["id"])


def member(name: str, **facts: object) -> tarfile.TarInfo:
    """A member of a tar as somebody may make it up."""
    info = tarfile.TarInfo(name)
    for fact, value in facts.items():
        setattr(info, fact, value)
    return info


LEADING_OUT = {
    "absolute": [member(f"{ELSEWHERE}/escaped-absolutely", size=1)],
    "above": [member("../../escaped-above", size=1)],
    "above in the middle": [member("home/../../../escaped-in-the-middle", size=1)],
    "a link": [
        member("home/out", type=tarfile.SYMTYPE, linkname=ELSEWHERE),
        member("home/out/escaped-by-a-link", size=1),
    ],
    "a link upwards": [
        member("home/up", type=tarfile.SYMTYPE, linkname="../.."),
        member("home/up/escaped-by-a-link", size=1),
    ],
    "a hard link": [member("home/hard", type=tarfile.LNKTYPE, linkname="/etc/passwd")],
    "a hard link upwards": [member("home/hard", type=tarfile.LNKTYPE, linkname="../../../../../../etc/passwd")],
}
"""How an archive may try to put something elsewhere."""


def escaped(target: Path) -> list[Path]:
    """What such an archive has put somewhere else than into its target."""
    return [*Path(ELSEWHERE).glob("escaped-*"), *target.parent.glob("escaped-*")]


def forge(backup: Path, *members: tarfile.TarInfo, archive: str = "0.tar.*") -> None:
    """Add members to a backup's archive and seal it again: sizes and checksums fit."""
    (stored,) = backup.glob(archive)
    plain = subprocess.run(["zstd", "-dcq", str(stored)], check=True, capture_output=True).stdout
    stored.write_bytes(_packed(plain, members))
    reseal(backup)


def forge_another(backup: Path, *members: tarfile.TarInfo) -> None:
    """Add an archive to a backup as if these had been read again, and seal it again."""
    (backup / "1.tar.zst").write_bytes(_packed(bytes(2 * tarfile.BLOCKSIZE), members))
    reseal(backup)


def _packed(plain: bytes, members: Sequence[tarfile.TarInfo]) -> bytes:
    content = io.BytesIO(plain)
    with tarfile.open(fileobj=content, mode="a") as tar:
        for each in members:
            tar.addfile(each, io.BytesIO(b"x" * each.size))
    return subprocess.run(["zstd", "-qc"], input=content.getvalue(), check=True, capture_output=True).stdout


def manifest(backup: Path) -> dict:
    return json.loads((backup / "manifest.json").read_text())
