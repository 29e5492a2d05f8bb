"""Restore a Redis or Valkey server from a backup made by redis_snapshot.

    python -m backup_scripts.redis_restore [BACKUP_ID] [--wait SECONDS]

The target is a running server without any key, started by a supervisor that starts it again when
it stops. The backup is verified to the last byte first. Then its file is put into the server's data directory
where the server will look, be it with `appendonly` yes or no; the server is told to stop without saving; and when
it is back, its keys are counted against the manifest.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup is
  BACKUP_ID                       which one, unless it is given as the argument
  REDIS_HOST REDIS_PORT REDIS_USER REDISCLI_AUTH   the connection and the password
  REDIS_DIR                       the server's data directory, as this script sees it

Prints {"backup_id", "set", "keys", "seconds", "bytes"}; bytes is the size of the restored file.

Exit status: 0 restored and verified; 1 failed; 2 wrong arguments; 3 the backup or the target was
refused, and the target was not touched.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from backup_scripts import contract, files, redis
from backup_scripts.contract import Arguments, Clock, Failed, Refused, Result, positive, required
from backup_scripts.manifest import Manifest
from backup_scripts.redis import Keys, Server, release
from backup_scripts.repository import BackupSet, StoredBackup, writing_to

PAUSE_SECONDS = 0.05
LOCATIONS = ("appendonly", "appenddirname", "appendfilename", "dbfilename")


def restore(arguments: Sequence[str]) -> Result:
    """Verify, refuse or restore, count; return what was done."""
    parser = Arguments(__doc__)
    parser.add_argument("backup_id", nargs="?", metavar="BACKUP_ID", help="default: the environment's BACKUP_ID")
    parser.add_argument("--wait", default="60", help="seconds for the server to be back, loading apart (60)")
    options = parser.parse_args(arguments)
    seconds = positive(options.wait, where="--wait")
    clock, directory = Clock(), Path(required("REDIS_DIR"))
    backup = BackupSet.from_environment().backup(options.backup_id or required("BACKUP_ID"))

    with backup.held():
        _refuse_other_kinds(backup)
        backup.verify()
        blank = redis.server()
        _refuse_unfit(backup.manifest, blank, directory)
        _place(backup.directory / "dump.rdb", directory, _settings())
    restored = _restarted(blank, seconds)
    _check_keys(backup.manifest, restored)
    return {
        "backup_id": backup.manifest.id,
        "set": backup.manifest.set,
        "keys": sum(held.keys for held in restored.databases.values()),
        "seconds": round(clock.seconds(), 3),
        "bytes": backup.manifest.stored_bytes,
    }
