"""Where commands are found: what the runtime brings first, then this interpreter, then the caller's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def search_path(*first: Path) -> str:
    """Return a value for PATH."""
    return os.pathsep.join([*map(str, first), str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
