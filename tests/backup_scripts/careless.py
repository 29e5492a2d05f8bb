"""Scripts as they should not be: one prunes in place, parents before their children; one restores into place."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str]) -> int:
    """Remove the backups that are named; or have a directory appear in RESTORE_TARGET, file by file."""
    if target := os.environ.get("RESTORE_TARGET"):
        shutil.copytree(arguments[0], target, dirs_exist_ok=True, symlinks=True)
    else:
        for backup_id in sorted(arguments):
            shutil.rmtree(Path(os.environ["BACKUP_REPOSITORY"], os.environ["BACKUP_SET"], backup_id))
    return 0
