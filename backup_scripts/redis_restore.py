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
  BACKUP_IDENTITY_FILE            the file of the secret key, if the backup is encrypted
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
from collections.abc import Sequence
from pathlib import Path

from backup_scripts import contract, files, programs, redis
from backup_scripts.contract import Arguments, Clock, Failed, Refused, Result, positive, required
from backup_scripts.manifest import Manifest
from backup_scripts.redis import Keys, Server, release
from backup_scripts.repository import BackupSet, StoredBackup, writing_to

PAUSE_SECONDS = 0.05


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
        with backup.plain() as plain:
            blank = redis.server()
            _refuse_unfit(backup.manifest, blank, directory)
            _place(plain / "dump.rdb", directory)
    restored = _restarted(blank, seconds)
    _check_keys(backup.manifest, restored)
    return {
        "backup_id": backup.manifest.id,
        "set": backup.manifest.set,
        "keys": sum(held.keys for held in restored.databases.values()),
        "seconds": round(clock.seconds(), 3),
        "bytes": backup.manifest.stored_bytes,
    }


def _refuse_other_kinds(backup: StoredBackup) -> None:
    found = backup.manifest
    if found.kind != "snapshot" or [file.plain_path for file in found.files] != ["dump.rdb"]:
        raise Refused("wrong-kind", f"{backup.directory} was not made by redis_snapshot; use the script that fits it")


def _refuse_unfit(found: Manifest, target: Server, directory: Path) -> None:
    source = f"{found.source['engine']} {found.source['server_version']}"
    if found.source["engine"] != target.engine or release(found.source["server_version"]) > release(target.version):
        versions = f"the backup is of {source}, the target is {target.engine} {target.version}"
        raise Refused("version-mismatch", f"{versions}; restore into the same engine of the same or a newer release")
    if target.info["role"] != "master":
        raise Refused("target-is-replica", "the target copies another server; restore that one")
    if not directory.is_dir():
        raise Refused("target-missing", f"REDIS_DIR is {directory}, which is no directory here")
    _refuse_keys(target)


def _refuse_keys(target: Server) -> None:
    if held := {index: keys.keys for index, keys in target.databases.items()}:
        raise Refused("target-not-empty", f"the target holds keys (by database: {held}); name a blank server")


def _place(rdb: Path, directory: Path) -> None:
    """Put the file where the server looks for its data when it starts.

    With `appendonly yes` the server ignores an RDB file; there it becomes the base of an append-only
    file of its own, in place of the blank one: nothing in that is to be replayed on the restored data.
    """
    names = redis.call("CONFIG", "GET", "appendonly", "appenddirname", "appendfilename", "dbfilename").splitlines()
    setting = dict(zip(names[::2], names[1::2], strict=True))
    staging = directory / ".restore"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        with writing_to(directory, slug="target-unwritable"):
            staging.mkdir()
            if setting["appendonly"] == "yes":
                prepared, place = _append_only(rdb, staging, setting["appendfilename"]), setting["appenddirname"]
            else:
                prepared, place = Path(shutil.copyfile(rdb, staging / "new.rdb")), setting["dbfilename"]
            _give_to_owner(directory, staging)
        _refuse_keys(redis.server())  # somebody may have begun to use it during the copy
        if setting["appendonly"] == "yes":
            # A server with an append-only file writes its manifest anew when it stops (Redis 8), over ours.
            redis.call("CONFIG", "SET", "appendonly", "no")
        with writing_to(directory, slug="target-unwritable"):
            if (directory / place).is_dir():
                (directory / place).rename(staging / "replaced")
            prepared.rename(directory / place)
            files.flush(directory)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _append_only(rdb: Path, staging: Path, name: str) -> Path:
    """Make an append-only directory that consists of the RDB file alone."""
    prepared = staging / "new"
    prepared.mkdir()
    shutil.copyfile(rdb, prepared / f"{name}.1.base.rdb")
    (prepared / f"{name}.manifest").write_text(f"file {name}.1.base.rdb seq 1 type b\n", "utf-8")
    return prepared


def _give_to_owner(directory: Path, staging: Path) -> None:
    """Make what was prepared durable and give it to the owner of the data directory."""
    files.make_durable(staging)
    owner = directory.stat()
    if os.geteuid() == 0:
        for path in [staging, *staging.rglob("*")]:
            os.chown(path, owner.st_uid, owner.st_gid)


def _restarted(blank: Server, seconds: int) -> Server:
    """Stop the blank server without a save; wait until its supervisor has it back with its data loaded."""
    contract.say("stopping the blank server; its supervisor starts it on the restored data")
    # Its answer means nothing: the server closes the connection, which redis-cli reports as an error.
    said = programs.run(redis.command("SHUTDOWN", "NOSAVE"), aloud=False)
    last = said.answer
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            found = redis.info(aloud=False)
        except Failed as error:
            last = str(error)
        else:
            if found.run != blank.run and not found.loading:
                return found
            if found.loading:
                deadline = time.monotonic() + seconds
        time.sleep(PAUSE_SECONDS)
    advice = "the data is in place: start the server and look at its log"
    raise Failed("server-not-back", f"not restarted within {seconds} s ({last.strip()}); {advice}")


def _check_keys(found: Manifest, restored: Server) -> None:
    """Compare the keys with the manifest's count, which may differ by expiry and by writes during the backup."""
    expected = {index: Keys(**counts) for index, counts in found.source["databases"].items()}
    changes = found.source["changes"]
    for index in sorted(expected.keys() | restored.databases.keys()):
        before, after = (databases.get(index, Keys(0, 0)) for databases in (expected, restored.databases))
        certain = before.keys - before.expires
        least = min(1, certain) if changes is None else certain - changes
        if after.keys < least or (changes is not None and after.keys > before.keys + changes):
            where = f"database {index} has {after.keys} keys, its backup {before.keys} ({before.expires} may expire)"
            raise Failed("keys-differ", f"{where}; check that REDIS_DIR is the server's directory; read its log")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(restore, arguments)


if __name__ == "__main__":
    sys.exit(main())
