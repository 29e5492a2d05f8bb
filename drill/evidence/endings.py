"""How runs ended: what was killed has left no record, and stands in the history all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from drill.evidence import statement
from drill.evidence.going_on import goes_on
from drill.evidence.run import RECORD


class Ending(StrEnum):
    """How a run ended; but for the first, nothing of it counts."""

    SEALED = "sealed"
    UNSEALED = "not sealed"
    KILLED = "killed, not sealed"
    GOES_ON = "goes on"
    BARE = "its record is missing"

    @property
    def is_recorded(self) -> bool:
        """Whether a record was left."""
        return self in (Ending.SEALED, Ending.UNSEALED)


def endings(reports: Path) -> Iterator[tuple[str, Ending]]:
    """Yield every run that has a directory, and how it ended; what is no run's directory is told by a verification."""
    for directory in sorted((reports / "runs").glob("*")):
        if re.fullmatch(statement.RUN_ID, directory.name) and directory.is_dir() and not directory.is_symlink():
            yield directory.name, _ending(directory)


def started(run: str) -> datetime:
    """Return when a run started, from its name."""
    return datetime.strptime(run.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _ending(directory: Path) -> Ending:
    # Asked first: a run that has ended by now has its record and its statement by now.
    if goes_on(str(directory)):
        return Ending.GOES_ON
    is_recorded, is_stated = ((directory / name).exists() for name in (RECORD, statement.NAME))
    if is_recorded:
        return Ending.SEALED if is_stated else Ending.UNSEALED
    return Ending.BARE if is_stated else Ending.KILLED
