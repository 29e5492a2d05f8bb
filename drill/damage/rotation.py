"""What keeps a host's logs from being rotated every day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from drill.datasets.host.system import ROTATION, ROTATION_TIMES
from drill.errors import DrillError


def stop_rotation(root: Path, cause: str) -> None:
    """Have a host's logs rotated too seldom, or never.

    Raises:
        DrillError: no such cause, or the host's files are not such that it could be one.
    """
    if cause not in CAUSES:
        raise DrillError(f"no cause {cause!r}", remedy=f"use one of {'; '.join(CAUSES)}")
    CAUSES[cause](root)


def _changed(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / path).read_text("utf-8")
        if old not in text:
            raise DrillError(f"{path} has no {old!r}", remedy="fit the cause to the host's files")
        (root / path).write_text(text.replace(old, new), "utf-8")

    return change


CAUSES: dict[str, Callable[[Path], None]] = {
    "its rules wait until the log is large": _changed(ROTATION, "daily", "size 1G"),
    "its timetable has them rotated on Sundays": _changed(ROTATION_TIMES, "0 0 * * *", "0 0 * * 0"),
    "its timetable has been removed": lambda root: (root / ROTATION_TIMES).unlink(),
}
"""Each by what a person would say of the host."""
