"""The repository, `<repository>/<set>/<backup-id>/`: a backup is whole or it is not there.

A backup is written below `.partial-<id>` while the set's lock is held. Every file is hashed and
flushed to disk, the manifest comes last, and a rename makes the backup appear. What an earlier run
left unfinished is removed by the next one. A restore holds the backup that it reads, and pruning
leaves a held backup alone.

Where BACKUP_RECIPIENT names a public key, the backup is written to a private directory outside the repository
first, and only its ciphertext is stored, each file as `<name>.age`.

A set may also hold `wal` and `stream`, the write-ahead log of a PostgreSQL server (see postgres_wal): no backups.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from backup_scripts import encryption, files, manifest, scratch
from backup_scripts.contract import Clock, Failed, Refused, Result, WrongArguments, hold_signals, required, term
from backup_scripts.encryption import Identity, Recipient
from backup_scripts.growing import Growing
from backup_scripts.locking import locked, opened
from backup_scripts.manifest import Manifest, ManifestInvalid, StoredFile

PARTIAL = ".partial-"
RESERVED = ("stream", "wal")
ANOTHER = "restore another backup, and take a new one"


@contextlib.contextmanager
def writing_to(place: Path, *, slug: str = "repository-unwritable") -> Iterator[None]:
    """Turn what the file system refuses into our errors.

    Raises:
        Failed: ``disk-full``, or the slug given.
    """
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise Failed("disk-full", f"{place}: {error.strerror}; free space and run it again") from None
        advice = "mount or create its parent, and let this user write there"
        raise Failed(slug, f"{place}: {error.strerror}; {advice}") from None


class BackupSet(NamedTuple):
    """The backups of one thing: a directory of the repository."""

    directory: Path

    @classmethod
    def from_environment(cls) -> BackupSet:
        """Return the set that BACKUP_REPOSITORY and BACKUP_SET name; it need not exist yet."""
        repository, name = required("BACKUP_REPOSITORY"), required("BACKUP_SET")
        if "/" in name or name.startswith("."):
            raise WrongArguments("wrong-set", f"BACKUP_SET is {name!r}; give one plain directory name")
        return cls(Path(repository).absolute() / name)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one that changes the set.

        Raises:
            Failed: ``set-busy``: a backup or pruning is at work; ``repository-unwritable``.
        """
        with contextlib.ExitStack() as stack:
            with writing_to(self.directory):
                if not self.directory.is_dir():
                    self.directory.mkdir(exist_ok=True)
                    files.flush(self.directory.parent)  # or a crash takes the set with all that is flushed in it
                lock = stack.enter_context(opened(self.directory / ".lock", os.O_RDWR | os.O_CREAT))
                mine = locked(lock, fcntl.LOCK_EX)
            if not mine:
                raise Failed("set-busy", f"{self.directory}: a backup or pruning is at work; wait until it ends")
            yield

    @contextlib.contextmanager
    def new_backup(self, *, kind: str, clock: Clock) -> Iterator[NewBackup]:
        """Give a place to write a backup to; unless it is published, nothing is left of it."""
        retain = term(os.environ.get("RETENTION_DAYS", "30"), where="RETENTION_DAYS")
        recipient = encryption.recipient()
        name = f"{clock.started:%Y%m%dT%H%M%S.%fZ}-{kind}"
        partial = self.directory / (PARTIAL + name)
        with self.locked():
            with writing_to(self.directory):
                remove_all(self.directory.glob(PARTIAL + "*"))
            if (self.directory / name).exists():
                raise Failed("backup-exists", f"{self.directory / name} is there already; run it again later")
            try:
                with writing_to(partial):
                    partial.mkdir()
                with scratch.directory() if recipient else contextlib.nullcontext(partial) as place:
                    yield NewBackup(place, partial, name, kind, clock, retain, recipient)
            finally:
                hold_signals()
                with contextlib.suppress(OSError):  # what stays is no backup, and the next run tries again
                    remove_all([partial])

    def backup(self, backup_id: str) -> StoredBackup:
        """Find one backup and read its manifest.

        Raises:
            Refused: ``no-such-backup`` or ``manifest-invalid``.
        """
        directory = self.directory / backup_id
        if "/" in backup_id or backup_id.startswith(".") or directory.is_symlink() or not directory.is_dir():
            raise Refused("no-such-backup", f"{self.directory} holds no backup {backup_id!r}; list that directory")
        try:
            found = manifest.parse((directory / manifest.NAME).read_bytes())
        except OSError as error:
            raise Refused("manifest-invalid", f"{directory / manifest.NAME}: {error.strerror}; {ANOTHER}") from None
        except ManifestInvalid as error:
            raise Refused("manifest-invalid", f"{directory / manifest.NAME}: {error}; {ANOTHER}") from None
        if (found.id, found.set) != (backup_id, self.directory.name):
            raise Refused("manifest-invalid", f"{directory} claims to be {found.set}/{found.id}; {ANOTHER}")
        return StoredBackup(directory, found)


class NewBackup(NamedTuple):
    """A backup that is being written below `directory`, and stored from there in `partial`."""

    directory: Path
    partial: Path
    id: str
    kind: str
    clock: Clock
    retain: timedelta
    recipient: Recipient | None

    def growing(self, names: str) -> Growing:
        """Return what hashes files whose names fit this pattern as they are written, if they are stored as they are."""
        return Growing(self.partial, names)

    def publish(
        self,
        *,
        source: Mapping[str, object],
        tool: Mapping[str, str],
        source_bytes: int,
        parent: str | None = None,
        growing: Growing | None = None,
    ) -> Result:
        """Encrypt, make every file durable, write the manifest, let the backup appear; return the manifest."""
        home = self.partial.parent
        with writing_to(self.partial):
            if self.recipient:
                _encrypt_all(self.directory, self.partial, self.recipient)
            stored = files.make_durable(self.partial, known=growing.sha256 if growing else None)
            finished = self.clock.now()
            result = Manifest(
                id=self.id,
                set=home.name,
                kind=self.kind,
                parent=parent,
                started=self.clock.started,
                finished=finished,
                source=source,
                tool=tool,
                files=stored,
                stored_bytes=sum(file.size for file in stored),
                source_bytes=source_bytes,
                encryption=encryption.METHOD if self.recipient else None,
                tier=os.environ.get("BACKUP_TIER", "daily"),
                retain_until=finished + self.retain,
            ).as_json()
            (self.partial / manifest.NAME).write_text(json.dumps(result, indent=1) + "\n", "ascii")
            files.flush(self.partial / manifest.NAME)
            files.flush(self.partial)
            hold_signals()  # from here on the backup is there
            self.partial.rename(home / self.id)
            files.flush(home)
        return result


class StoredBackup(NamedTuple):
    """A backup whose manifest is valid; its files are checked by `verify`."""

    directory: Path
    manifest: Manifest

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep pruning away from the backup.

        Raises:
            Refused: ``no-such-backup``: it has just been removed.
        """
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(FileNotFoundError):
                place = stack.enter_context(opened(self.directory, os.O_RDONLY))
                fcntl.flock(place, fcntl.LOCK_SH)  # pruning holds it for the instant of a rename only
            if not self.directory.exists():
                raise Refused("no-such-backup", f"{self.directory} has just been removed; {ANOTHER}")
            yield

    @contextlib.contextmanager
    def plain(self) -> Iterator[Path]:
        """Give the directory of the backup's files as they were made: its own, or decrypted copies; verify it first.

        Raises:
            Refused: ``wrong-key``, ``key-missing``, ``key-exposed``.
        """
        if not self.manifest.encryption:
            yield self.directory
            return
        identity = encryption.identity()
        with scratch.directory() as place:
            for file in self.manifest.files:
                self._decrypt(file.plain_path, place / file.plain_path, identity)
            yield place

    @contextlib.contextmanager
    def decrypted(self) -> Iterator[StoredBackup]:
        """Give the backup as if it had never been encrypted; verify it first.

        Raises:
            Refused: ``wrong-key``, ``key-missing``, ``key-exposed``.
        """
        with self.plain() as place:
            stored = tuple(file._replace(path=file.plain_path) for file in self.manifest.files)
            yield StoredBackup(place, self.manifest._replace(files=stored))

    @contextlib.contextmanager
    def plain_file(self, name: str) -> Iterator[Path]:
        """Give one of the backup's files as it was made: itself, or a decrypted copy.

        Raises:
            Refused: ``wrong-key``, ``key-missing``, ``key-exposed``.
        """
        if not self.manifest.encryption:
            yield self.directory / name
            return
        identity = encryption.identity()
        with scratch.directory() as place:
            self._decrypt(name, place / name, identity)
            yield place / name

    def verify(self) -> None:
        """Check every byte against the manifest.

        Raises:
            Refused: as `verify_sizes`; ``checksum-mismatch``; ``file-unreadable``.
        """
        self.verify_sizes()
        self._verify_bytes(self.manifest.files)

    def verify_file(self, name: str) -> None:
        """Check every byte of one file, which had this name as it was made.

        Raises:
            Refused: ``file-missing``; ``checksum-mismatch``; ``file-unreadable``.
        """
        named = [file for file in self.manifest.files if file.plain_path == name]
        if not named:
            raise Refused("file-missing", f"{self.directory} holds no {name}; {ANOTHER}")
        self._verify_bytes(named)

    def _verify_bytes(self, stored: Sequence[StoredFile]) -> None:
        try:
            found = files.checksums([self.directory / file.path for file in stored])
        except OSError as error:
            raise Refused("file-unreadable", f"{error.filename}: {error.strerror}; {ANOTHER}") from None
        for file, sha256 in zip(stored, found, strict=True):
            if sha256 != file.sha256:
                raise self._refusal("checksum-mismatch", file, f"its SHA-256 is {sha256}, not {file.sha256}")

    def verify_sizes(self) -> None:
        """Check that exactly the files of the manifest are there, with their sizes.

        Raises:
            Refused: ``file-missing``; ``backup-truncated``; ``backup-altered`` where a file grew;
                ``unexpected-file``.
        """
        found = files.sizes(self.directory)
        for file in self.manifest.files:
            size = found.pop(file.path, files.NOT_A_FILE)
            if size == files.NOT_A_FILE:
                raise self._refusal("file-missing", file, "no such file")
            if size < file.size:
                raise self._refusal("backup-truncated", file, f"{size} of {file.size} bytes")
            if size > file.size:
                raise self._refusal("backup-altered", file, f"{size} bytes instead of {file.size}")
        if extra := sorted(found.keys() - {manifest.NAME}):
            raise Refused("unexpected-file", f"{self.directory / extra[0]} is not in the manifest; {ANOTHER}")

    def _decrypt(self, name: str, target: Path, identity: Identity) -> None:
        with writing_to(target, slug="scratch-unwritable"):
            target.parent.mkdir(parents=True, exist_ok=True)
            with (self.directory / f"{name}{encryption.SUFFIX}").open("rb") as stored, target.open("wb") as plain:
                identity.decrypt(stored, plain)

    def _refusal(self, slug: str, file: StoredFile, what: str) -> Refused:
        return Refused(slug, f"{self.directory / file.path}: {what}; {ANOTHER}")


def _encrypt_all(source: Path, target: Path, recipient: Recipient) -> None:
    for name, size in sorted(files.sizes(source).items()):
        stored = target / f"{name}{encryption.SUFFIX}"
        stored.parent.mkdir(parents=True, exist_ok=True)
        if size != files.NOT_A_FILE:
            with (source / name).open("rb") as plain, stored.open("wb") as ciphertext:
                recipient.encrypt(plain, ciphertext)


def remove_all(directories: Iterable[Path]) -> None:
    """Remove directories with all that is in them; one that is not there is fine."""
    for directory in directories:
        if directory.is_symlink() or not directory.is_dir():
            continue
        try:
            directory.rmdir()
        except OSError:  # there is something in it
            import shutil  # here, because it takes a third of the start-up time

            shutil.rmtree(directory)
