"""Back up a Redis or Valkey server: a copy of its data set as a replica gets it.

    python -m backup_scripts.redis_snapshot

Writes <repository>/<set>/<backup id>/ with dump.rdb and manifest.json, and prints the manifest. The
server's disk and settings are not touched; a server that waits for more replicas before it sends
(repl-diskless-sync-delay, 5 seconds by default) takes this time longer. Access control lists are no part
of the data set: keep the server's ACL file with its configuration.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup goes: a directory that exists, and the set's name
  REDIS_HOST REDIS_PORT REDIS_USER REDISCLI_AUTH   the connection and the password
  RETENTION_DAYS                  how long the backup is promised to be kept (30)
  BACKUP_TIER                     its place in the schedule (daily)
  BACKUP_NOW                      an RFC 3339 time that replaces the clock

Exit status: 0 backed up and verified; 1 failed, and nothing is left that looks like a backup;
2 wrong arguments.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from backup_scripts import contract, programs, rdb, redis, redis_configuration
from backup_scripts.contract import Arguments, Clock, Failed, Result
from backup_scripts.repository import BackupSet


def back_up(arguments: Sequence[str]) -> Result:
    """Copy, check, publish; return the manifest."""
    Arguments(__doc__).parse_args(arguments)
    clock, destination, server = Clock(), BackupSet.from_environment(), redis.source()
    version = programs.tool_version("redis-cli")
    with destination.new_backup(kind="snapshot", clock=clock) as backup:
        file = backup.directory / "dump.rdb"
        copied = programs.run(redis.command("--rdb", str(file)))
        if copied.status != 0:
            raise redis.failure(copied)
        _refuse_incomplete(file)
        redis_configuration.record(backup.directory)
        return backup.publish(
            source={
                "engine": server.engine,
                "system_identifier": server.info["master_replid"],
                "server_version": server.version,
                "databases": {index: asdict(keys) for index, keys in server.databases.items()},
                "changes": redis.server().changes_since(server),
            },
            tool={"name": "redis-cli --rdb", "version": version},
            source_bytes=int(server.info["used_memory_dataset"]),
        )


def _refuse_incomplete(file: Path) -> None:
    """Check that an RDB file has its beginning and its end; the server itself checks the checksum when it loads."""
    if not rdb.is_whole(file):
        raise Failed("rdb-incomplete", f"{file.name} is no whole RDB file; no backup was made; run it again")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(back_up, arguments)


if __name__ == "__main__":
    sys.exit(main())
