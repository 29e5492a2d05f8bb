"""The off-site copy: a bucket of S3-compatible storage, reached with credentials of its own.

``<prefix><set>/<backup id>/<file>``, each backup's ``manifest.json`` last: what has none there is no copy. Beside them
``<prefix><set>/wal/<file>``, the archived write-ahead log, and ``<prefix><set>/stream/<file>``, the streamed one. An
object appears whole or not at all, the parts of a large one when the last of them has arrived; its metadata says what
its SHA-256 was when it was sent (``sha256``, in hex).

Environment of every script that speaks to it:
  OFFSITE_ENDPOINT                 the address, https://…
  OFFSITE_BUCKET, OFFSITE_REGION   the bucket; the region (us-east-1)
  OFFSITE_PREFIX                   what every key begins with (nothing)
  OFFSITE_ACCESS_KEY_ID, OFFSITE_SECRET_ACCESS_KEY   the account; or
  OFFSITE_CREDENTIALS_FILE         a file (mode 0600) with both, as `name = value` lines
and of those that only read there:
  OFFSITE_AS_OF                    an RFC 3339 time: what the bucket held then, to the second (what it holds now)

Nothing else is asked for credentials: whoever may reach production's storage shall not reach this one by accident.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from backup_scripts import manifest, wal_index
from backup_scripts.contract import Failed, Refused, WrongArguments, moment, required
from backup_scripts.manifest import Manifest, ManifestInvalid
from backup_scripts.offsite_versions import Past

ACCESS_KEY, SECRET_KEY = "OFFSITE_ACCESS_KEY_ID", "OFFSITE_SECRET_ACCESS_KEY"
AGAIN = "look at the site, and copy the backup again"
SHA256 = "sha256"
CHUNK = 1 << 20


class StoredObject(NamedTuple):
    """What the site says of an object: bytes, SHA-256 in base64 (``…-n`` of parts), until when it is locked.

    ``sha256`` is what it was when it was sent, by the object's metadata.
    """

    size: int
    checksum: str | None
    sha256: str | None
    lock_mode: str | None
    locked_until: datetime | None


class Site(NamedTuple):
    """One bucket, as it is or as it was."""

    client: Any
    bucket: str
    prefix: str
    past: Past | None = None

    @classmethod
    def from_environment(cls, *, connections: int = 10) -> Site:
        """Return the bucket that the environment names; nothing is asked of it yet.

        Raises:
            WrongArguments: something is missing.
            Refused: ``credentials-exposed``, ``credentials-missing``.
            Failed: ``tool-missing``.
        """
        account, secret = _credentials()
        client = _connected(account, secret, connections)
        return cls(client, required("OFFSITE_BUCKET"), os.environ.get("OFFSITE_PREFIX", ""))

    @classmethod
    def to_read(cls) -> Site:
        """Return the same bucket for whoever only reads: as it was at OFFSITE_AS_OF, where that is given.

        Raises:
            WrongArguments: likewise, or that is no time.
        """
        site, as_of = cls.from_environment(), os.environ.get("OFFSITE_AS_OF")
        if not as_of:
            return site
        return site._replace(past=Past(site.client, site.bucket, moment(as_of, where="OFFSITE_AS_OF")))

    def key(self, set_name: str, backup_id: str, path: str) -> str:
        """Return what a backup's file is called there."""
        return f"{self.prefix}{set_name}/{backup_id}/{path}"

    def backup_ids(self, set_name: str) -> list[str]:
        """Return the ids of the complete copies of a set, sorted."""
        split = (key.split("/") for key in self._below(f"{self.prefix}{set_name}/"))
        return sorted(parts[0] for parts in split if len(parts) == 2 and parts[1] == manifest.NAME)

    def log(self, set_name: str, place: str = wal_index.PLACE) -> dict[str, int]:
        """Return the files of a set's write-ahead log with their sizes, sorted; what leads elsewhere is none."""
        found = self._below(self.key(set_name, place, ""))
        return {name: size for name, size in sorted(found.items()) if wal_index.FILE.fullmatch(name)}

    def manifest(self, set_name: str, backup_id: str) -> Manifest:
        """Read a copy's manifest and mistrust it.

        Raises:
            Refused: ``no-such-backup``, ``manifest-invalid``.
        """
        text = self.read(self.key(set_name, backup_id, manifest.NAME))
        if text is None:
            raise Refused("no-such-backup", f"{self.bucket} holds no copy of {set_name}/{backup_id}; list the bucket")
        try:
            found = manifest.parse(text)
        except ManifestInvalid as error:
            raise Refused("manifest-invalid", f"{self.bucket}: {set_name}/{backup_id}: {error}; {AGAIN}") from None
        if (found.id, found.set) != (backup_id, set_name):
            raise Refused("manifest-invalid", f"{set_name}/{backup_id} claims to be {found.set}/{found.id}; {AGAIN}")
        return found

    def read(self, key: str) -> bytes | None:
        """Return a small object's content; None where there is none."""
        found = self.read_with_sha256(key)
        return found and found[0]

    def read_with_sha256(self, key: str) -> tuple[bytes, str | None] | None:
        """Return a small object's content, and what its SHA-256 was when it was sent; None where there is none."""
        with speaking():
            answer = self._asked(self.client.get_object, key)
            return (bytes(answer["Body"].read()), answer.get("Metadata", {}).get(SHA256)) if answer else None

    def stored(self, key: str) -> StoredObject | None:
        """Return what the site says of an object; None where there is none."""
        with speaking():
            answer = self._asked(self.client.head_object, key, ChecksumMode="ENABLED")
        return answer and StoredObject(
            size=answer["ContentLength"],
            checksum=answer.get("ChecksumSHA256"),
            sha256=answer.get("Metadata", {}).get(SHA256),
            lock_mode=answer.get("ObjectLockMode"),
            locked_until=answer.get("ObjectLockRetainUntilDate"),
        )

    def sha256(self, key: str) -> str | None:
        """Read an object back and return its SHA-256 in hexadecimal; None where there is none."""
        with speaking():
            answer = self._asked(self.client.get_object, key)
            if answer is None:
                return None
            found = hashlib.sha256()
            for chunk in answer["Body"].iter_chunks(CHUNK):
                found.update(chunk)
        return found.hexdigest()

    def download(self, key: str, target: Path) -> None:
        """Fetch a large object into a file.

        Raises:
            OSError: the file could not be written.
        """
        import boto3  # type: ignore[import-untyped,unused-ignore]

        try:
            with speaking():
                self.client.download_file(self.bucket, key, str(target), ExtraArgs=self._place_in_time(key))
        except boto3.exceptions.Boto3Error as error:
            raise _unreachable(error) from None

    def _below(self, beginning: str) -> dict[str, int]:
        """Return the objects whose keys begin so: the rest of the key, and the size."""
        with speaking():
            if self.past:
                there = self.past.objects(beginning)
                return {key.removeprefix(beginning): version.size or 0 for key, version in there.items()}
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=beginning)
            found = [each for page in pages for each in page.get("Contents", ())]
        return {each["Key"].removeprefix(beginning): each["Size"] for each in found}

    def _asked(self, operation: Any, key: str, **more: str) -> Any:
        """Return the answer to a question about an object; None where there is no such object."""
        place = self._place_in_time(key)
        if place is None:
            return None
        try:
            return operation(Bucket=self.bucket, Key=key, **place, **more)
        except _errors().ClientError as error:
            if _status(error) != 404:
                raise
            return None

    def _place_in_time(self, key: str) -> dict[str, str] | None:
        """Return which version is meant, as a request's arguments: none is the newest. None where there was none."""
        if self.past is None:
            return {}
        version = self.past.version(key)
        return {"VersionId": version.id} if version else None


@contextlib.contextmanager
def speaking() -> Iterator[None]:
    """Turn what the site and the way to it say into our errors.

    Raises:
        Failed: ``site-unreachable``, ``site-denied``, ``site-refused``.
    """
    errors = _errors()
    try:
        yield
    except errors.ClientError as error:
        said = error.response.get("Error", {})
        code = str(said.get("Code"))
        if _status(error) == 403:
            raise Failed("site-denied", f"{error.operation_name}: {code}; check account and rights") from None
        raise Failed("site-refused", f"{error.operation_name}: {code}: {said.get('Message')}; run it again") from None
    except errors.BotoCoreError as error:
        raise _unreachable(error) from None


def _unreachable(error: Exception) -> Failed:
    return Failed("site-unreachable", f"{error}; check OFFSITE_ENDPOINT and the network, run it again")


def base64_sha256(digest: bytes) -> str:
    """Write a SHA-256 as the storage does."""
    return base64.b64encode(digest).decode("ascii")


def _credentials() -> tuple[str, str]:
    named = os.environ.get("OFFSITE_CREDENTIALS_FILE")
    if not named:
        return required(ACCESS_KEY), required(SECRET_KEY)
    file = Path(named)
    try:
        mode, text = stat.S_IMODE(file.stat().st_mode), file.read_text("utf-8", "replace")
    except OSError as error:
        raise Refused("credentials-missing", f"{file}: {error.strerror}; name the right file") from None
    if mode & 0o077:
        raise Refused("credentials-exposed", f"{file} has the mode {mode:04o}; make it 0600, and change the secret")
    lines = (line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
    facts = {name.strip(): value.strip() for name, _, value in lines}
    if not (facts.get(ACCESS_KEY) and facts.get(SECRET_KEY)):
        raise Refused("credentials-missing", f"{file} has no {ACCESS_KEY} or no {SECRET_KEY}; add the line")
    return facts[ACCESS_KEY], facts[SECRET_KEY]


def _connected(account: str, secret: str, connections: int) -> Any:
    errors = _errors()
    import boto3  # type: ignore[import-untyped,unused-ignore]
    from botocore.config import Config  # type: ignore[import-untyped,unused-ignore]

    try:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=required("OFFSITE_ENDPOINT"),
            region_name=os.environ.get("OFFSITE_REGION") or "us-east-1",
            aws_access_key_id=account,
            aws_secret_access_key=secret,
            config=Config(
                retries={"mode": "standard", "total_max_attempts": 4},
                connect_timeout=10,
                max_pool_connections=connections,
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",  # ours are given with every request
            ),
        )
    except (ValueError, errors.BotoCoreError) as error:
        raise WrongArguments("wrong-site", f"{error}; see OFFSITE_ENDPOINT and OFFSITE_REGION in --help") from None


def _errors() -> ModuleType:
    try:
        from botocore import exceptions  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        advice = 'run: pip install "dr-drill[offsite]"'
        raise Failed("tool-missing", f"off-site copies need the library boto3; {advice}") from None
    return exceptions  # type: ignore[no-any-return,unused-ignore]


def _status(error: Any) -> int | None:
    status: int | None = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status
