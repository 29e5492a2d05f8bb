"""Private directories for what must not lie in the repository, gone however the script ends.

Each is ``<TMPDIR>/backup-scripts-<uid>-…``, locked for as long as it is used. What a killed script left is not
locked any more, and the next script that needs a directory removes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from backup_scripts.contract import Failed, Interrupted
from backup_scripts.locking import locked, opened

ONLY_DIRECTORIES = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@contextlib.contextmanager
def directory() -> Iterator[Path]:
    """Give an empty directory that only this user can read.

    Raises:
        Failed: ``scratch-unwritable``: TMPDIR is no place to write to.
    """
    import shutil  # both here, because most runs never need them
    import tempfile

    home, prefix = Path(tempfile.gettempdir()), f"backup-scripts-{os.getuid()}-"
    with contextlib.ExitStack() as stack:
        try:
            for left in home.glob(f"{prefix}*"):
                # What another user has put there under our name is nothing that we left.
                with contextlib.suppress(OSError), opened(left, ONLY_DIRECTORIES) as descriptor:
                    if os.fstat(descriptor).st_uid == os.getuid() and locked(descriptor, fcntl.LOCK_EX):
                        shutil.rmtree(left, ignore_errors=True)
            place = Path(tempfile.mkdtemp(prefix=prefix))
            while not _is_ours(stack.enter_context(opened(place, ONLY_DIRECTORIES))):
                place = Path(tempfile.mkdtemp(prefix=prefix))
        except OSError as error:
            raise Failed("scratch-unwritable", f"{home}: {error.strerror}; set TMPDIR to a place of your own") from None
        try:
            yield place
        finally:
            try:
                shutil.rmtree(place, ignore_errors=True)
            except Interrupted:  # the only one: others are held from the first on
                shutil.rmtree(place, ignore_errors=True)
                raise


def _is_ours(descriptor: int) -> bool:
    """Lock a new directory; tell whether another script has not taken it for a leftover meanwhile."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return os.fstat(descriptor).st_nlink > 0
