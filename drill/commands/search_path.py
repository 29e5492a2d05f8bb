"""Where commands are found: what the runtime brings first, then this interpreter, then the caller's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SYSTEM_PATHS = (Path("/usr/sbin"), Path("/sbin"))
"""Where Debian puts programs that only root is expected to run."""


def search_path(*first: Path) -> str:
    """Return a value for PATH."""
    return os.pathsep.join([*map(str, first), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def system_path() -> str:
    """Return a value for PATH with which programs of the administrator are found, too."""
    return os.pathsep.join([search_path(), *map(str, SYSTEM_PATHS)])
