"""Faults of copies of backups elsewhere: of how they were sent, and of what has befallen them since."""

from __future__ import annotations

import os
from pathlib import Path

from drill.damage.faults.dumps import READ
from drill.damage.faults.fault import Fault, Scene
from drill.damage.files import cut, flip, largest, unshare


def _upload_killed(scene: Scene) -> None:
    """Have the last files of an upload be missing, and the one at which it was killed be short."""
    cut(_own(scene))


def _sparse(scene: Scene) -> None:
    """Have the right size and no bytes, as where the remote disk was full and sizes are set first."""
    file = _own(scene)
    size = file.stat().st_size
    with file.open("wb") as place:
        place.truncate(size)


def _rotten(scene: Scene) -> None:
    """Flip a bit and leave size and time as they were: no copy by size and time repairs that."""
    file = _own(scene)
    status = file.stat()
    flip(file)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def _own(scene: Scene) -> Path:
    file = largest(scene.last)
    unshare(file)
    return file


def _manifest_first(scene: Scene) -> None:
    for stored in scene.last.manifest.files:
        (scene.last.directory / stored.path).unlink()


def _copies() -> tuple[Fault, ...]:
    said = (
        ("COPY-KILLED", "the upload was killed and left a part under the final name", _upload_killed),
        ("COPY-SPARSE", "the remote disk was full, and the size is right", _sparse),
        ("COPY-ROTTEN", "the copy has rotted, and size and time are right", _rotten),
        ("COPY-MANIFEST-ALONE", "the manifest was uploaded first, and nothing after it", _manifest_first),
    )
    return tuple(Fault(name, "off-site", what, inject, READ) for name, what, inject in said)


FAULTS = _copies()
