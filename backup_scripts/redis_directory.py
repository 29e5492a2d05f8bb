"""The data directory of a blank server: what is put there so that the server finds it when it starts.

With `appendonly yes` a server ignores an RDB file, with `appendonly no` an append-only file, and what it is told
now may not be what its configuration file tells it when it starts. A snapshot is therefore put in both places, once as
a file of its own and once as the base of an append-only file; what the server did not read is removed when it has
started. An append-only file is read by a server with `appendonly yes`; for another one it is made into an RDB file,
here, by a redis-server that nobody else can reach.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from backup_scripts import append_only, contract, files, programs, rdb, redis
from backup_scripts.append_only import LIST_SUFFIX
from backup_scripts.contract import Failed, Refused
from backup_scripts.landing import UNWRITABLE
from backup_scripts.locking import locked, opened
from backup_scripts.programs import Finished
from backup_scripts.redis import Server
from backup_scripts.redis_landing import Landing
from backup_scripts.repository import ANOTHER, StoredBackup, remove_all, writing_to

NAMES = ("appendonly", "appenddirname", "appendfilename", "dbfilename", "databases")
PAUSE_SECONDS = 0.05


class DataDirectory(NamedTuple):
    """Where a server looks for its data, and which of its two places it would look at if it started as it is now."""

    path: Path
    names: Mapping[str, str]

    @classmethod
    def of_server(cls, path: Path) -> DataDirectory:
        """Ask the connected server."""
        return cls(path, redis.settings(*NAMES))

    @property
    def appends(self) -> bool:
        """Whether the server keeps an append-only file."""
        return self.names["appendonly"] == "yes"

    @property
    def snapshot(self) -> Path:
        """The place of the RDB file."""
        return self.path / self.names["dbfilename"]

    @property
    def append_only(self) -> Path:
        """The place of the append-only file: a directory."""
        return self.path / self.names["appenddirname"]

    def source(self, started: Server) -> Path:
        """The place that a server looked at when it started."""
        return self.append_only if started.appends else self.snapshot

    @property
    def _staging(self) -> Path:
        return self.path / ".restore"

    @property
    def _own(self) -> str:
        return f"{self.names['appendfilename']}."

    def unread_data(self, begun: Landing, target: Server) -> Path | None:
        """Return a file with data that the server holds none of and we have not put there: perhaps the only copy."""
        ours = {place for place in (self.snapshot, self.append_only) if begun.is_whole(place)}
        if self.snapshot not in ours and self.snapshot.exists() and not rdb.holds_nothing(self.snapshot):
            return self.snapshot
        there = sorted(self.append_only.iterdir()) if self.append_only.is_dir() and self.append_only not in ours else []
        # Its own it has read; those of another name lie there perhaps since that was changed.
        wrote = self.appends or (begun.run == target.run and begun.appends)  # until a killed restore told it not to
        unread = (file for file in there if not (wrote and file.name.startswith(self._own)))
        return next((file for file in unread if not _holds_nothing(file)), None)

    def place(self, backup: StoredBackup, landing: Landing, *, just_before: Callable[[], None]) -> Landing:
        """Put a backup's data where the server will find it; return what was put where.

        Args:
            backup: the backup, verified.
            landing: notes it before the first.
            just_before: a last check, when all is prepared and nothing has been replaced.
        """
        staging, draft = self._staging, self._staging / "note"
        try:
            with writing_to(self.path, slug=UNWRITABLE):
                remove_all([staging])
                staging.mkdir()
                prepared = self._prepared(backup, staging)
                landing = landing.of(prepared)
                landing.draft(draft)
                _give_to_owner(self.path, staging)
            just_before()
            with writing_to(self.path, slug=UNWRITABLE):
                landing.put(draft, self.path)
            self.stop_appending()
            with writing_to(self.path, slug=UNWRITABLE):
                if self.append_only.is_dir():
                    self.append_only.rename(staging / "replaced")
                for new, place in prepared.items():
                    new.rename(place)
                files.flush(self.path)
        finally:
            remove_all([staging])
        return landing

    def stop_appending(self) -> None:
        """Have the server keep no append-only file: it would write its list anew as it stops (Redis 8), over ours."""
        if self.appends:
            redis.call("CONFIG", "SET", "appendonly", "no")

    def restate(self, landing: Landing) -> None:
        """Note anew what has come of what was put here."""
        staging, draft = self._staging, self._staging / "note"
        with writing_to(self.path, slug=UNWRITABLE):
            remove_all([staging])
            staging.mkdir()
            landing.draft(draft)
            _give_to_owner(self.path, staging)
            landing.put(draft, self.path)

    def remove_unread(self, landing: Landing) -> None:
        """Remove what the started server did not read: a later start must not find it in the place of newer data."""
        with writing_to(self.path, slug=UNWRITABLE):
            remove_all([self._staging])
            if landing.was_appended:
                if landing.is_whole(self.snapshot) or (self.snapshot.exists() and rdb.holds_nothing(self.snapshot)):
                    self.snapshot.unlink()
            elif landing.is_whole(self.append_only):
                self.append_only.rename(self._staging)  # at once: a part of it would not be known again
                remove_all([self._staging])

    def _prepared(self, backup: StoredBackup, staging: Path) -> dict[Path, Path]:
        snapshot, directory = staging / "snapshot", staging / "append-only"
        directory.mkdir()
        listed = directory / (self.names["appendfilename"] + LIST_SUFFIX)
        if backup.manifest.kind == "aof":
            parts = append_only.read_list(list_of(backup))
            for part in parts:
                files.copy_whole(backup.directory / "aof" / part.name, directory / part.name)
            append_only.write_list(parts, listed)
            if self.appends:
                return {directory: self.append_only}
            _make_snapshot(directory, snapshot, self.names)
        else:
            files.copy_whole(backup.directory / "dump.rdb", snapshot)
            base = f"{self.names['appendfilename']}.1.base.rdb"
            (directory / base).hardlink_to(snapshot)
            listed.write_text(f"file {base} seq 1 type b\n", "utf-8")
        return {snapshot: self.snapshot, directory: self.append_only}


@contextlib.contextmanager
def alone_in(path: Path) -> Iterator[None]:
    """Be the only restore that is at work in a data directory.

    Raises:
        Refused: ``target-missing``.
        Failed: ``target-busy``, ``target-unwritable``.
    """
    if not path.is_dir():
        raise Refused("target-missing", f"REDIS_DIR is {path}, which is no directory here")
    with contextlib.ExitStack() as stack:
        with writing_to(path, slug=UNWRITABLE):
            ours = locked(stack.enter_context(opened(path, os.O_RDONLY | os.O_DIRECTORY)), fcntl.LOCK_EX)
        if not ours:
            raise Failed("target-busy", f"{path}: another restore is at work; wait until it ends")
        yield


def list_of(backup: StoredBackup) -> Path:
    """Return the list of the parts that a backup of an append-only file holds.

    Raises:
        Refused: ``aof-list-invalid``: there is none.
    """
    for file in backup.manifest.files:
        if file.path.endswith(LIST_SUFFIX):
            return backup.directory / file.path
    raise Refused("aof-list-invalid", f"{backup.directory / 'aof'} has no list of its parts; {ANOTHER}")


def _holds_nothing(file: Path) -> bool:
    return file.name.endswith(LIST_SUFFIX) or file.stat().st_size == 0 or rdb.holds_nothing(file)


def _give_to_owner(directory: Path, staging: Path) -> None:
    """Make what was prepared durable and give it to the owner of the data directory."""
    owner = directory.stat()
    for path in [staging, *staging.rglob("*")]:
        files.flush(path)
        if os.geteuid() == 0:
            os.chown(path, owner.st_uid, owner.st_gid)


def _make_snapshot(directory: Path, snapshot: Path, names: Mapping[str, str]) -> None:
    """Have a server of our own read an append-only file to its last byte and save it as an RDB file."""
    contract.say("the target keeps no append-only file: making it into a snapshot")
    with _reader(directory, names) as ask:
        finished = ask("SAVE")
        if finished.status != 0:
            raise finished.failure("snapshot-not-made", "free space in REDIS_DIR and run it again")
    (directory.parent / "made.rdb").rename(snapshot)


@contextlib.contextmanager
def _reader(directory: Path, names: Mapping[str, str]) -> Iterator[Callable[..., Finished]]:
    """Run a server on a socket in a private directory until it has read the append-only file; give what asks it."""
    settings = {
        "port": "0",
        "dir": str(directory.parent),
        "dbfilename": "made.rdb",
        "save": "",
        "appendonly": "yes",
        "appenddirname": directory.name,
        "appendfilename": names["appendfilename"],
        "databases": names["databases"],
        "aof-load-truncated": "no",  # a missing end is to be refused, not passed over
        "requirepass": os.environ.get("REDISCLI_AUTH", ""),  # redis-cli sends it to whomever it talks to
    }
    import tempfile  # here, because it takes a tenth of the start-up time and is seldom needed

    with tempfile.TemporaryDirectory() as private:
        socket, log = Path(private) / "socket", Path(private) / "log"
        lines = [f"{name} {_quoted(value)}" for name, value in {**settings, "unixsocket": str(socket)}.items()]
        with programs.serving(["redis-server", "-"], feed="\n".join(lines), log=log) as server:

            def ask(*words: str) -> Finished:
                return programs.run(["redis-cli", "-s", str(socket), "-e", *words], aloud=False)

            # At the beginning of a line: async_loading:0 is said all the while.
            while not re.search("^loading:0", ask("INFO", "persistence").answer, re.MULTILINE):
                if server.poll() is not None:
                    last = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
                    raise Refused("aof-unreadable", f"{directory.name}: {' '.join(last)}; {ANOTHER}")
                time.sleep(PAUSE_SECONDS)
            yield ask


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
