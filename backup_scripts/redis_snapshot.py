"""Back up a Redis or Valkey server: a copy of its data set at one moment, an RDB file.

    python -m backup_scripts.redis_snapshot [--method replication|bgsave] [--wait SECONDS]

Writes <repository>/<set>/<backup id>/ with dump.rdb, configuration.json (the users and settings that no RDB file
holds, see redis_configuration) and manifest.json, and prints the manifest.

With the method replication the server sends its data set as it does to a replica, from wherever it is; its disk and
settings are not touched. A server that waits for more replicas before it sends (repl-diskless-sync-delay, 5 seconds by
default) takes this time longer. With bgsave the server saves to its own disk, on this host, and the file is copied:
only when the save that was asked for here has succeeded, and only a file that this save has written.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup goes: a directory that exists, and the set's name
  REDIS_HOST REDIS_PORT REDIS_USER REDISCLI_AUTH   the connection and the password
  REDIS_DIR                       for bgsave: the server's data directory, as this script sees it
  RETENTION_DAYS                  how long the backup is promised to be kept (30)
  BACKUP_RECIPIENT                a public key of age (age1…): the backup is stored encrypted
  BACKUP_TIER                     its place in the schedule (daily)
  BACKUP_NOW                      an RFC 3339 time that replaces the clock

Exit status: 0 backed up and verified; 1 failed, and nothing is left that looks like a backup;
2 wrong arguments.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from backup_scripts import contract, files, programs, rdb, redis, redis_configuration
from backup_scripts.contract import Arguments, Clock, Failed, Result, positive, required
from backup_scripts.programs import Finished
from backup_scripts.redis import Server
from backup_scripts.repository import BackupSet, writing_to


def back_up(arguments: Sequence[str]) -> Result:
    """Copy, check, publish; return the manifest."""
    parser = Arguments(__doc__)
    parser.add_argument("--method", choices=("replication", "bgsave"), default="replication")
    parser.add_argument("--wait", default="3600", help="with bgsave: seconds for a save to end (3600)")
    options = parser.parse_args(arguments)
    seconds = positive(options.wait, where="--wait")
    clock, destination, server = Clock(), BackupSet.from_environment(), redis.source()
    with destination.new_backup(kind="snapshot", clock=clock) as backup:
        file, growing = backup.directory / "dump.rdb", backup.growing(r"dump\.rdb")
        if options.method == "bgsave":
            server, changes = _save(file, Path(required("REDIS_DIR")), seconds)
            version = _meanwhile(backup.directory)
        else:
            with growing.followed(), programs.beside(redis.command("--rdb", str(file))) as copying:
                version = _meanwhile(backup.directory)
                changes = _received(copying(), server)
        _refuse_incomplete(file)
        return backup.publish(
            source={
                "engine": server.engine,
                "system_identifier": server.info["master_replid"],
                "server_version": server.version,
                "databases": {index: keys._asdict() for index, keys in server.databases.items()},
                "changes": changes,
            },
            tool={"name": "BGSAVE" if options.method == "bgsave" else "redis-cli --rdb", "version": version},
            source_bytes=int(server.info["used_memory_dataset"]),
            growing=growing,
        )


def _meanwhile(directory: Path) -> str:
    """Record what else there is, which need not wait for the data; return the version of the client program."""
    redis_configuration.record(directory)
    return programs.tool_version("redis-cli")


def _received(copied: Finished, before: Server) -> int | None:
    """Look how a copy ended; return how many keys may have changed since the keys were counted."""
    if copied.status != 0:
        raise redis.failure(copied)
    return redis.server().changes_since(before)


def _save(file: Path, directory: Path, seconds: int) -> tuple[Server, int | None]:
    """Have the server save, and copy what this save wrote; return what the server said then and as in `_receive`."""
    saved = directory / redis.settings("dbfilename")["dbfilename"]
    before = redis.wait(lambda server: not server.busy, "another save or rewrite did not end", seconds)
    former = _identity(saved)
    try:
        redis.call("BGSAVE")
    except Failed as error:
        raise _save_failed(str(error)) if error.slug == "command-failed" else error from None
    after = redis.wait(lambda server: not server.saving, "the save did not end", seconds)
    if after.run != before.run or after.info["rdb_last_bgsave_status"] != "ok":
        raise _save_failed("the server did not finish the save")
    if after.saved_at < before.second:
        raise _save_failed("the server gave the save up, as it does when everything is flushed")
    try:
        with saved.open("rb", buffering=0) as original:
            if _identity(saved) == former:
                what = "is older than the save that has just succeeded"
                raise Failed("snapshot-stale", f"{saved} {what}; check that REDIS_DIR is the server's directory")
            with writing_to(file):
                files.copy(original, file, size=os.fstat(original.fileno()).st_size)
    except (FileNotFoundError, PermissionError) as error:
        advice = "check that REDIS_DIR is the server's directory, and let this user read there"
        raise Failed("snapshot-unreadable", f"{saved}: {error.strerror}; {advice}") from None
    return after, after.changes_since_save(before)


def _save_failed(what: str) -> Failed:
    advice = "free disk space or memory, read the server's log and run it again; no older file was taken"
    return Failed("save-failed", f"{what.strip()}; {advice}")


def _identity(file: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one of the same name that replaced it."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def _refuse_incomplete(file: Path) -> None:
    """Check that an RDB file has its beginning and its end; the server itself checks the checksum when it loads."""
    if not rdb.is_whole(file):
        raise Failed("rdb-incomplete", f"{file.name} is no whole RDB file; no backup was made; run it again")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(back_up, arguments)


if __name__ == "__main__":
    contract.leave(main())
