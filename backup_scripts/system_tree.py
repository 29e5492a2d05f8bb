"""The files of a machine without its disk: every partition unpacked where it was mounted, as a container takes them.

Only root can give files their owners. An archive is compared with what came out of it before the next one is unpacked
into it, because that gives the place that it is mounted on another owner and time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from backup_scripts import programs, tar
from backup_scripts.contract import Failed, Refused
from backup_scripts.programs import Finished
from backup_scripts.repository import ANOTHER
from backup_scripts.system_disk import Layout, Partition

ATTRIBUTES = ("--acls", "--xattrs", "--xattrs-include=*")
EXTRACT = (
    "tar",
    "--extract",
    "--numeric-owner",
    "--preserve-permissions",
    "--same-owner",
    *ATTRIBUTES,
    "--warning=no-timestamp",  # a clock that is behind, or was, says nothing about a file
)
COMPARE = ("tar", "--compare", "--numeric-owner", *ATTRIBUTES)


def refuse_unfit(layout: Layout) -> None:
    """Check that there is a root to unpack the files of, and that this is root.

    Raises:
        Refused: ``needs-root``, ``manifest-invalid``.
    """
    if os.geteuid() != 0:
        raise Refused("needs-root", "only root can give files away; restore it as root, or restore the whole disk")
    if "/" not in {part.mounted_on for part in layout.partitions}:
        raise Refused("manifest-invalid", f"no partition of the backup was mounted on /; {ANOTHER}")


def fill(tree: Path, layout: Layout, archives: Mapping[int, Path]) -> None:
    """Unpack every partition into an empty directory, those first that others are mounted on, and check each.

    Raises:
        Failed: ``tool-missing``, ``disk-full``, ``restore-failed``, ``restore-incomplete``, ``attributes-lost``.
        Refused: ``archive-unsafe``: an archive leads out of the tree.
    """
    for part in sorted(layout.partitions, key=lambda each: len(Path(each.mounted_on).parts)):
        where = (f"--file={archives[part.number]}", "--zstd", f"--directory={_place(tree, part)}")
        if problem := tar.judge_extraction(_run([*EXTRACT, *where]), archives[part.number]):
            raise problem
        _check([*COMPARE, *where], slug="restore-incomplete")
    _check(["sync", "--file-system", str(tree)], slug="restore-failed")


def _place(tree: Path, part: Partition) -> Path:
    """Return where the partition belongs; what was unpacked before must not lead out of the tree."""
    place = tree.resolve() / part.mounted_on.lstrip("/")
    if not place.is_dir() or place.resolve() != place or any(place.iterdir()):
        what = f"the backup has no empty directory {part.mounted_on} to mount a partition on"
        raise Failed("restore-failed", f"{what}; {ANOTHER}")
    return place


def _run(command: Sequence[str]) -> Finished:
    return programs.run(command, aloud=False, has_children=command[0] == "tar")


def _check(command: Sequence[str], *, slug: str) -> None:
    finished = _run(command)
    if finished.status != 0:
        raise finished.failure(slug, "see what it says, and restore again")
