"""Tells a run that still goes on from one that was killed: it holds its directory locked, and its end lets go of it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Hold:
    """A lock on a run's directory, for as long as this process lives or until it lets go."""

    def __init__(self, directory: Path) -> None:
        self._descriptor: int | None = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        # Whoever asks whether it is held has it for a moment as well.
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def let_go(self) -> None:
        """Let go of it; once is enough."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def goes_on(directory: str) -> bool:
    """Tell whether the run whose directory this is still goes on. Evidence that was copied never does."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a file system without locks: who goes on cannot be told
    finally:
        os.close(descriptor)
    return False
