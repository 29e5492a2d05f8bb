"""A pruning as it should not be: it removes in place, and parents before their children."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str]) -> int:
    for backup_id in sorted(arguments):
        shutil.rmtree(Path(os.environ["BACKUP_REPOSITORY"], os.environ["BACKUP_SET"], backup_id))
    return 0
