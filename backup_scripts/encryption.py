"""Encryption of stored files with age: to a public key when backing up, with an identity file when restoring.

BACKUP_RECIPIENT (``age1…``) turns it on for whatever is backed up. A restore reads the secret key from the file
that BACKUP_IDENTITY_FILE names, which only its owner may read. The format is age's own, so that `age --decrypt`
reads every stored file too; a cut or altered file never decrypts.
"""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from types import ModuleType
from typing import IO, Any, NamedTuple

from backup_scripts.contract import Failed, Refused, WrongArguments

METHOD = "age X25519"
SUFFIX = ".age"
SECRET = "AGE-SECRET-KEY-1"  # noqa: S105 - how every secret key begins
CHUNK = 1 << 20


class Recipient(NamedTuple):
    """Whoever holds the secret key of a public key."""

    key: Any

    def encrypt(self, plain: IO[bytes], stored: IO[bytes]) -> None:
        """Write one file's ciphertext.

        Raises:
            OSError: the ciphertext could not be written.
        """
        target = _Remembering(stored)
        try:
            _age().encrypt_io(plain, target, [self.key])
        except _age().EncryptError as error:
            raise target.problem or OSError(str(error)) from None


class Identity(NamedTuple):
    """The secret keys of an identity file."""

    keys: tuple[Any, ...]
    file: Path

    def decrypt(self, stored: IO[bytes] | io.RawIOBase, plain: IO[bytes] | io.RawIOBase) -> None:
        """Write one file's plaintext.

        Raises:
            Refused: ``wrong-key``: none of the keys opens it, or it was altered; ``file-unreadable``.
            OSError: the plaintext could not be written.
        """
        source, target = _Remembering(stored), _Remembering(plain)
        buffered = io.BufferedWriter(target, CHUNK)
        try:
            _age().decrypt_io(source, buffered, list(self.keys))
            buffered.flush()
        except (_age().DecryptError, OSError) as error:
            if source.problem:
                what = f"a stored file can no longer be read: {source.problem.strerror}"
                raise Refused("file-unreadable", f"{what}; restore another backup, and look at the disk") from None
            if target.problem:
                raise target.problem from None
            raise Refused("wrong-key", f"{self.file} does not open the backup ({error}); name the right key") from None
        finally:
            buffered.detach()


def recipient() -> Recipient | None:
    """Return whom BACKUP_RECIPIENT names; None where backups are not to be encrypted.

    Raises:
        WrongArguments: ``wrong-recipient``: it is no public key of age.
        Failed: ``tool-missing``.
    """
    key = os.environ.get("BACKUP_RECIPIENT")
    if not key:
        return None
    try:
        return Recipient(_age().x25519.Recipient.from_str(key))
    except _age().RecipientError:
        raise WrongArguments("wrong-recipient", "BACKUP_RECIPIENT is no public key of age; give age1…") from None


def identity() -> Identity:
    """Return the keys of the file that BACKUP_IDENTITY_FILE names.

    Raises:
        Refused: ``key-missing``, ``key-exposed`` where others may read the file.
        Failed: ``tool-missing``.
    """
    named = os.environ.get("BACKUP_IDENTITY_FILE")
    if not named:
        raise Refused("key-missing", "the backup is encrypted; name the file of its secret key in BACKUP_IDENTITY_FILE")
    file = Path(named)
    try:
        mode, lines = stat.S_IMODE(file.stat().st_mode), file.read_text("ascii", "replace").splitlines()
    except OSError as error:
        raise Refused("key-missing", f"{file}: {error.strerror}; BACKUP_IDENTITY_FILE must name a key file") from None
    if mode & 0o077:
        raise Refused("key-exposed", f"{file} has the mode {mode:04o}; make it 0600, and think who has read it")
    try:
        keys = tuple(_age().x25519.Identity.from_str(line.strip()) for line in lines if line.startswith(SECRET))
    except _age().IdentityError:
        keys = ()
    if not keys:
        raise Refused("key-missing", f"{file} holds no secret key of age ({SECRET}…); name the right file")
    return Identity(keys, file)


class _Remembering(io.RawIOBase):
    """A file that remembers what the file system said, which the library wraps in an error of its own."""

    def __init__(self, file: IO[bytes] | io.RawIOBase) -> None:
        super().__init__()
        self._file = file
        self.problem: OSError | None = None

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes | None:
        try:
            return self._file.read(size)
        except OSError as error:
            self.problem = error
            raise

    def write(self, data: Any) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.problem = error
            raise

    def flush(self) -> None:
        self._file.flush()


def _age() -> ModuleType:
    try:
        import pyrage  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        advice = 'run: pip install "dr-drill[encryption]"'
        raise Failed("tool-missing", f"encrypted backups need the library pyrage; {advice}") from None
    return pyrage  # type: ignore[no-any-return,unused-ignore]
