"""Who may read what is kept, by the modes of its files and directories."""

from __future__ import annotations

import stat
from pathlib import Path

from drill.errors import DrillError
from drill.evidence.attachments import attach_text

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def exposed(home: Path) -> list[str]:
    """Return what of a set, its own directory included, others than its owner may read, write or enter.

    Raises:
        DrillError: there is nothing to look at.
    """
    if not home.is_dir():
        raise DrillError(f"{home} is no directory", remedy="back something up first")
    found = []
    for path in sorted([home, *home.rglob("*")]):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not path.is_symlink() and mode & OTHERS:  # a link's own mode opens nothing
            found.append(f"{path.relative_to(home.parent)}: {mode:04o}")
    attach_text("who may read what is kept", "\n".join(found) or "its owner alone")
    return found
