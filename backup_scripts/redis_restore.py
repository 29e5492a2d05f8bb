"""Restore a Redis or Valkey server from a backup made by redis_snapshot or redis_appendonly.

    python -m backup_scripts.redis_restore [BACKUP_ID] [--wait SECONDS] [--with-own-user]

The target is a running server without any key, started by a supervisor that starts it again when
it stops. The backup is verified to the last byte first: by our checksums, and by the one that the server wrote into its
RDB file, or else by redis-check-rdb or redis-check-aof, so that one that was damaged before it was stored is refused,
too. Then its data is put into the data directory, where the server will look, be it with `appendonly` yes or no;
the server is told to stop without saving; and when it is back, its keys are counted against the manifest, and its users
and settings become those of the backup (see redis_configuration). Where `appendonly` was yes, it is so at the end. An
append-only file for a server with `appendonly no` is made into an RDB file by a redis-server of our own. These programs
have to be on PATH.

Where it was killed, or has failed once its data was in place, it is finished by running it again: what it puts where is
noted in the data directory, as `.landing-restore`, until all is done. A server that somebody has written to meanwhile
is refused, and so is a file that is not the one that was put there.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup is
  BACKUP_ID                       which one, unless it is given as the argument
  REDIS_HOST REDIS_PORT REDIS_USER REDISCLI_AUTH   the connection and the password
  BACKUP_IDENTITY_FILE            the file of the secret key, if the backup is encrypted
  REDIS_DIR                       the server's data directory, as this script sees it

Prints {"backup_id", "set", "keys", "settings", "users", "seconds", "bytes"}: how many keys there are, the names of the
settings and users that were changed, and the size of the backup.

Exit status: 0 restored and verified; 1 failed; 2 wrong arguments; 3 the backup or the target was
refused, and the target was not touched.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from backup_scripts import (
    append_only,
    contract,
    programs,
    rdb,
    redis,
    redis_configuration,
    redis_landing,
    redis_trial,
    threads,
)
from backup_scripts.append_only import ListInvalid
from backup_scripts.contract import Arguments, Clock, Failed, Refused, Result, positive, required
from backup_scripts.manifest import Manifest
from backup_scripts.redis import Keys, Server, release
from backup_scripts.redis_configuration import Configuration
from backup_scripts.redis_directory import DataDirectory, alone_in, list_of
from backup_scripts.redis_landing import Landing
from backup_scripts.repository import ANOTHER, BackupSet, StoredBackup

PAUSE_SECONDS = 0.02
# What publishes a container's port takes a connection before the server is there, and was seen to hold it for 1.05 s:
# whoever asks anew is answered sooner. A server that is slow gets half as much time again with every question.
ANSWER_SECONDS, MORE_TIME = 0.15, 1.5


@contextlib.contextmanager
def restore(arguments: Sequence[str]) -> Iterator[Result]:
    """Verify, refuse or restore, count; give what was done."""
    parser = Arguments(__doc__)
    parser.add_argument("backup_id", nargs="?", metavar="BACKUP_ID", help="default: the environment's BACKUP_ID")
    parser.add_argument("--wait", default="60", help="seconds for the server to be back, loading apart (60)")
    parser.add_argument("--with-own-user", action="store_true", help="change the user of this connection as well")
    options = parser.parse_args(arguments)
    seconds = positive(options.wait, where="--wait")
    clock, directory = Clock(), Path(required("REDIS_DIR"))
    backup = BackupSet.from_environment().backup(options.backup_id or required("BACKUP_ID"))

    with backup.held(), contextlib.ExitStack() as until_told:
        _refuse_other_kinds(backup)
        with _read(backup) as (plain, reading):
            until_told.enter_context(alone_in(directory))
            landing, place, restored = _started(plain, directory, seconds, reading)
            if landing.counted != restored.run:
                if backup.manifest.kind == "aof" and restored.appends:
                    _check_whole(plain, place)
                _check_keys(backup.manifest, restored)
                landing = landing._replace(counted=restored.run, was_appended=restored.appends)
                place.restate(landing)
            place.remove_unread(landing)
            if landing.appends and not landing.was_appended:
                _append_again(seconds)
            configuration = Configuration.read(plain.directory)
            changed = redis_configuration.put_back(configuration, with_own_user=options.with_own_user)
        yield {
            "backup_id": backup.manifest.id,
            "set": backup.manifest.set,
            "keys": sum(held.keys for held in restored.databases.values()),
            **changed,
            "seconds": round(clock.seconds(), 3),
            "bytes": backup.manifest.stored_bytes,
        }
        redis_landing.forget(directory)


class _Reading(NamedTuple):
    """What waits until a backup is read to its last byte, which may be done beside all that is asked meanwhile.

    Attributes:
        checked: that it is what was stored; before a target is touched.
        tried: that it would load; before anything of a target is replaced.
    """

    checked: Callable[[], None]
    tried: Callable[[], None]


@contextlib.contextmanager
def _read(backup: StoredBackup) -> Iterator[tuple[StoredBackup, _Reading]]:
    """Have a backup read; give it as if it had never been encrypted. What is wrong with it is told before all else."""
    with contextlib.ExitStack() as stack:
        if backup.manifest.encryption:
            backup.verify()
            plain = stack.enter_context(backup.decrypted())
            yield plain, _Reading(_done, stack.enter_context(redis_trial.begun(plain)))
            return
        backup.verify_sizes()
        checked = stack.enter_context(threads.beside(backup.verify))
        tried = stack.enter_context(redis_trial.begun(backup))
        try:
            yield backup, _Reading(checked, tried)
        except (Failed, Refused):
            checked()
            raise


def _done() -> None: ...


def _refuse_other_kinds(backup: StoredBackup) -> None:
    found = {file.plain_path for file in backup.manifest.files} - {redis_configuration.NAME}
    if backup.manifest.kind == "snapshot" and found == {"dump.rdb"}:
        return
    if backup.manifest.kind == "aof" and found and all(path.startswith("aof/") for path in found):
        return
    scripts = "redis_snapshot or redis_appendonly"
    raise Refused("wrong-kind", f"{backup.directory} was not made by {scripts}; use the script that fits it")


def _refuse_roles(target: Server) -> None:
    if target.clustered:
        raise Refused("cluster-unsupported", redis.CLUSTERED)
    if target.info["role"] != "master":
        raise Refused("target-is-replica", "the target copies another server; restore that one")


def _refuse_unfit(backup: StoredBackup, target: Server, place: DataDirectory, begun: Landing) -> None:
    _refuse_keys(target)
    _refuse_newer(backup, target)
    if unread := place.unread_data(begun, target):
        advice = "the server has not read it, and it may be the only copy; move it away"
        raise Refused("target-not-empty", f"{unread} holds data: {advice}")
    if 0 < (room := int(target.info["maxmemory"])) < (needed := backup.manifest.source_bytes):
        what = f"the target's maxmemory is {room}, the data took {needed} bytes"
        raise Refused("target-too-small", f"{what}; raise it, or the server will evict or refuse what is restored")
    most = max((int(index) for index in backup.manifest.source["databases"]), default=0)
    if most >= int(place.names["databases"]):
        raise Refused(
            "too-few-databases", f"the backup has keys in database {most}; set databases to {most + 1} or more"
        )


def _refuse_newer(backup: StoredBackup, target: Server) -> None:
    """Refuse what the target cannot read: another engine's file, a newer release's, one that is no file of Redis."""
    source = backup.manifest.source
    theirs, ours = source["server_version"], target.version
    newest = redis.format_version()
    versions = [rdb.version(file) for file in _snapshots(backup)]
    if source["engine"] != target.engine or release(theirs) > release(ours) or max(versions, default=0) > newest:
        what = f"the backup is of {source['engine']} {theirs}, the target is {target.engine} {ours}"
        raise Refused("newer-version", f"{what}; restore into the same engine of the same or a newer release")


def _snapshots(backup: StoredBackup) -> list[Path]:
    """Return the RDB files of a backup: whole, and all that its list names."""
    if backup.manifest.kind == "snapshot":
        found = [backup.directory / "dump.rdb"]
    else:
        found = [part for part in _parts(backup) if part.name.endswith(".rdb")]
    for file in found:
        if not rdb.is_whole(file):
            raise Refused("rdb-incomplete", f"{file} is no whole RDB file; {ANOTHER}")
    return found


def _parts(backup: StoredBackup) -> list[Path]:
    listed = list_of(backup)
    try:
        parts = [listed.parent / part.name for part in append_only.read_list(listed)]
    except ListInvalid as error:
        raise Refused("aof-list-invalid", f"{listed}: {error}; {ANOTHER}") from None
    present = {backup.directory / file.path for file in backup.manifest.files} - {
        listed,
        backup.directory / redis_configuration.NAME,
    }
    if different := sorted(present ^ set(parts)):
        raise Refused("aof-list-invalid", f"{listed} does not fit the files: {different[0].name}; {ANOTHER}")
    return parts


def _refuse_keys(target: Server) -> None:
    if held := {index: keys.keys for index, keys in target.databases.items()}:
        raise Refused("target-not-empty", f"the target holds keys (by database: {held}); name a blank server")


def _refuse_written() -> None:
    if commands := redis_landing.writes():
        what = f"the target has been restored, and somebody has written to it since ({', '.join(commands)})"
        left = "keep it, and set back its settings and users by hand"
        raise Refused("target-not-empty", f"{what}; {left}, or name a blank server")


def _started(
    backup: StoredBackup, directory: Path, seconds: int, reading: _Reading
) -> tuple[Landing, DataDirectory, Server]:
    """Have the server start on the backup's data, unless a killed run of this restore has; return what it reads."""
    restore = {"set": backup.manifest.set, "backup": backup.manifest.id}
    begun = Landing.begun(directory, restore)
    target = _back(seconds) if begun else redis.server()
    place = DataDirectory.of_server(directory)
    _refuse_roles(target)
    if begun and begun.was_read_by(target, place.source(target)):
        reading.checked()
        contract.say("the server has read what a killed restore of the same backup put there; finishing that")
        _refuse_written()
        return begun, place, target
    if not begun or not begun.concerns(target, directory):
        begun = Landing(restore, target.run, target.appends)
    landing = _landed(backup, target, place, begun, reading)
    restored = _restarted(target, seconds)
    if not restored.appends and not landing.holds(place.snapshot):
        contract.say("appendonly yes was a setting of the moment; the server has started with no")
        place, again = DataDirectory.of_server(directory), landing._replace(run=restored.run)
        landing = place.place(backup, again, just_before=lambda: _refuse_keys(redis.server()))
        restored = _restarted(restored, seconds)
    return landing, place, restored


def _landed(backup: StoredBackup, target: Server, place: DataDirectory, begun: Landing, reading: _Reading) -> Landing:
    """Have the backup's data where the server looks when it starts, unless it is there; return what is there."""
    if begun.is_in_place(place.path):
        reading.checked()
        contract.say("a killed restore of the same backup has put its data there; finishing that")
        _refuse_unfit(backup, target, place, begun)
        place.stop_appending()
        return begun
    _refuse_unfit(backup, target, place, begun)
    reading.checked()

    def check_at_last() -> None:
        reading.tried()
        _refuse_keys(redis.server())

    landing = Landing(begun.restore, target.run, begun.appends or target.appends)
    return place.place(backup, landing, just_before=check_at_last)


def _restarted(blank: Server, seconds: int) -> Server:
    """Stop the blank server without a save; wait until its supervisor has it back with its data loaded."""
    contract.say("stopping the blank server; its supervisor starts it on the restored data")
    # Its answer means nothing: the server closes the connection, which redis-cli reports as an error.
    said = programs.run(redis.command("SHUTDOWN", "NOSAVE"), aloud=False)
    return _back(seconds, since=blank.run, last=said.answer)


def _back(seconds: int, *, since: str = "", last: str = "") -> Server:
    """Wait until the server is there with its data loaded; not the run that was told to stop."""
    deadline, patience = time.monotonic() + seconds, ANSWER_SECONDS
    while (asked := time.monotonic()) < deadline:
        try:
            found = redis.info(aloud=False, within=patience)
        except Failed as error:
            last = str(error)
            if time.monotonic() - asked >= patience:
                patience *= MORE_TIME
        else:
            if found.run != since and not found.loading:
                return found
            if found.loading:
                deadline = time.monotonic() + seconds
        time.sleep(PAUSE_SECONDS)
    advice = "the data is in place: read the server's log, start it and run this again, or name a blank server"
    raise Failed("server-not-back", f"not restarted within {seconds} s ({last.strip()}); {advice}")


def _check_whole(backup: StoredBackup, place: DataDirectory) -> None:
    """Check that the server has cut nothing off an append-only file, as it does where a write is not whole."""
    for part in _parts(backup):
        restored, stored = ((where / part.name).stat().st_size for where in (place.append_only, part.parent))
        if restored < stored:
            what = f"the server read {restored} of the {stored} bytes of {part.name} and dropped the rest"
            raise Failed("aof-cut", f"{what}; read its log, {ANOTHER}")


def _append_again(seconds: int) -> None:
    """Have the server keep an append-only file as it did before, though its configuration file does not say so."""
    redis.call("CONFIG", "SET", "appendonly", "yes")
    contract.say("appendonly is yes again as it was, until the next restart: write it into the configuration file")
    deadline = time.monotonic() + seconds
    while redis.info().rewriting:
        if time.monotonic() > deadline:
            raise Failed("appendonly-not-ready", f"its first rewrite did not end within {seconds} s; read its log")
        time.sleep(PAUSE_SECONDS)


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
    contract.leave(main())
