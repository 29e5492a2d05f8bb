"""Names of rows and keys as a report may show them: whoever reads it has not been let into the store."""

from __future__ import annotations

import re

SHORTEST = 16
SHOWN = 4
CONTENT = frozenset({"postgres", "redis"})
"""Engines whose keys are content themselves; paths of files and ids of objects are not, and have to be told whole."""
# A session's token, a JWT, a UUID: long, without a gap, and not of letters alone, as words are.
_TOKEN = re.compile(rf"(?=[A-Za-z_-]*[0-9])[0-9A-Za-z_-]{{{SHORTEST},}}")


def discreet(name: str) -> str:
    """Return a name without what may let its reader in: of each token the beginning, by which whoever may finds it."""
    return _TOKEN.sub(lambda token: f"{token[0][:SHOWN]}…", name)
