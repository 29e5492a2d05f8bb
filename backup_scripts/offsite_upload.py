"""Uploads the files of a backup: checked on the way, resumable part by part, never there before they are whole.

Every request carries the SHA-256 of what it sends, which the site compares with what it got. What it then says that it
holds is compared with the file. A file is read once; what differs from the manifest is never completed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from backup_scripts.contract import Failed, Refused, WrongArguments, say, term, whole_number
from backup_scripts.manifest import StoredFile
from backup_scripts.offsite import AGAIN, SHA256, Site, StoredObject, base64_sha256, speaking
from backup_scripts.repository import ANOTHER

MEBIBYTE = 1 << 20
SMALLEST_PART = 5 * MEBIBYTE
MOST_PARTS = 10_000
# Some parts wait a second for the site to let them come, and hold up none of the others.
AT_ONCE = 10
MODES = ("COMPLIANCE", "GOVERNANCE")
DIFFERS = "copy-differs"


class Lock(NamedTuple):
    """How, and until when, nobody can remove or overwrite an object."""

    mode: str
    until: datetime

    @classmethod
    def wanted(cls, finished: datetime, *, now: datetime) -> Lock | None:
        """Return what OFFSITE_LOCK_MODE and OFFSITE_LOCK_DAYS want of a backup; None where its term is over."""
        mode = os.environ.get("OFFSITE_LOCK_MODE", "").upper()
        if not mode:
            return None
        if mode not in MODES:
            raise WrongArguments("wrong-lock", f"OFFSITE_LOCK_MODE is {mode!r}; give compliance or governance")
        until = finished + term(os.environ.get("OFFSITE_LOCK_DAYS", "30"), where="OFFSITE_LOCK_DAYS")
        return cls(mode, until.replace(microsecond=0) + timedelta(seconds=1)) if until > now else None

    def arguments(self) -> dict[str, Any]:
        """Return it as a request's arguments."""
        return {"ObjectLockMode": self.mode, "ObjectLockRetainUntilDate": self.until}

    def kept_by(self, found: StoredObject) -> bool:
        """Tell whether the site says that the object is locked like that, or longer."""
        return found.lock_mode in (self.mode, MODES[0]) and bool(
            found.locked_until and found.locked_until >= self.until
        )


class Sent:
    """How many bytes went over the line, and how many were there already."""

    __slots__ = ("sent", "spared")

    def __init__(self) -> None:
        self.sent = 0
        self.spared = 0


class Part(NamedTuple):
    """A part that is at the site: its name there, and its SHA-256 here."""

    name: str
    digest: bytes


class Uploader:
    """Uploads to one site, with a lock where one is wanted."""

    def __init__(self, site: Site, *, lock: Lock | None, tally: Sent) -> None:
        self._site = site
        self._lock = lock
        self._tally = tally

    def upload(self, file: Path, key: str, described: StoredFile) -> None:
        """Have a file at the site as the manifest describes it; what is there already is not sent again.

        Raises:
            Refused: ``checksum-mismatch``: the file is not what the manifest says.
            Failed: ``copy-differs``, ``lock-missing``, and whatever the site says.
        """
        part = part_bytes(described.size)
        there = self._site.stored(key)
        if there and there.size == described.size and self._holds(file, key, described, there, part):
            self._tally.spared += described.size
        elif described.size <= part:
            self.put(file.read_bytes(), key, described)
        else:
            self._put_in_parts(file, key, described, part)

    def put(self, content: bytes, key: str, described: StoredFile) -> None:
        """Store a small object, in one request."""
        digest = hashlib.sha256(content)
        _refuse_altered(digest.hexdigest(), key, described)
        checksum = base64_sha256(digest.digest())
        with speaking():
            self._site.client.put_object(
                Bucket=self._site.bucket,
                Key=key,
                Body=content,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=checksum,
                Metadata={SHA256: described.sha256},
                **self._locking(),
            )
        self._tally.sent += len(content)
        self._confirm(key, described, checksum)

    def lock(self, keys: Sequence[str]) -> None:
        """Have what is at the site locked as wanted. The last of the keys is locked last: where it is, all of them are.

        Raises:
            Failed: ``copy-differs`` where something is not there; ``lock-missing``, and whatever the site says.
        """
        if self._lock is None or ((last := self._site.stored(keys[-1])) and self._lock.kept_by(last)):
            return
        for key in keys:
            there = self._site.stored(key)
            if there is None:
                raise Failed(DIFFERS, f"{key} is not at the site any more; {AGAIN}")
            self._lock_again(key, there)

    def _put_in_parts(self, file: Path, key: str, described: StoredFile, part: int) -> None:
        upload_id, there = self._begun(key, described)
        whole, arrivals = hashlib.sha256(), []
        for content, arriving in self._sent_parts(file, key, upload_id, part, there):
            whole.update(content)
            arrivals.append(arriving)
        _refuse_altered(whole.hexdigest(), key, described)
        arrived = [arriving.result() for arriving in arrivals]
        parts = [
            {"PartNumber": number, "ETag": each.name, "ChecksumSHA256": base64_sha256(each.digest)}
            for number, each in enumerate(arrived, 1)
        ]
        with speaking():
            self._site.client.complete_multipart_upload(
                Bucket=self._site.bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
            )
        digests = b"".join(each.digest for each in arrived)
        self._confirm(key, described, f"{base64_sha256(hashlib.sha256(digests).digest())}-{len(parts)}")

    def _begun(self, key: str, described: StoredFile) -> tuple[str, dict[int, tuple[str, int]]]:
        """Return an upload and what it has of the parts: the newest that was interrupted, or a new one."""
        client, place = self._site.client, {"Bucket": self._site.bucket}
        with speaking():
            pages = client.get_paginator("list_multipart_uploads").paginate(**place, Prefix=key)
            begun = [each for page in pages for each in page.get("Uploads", ()) if each["Key"] == key]
            if not begun:
                facts = {"ChecksumAlgorithm": "SHA256", "Metadata": {SHA256: described.sha256}, **self._locking()}
                made = client.create_multipart_upload(**place, Key=key, **facts)
                return str(made["UploadId"]), {}
            upload_id = str(max(begun, key=lambda each: each["Initiated"])["UploadId"])
            pages = client.get_paginator("list_parts").paginate(**place, Key=key, UploadId=upload_id)
            parts = [each for page in pages for each in page.get("Parts", ())]
        say(f"going on with {key}: {len(parts)} parts are there")
        return upload_id, {each["PartNumber"]: (each["ETag"], each["Size"]) for each in parts}

    def _sent_parts(
        self, file: Path, key: str, upload_id: str, part: int, there: dict[int, tuple[str, int]]
    ) -> Iterator[tuple[bytes, Future[Part]]]:
        """Yield each part and, when it has arrived, how the site knows it; some are under way at once."""
        under_way: set[Future[Part]] = set()
        with file.open("rb", buffering=0) as source, ThreadPoolExecutor(AT_ONCE) as lanes:
            number = 0
            while content := source.read(part):
                number += 1
                if number in there and there[number] == _named(content):
                    self._tally.spared += len(content)
                    arrived: Future[Part] = Future()
                    arrived.set_result(Part(there[number][0], hashlib.sha256(content).digest()))
                else:
                    arrived = lanes.submit(self._send_part, key, upload_id, number, content)
                    self._tally.sent += len(content)
                yield content, arrived
                under_way.add(arrived)
                if len(under_way) > AT_ONCE:
                    ended, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    for each in ended:
                        each.result()

    def _send_part(self, key: str, upload_id: str, number: int, content: bytes) -> Part:
        digest = hashlib.sha256(content).digest()
        with speaking():
            answer = self._site.client.upload_part(
                Bucket=self._site.bucket,
                Key=key,
                UploadId=upload_id,
                PartNumber=number,
                Body=content,
                ChecksumSHA256=base64_sha256(digest),
            )
        return Part(str(answer["ETag"]), digest)

    def _holds(self, file: Path, key: str, described: StoredFile, there: StoredObject, part: int) -> bool:
        """Tell whether the object that is there is this file, and see that it is locked as wanted."""
        whole, digests, count = hashlib.sha256(), bytearray(), 0
        with file.open("rb", buffering=0) as source:
            while content := source.read(part):
                count += 1
                whole.update(content)
                digests += hashlib.sha256(content).digest()
        _refuse_altered(whole.hexdigest(), key, described)
        in_parts = f"{base64_sha256(hashlib.sha256(digests).digest())}-{count}"
        same = there.checksum in (base64_sha256(whole.digest()), in_parts)
        if there.checksum is None or there.checksum.partition("-")[2] not in ("", str(count)):
            same = self._site.sha256(key) == described.sha256  # that of other parts tells nothing
        if same:
            self._lock_again(key, there)
        return same

    def _lock_again(self, key: str, there: StoredObject) -> None:
        if self._lock is None or self._lock.kept_by(there):
            return
        with speaking():
            self._site.client.put_object_retention(
                Bucket=self._site.bucket,
                Key=key,
                Retention={"Mode": self._lock.mode, "RetainUntilDate": self._lock.until},
            )
        self._require_lock(key, self._site.stored(key))

    def _confirm(self, key: str, described: StoredFile, checksum: str) -> None:
        """See that the site holds what was sent; one that keeps no checksums is read back."""
        found = self._site.stored(key)
        same = found is not None and found.size == described.size
        if same and found and found.checksum is None:
            same = self._site.sha256(key) == described.sha256
        elif same and found:
            same = found.checksum == checksum
        if not same:
            raise Failed(DIFFERS, f"{key}: the site holds {found}, not what was sent; {AGAIN}")
        self._require_lock(key, found)

    def _require_lock(self, key: str, found: StoredObject | None) -> None:
        if self._lock and not (found and self._lock.kept_by(found)):
            wanted = f"{self._lock.mode} until {self._lock.until.isoformat()}"
            advice = "make the bucket with Object Lock, and give the account the right to lock"
            raise Failed("lock-missing", f"{key}: wanted {wanted}, the site says {found}; {advice}")

    def _locking(self) -> dict[str, Any]:
        return self._lock.arguments() if self._lock else {}


def part_bytes(size: int) -> int:
    """Return the size of a file's parts: OFFSITE_PART_MEBIBYTES, or so much that 10,000 of them are enough."""
    wanted = whole_number("OFFSITE_PART_MEBIBYTES", default=8) * MEBIBYTE
    return max(wanted, SMALLEST_PART, -(-size // MOST_PARTS))


def _named(content: bytes) -> tuple[str, int]:
    """Return what the site calls a part, and its size in bytes."""
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"', len(content)


def _refuse_altered(found: str, key: str, described: StoredFile) -> None:
    if found != described.sha256:
        what = f"{key}: the SHA-256 here is {found}, not {described.sha256}"
        raise Refused("checksum-mismatch", f"{what}; nothing of it was copied; {ANOTHER}")
