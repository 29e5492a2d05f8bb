"""What keeps a host's logs from being rotated every day, and what makes a rotation lose some of their lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from drill.datasets.host.system import LOG, ROTATION, ROTATION_TIMES, TELLING
from drill.errors import DrillError


def stop_rotation(root: Path, cause: str) -> None:
    """Have a host's logs rotated too seldom, or never.

    Raises:
        DrillError: no such cause, or the host's files are not such that it could be one.
    """
    if cause not in CAUSES:
        raise DrillError(f"no cause {cause!r}", remedy=f"use one of {'; '.join(CAUSES)}")
    CAUSES[cause](root)


def lose_lines(root: Path, cause: str) -> None:
    """Have rotations lose lines of a host's log.

    Raises:
        DrillError: no such cause, or the host's files are not such that it could be one.
    """
    if cause not in LOSSES:
        raise DrillError(f"no cause {cause!r}", remedy=f"use one of {'; '.join(LOSSES)}")
    LOSSES[cause](root)


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

# What logrotate calls copytruncate, in two steps: somebody writes between them, as under load somebody always does.
_EMPTIED = f"""    copy
    postrotate
        timeout 30 tail --follow --lines=0 /{LOG} | head --lines=1
        truncate --size=0 /{LOG}
    endscript
"""
LOSSES: dict[str, Callable[[Path], None]] = {
    "the log is copied and then emptied": _changed(ROTATION, f"    nocreate\n{TELLING}", _EMPTIED),
    "the log is packed, and its writer is not told": _changed(
        ROTATION, f"    delaycompress\n    missingok\n    nocreate\n{TELLING}", "    missingok\n    nocreate\n"
    ),
    "no rotated log is kept": _changed(ROTATION, "rotate 14", "rotate 0"),
    "one rotated log is kept": _changed(ROTATION, "rotate 14", "rotate 1"),
}
"""Each by what a person would say of the host's rules."""
