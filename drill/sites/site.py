"""One bucket of a site, its accounts, and what it holds as the storage itself tells it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from drill.errors import DrillError

REGION = "us-east-1"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Account:
    """Who speaks to a bucket, and with what secret."""

    role: str
    endpoint: str
    bucket: str
    key: str
    secret: str = field(repr=False)

    def variables(self, key_name: str, secret_name: str) -> dict[str, str]:
        """Return what a command must know to speak as this account, as variables of its environment."""
        return {
            "OFFSITE_ENDPOINT": self.endpoint,
            "OFFSITE_BUCKET": self.bucket,
            key_name: self.key,
            secret_name: self.secret,
        }

    def client(self) -> Any:
        """Return a client that speaks as this account; it does not retry, so that what it sees is what happened.

        Raises:
            DrillError: the library is not installed.
        """
        return _client(self.endpoint, self.key, self.secret)


@dataclass(frozen=True, slots=True)
class Site:
    """One bucket, empty when it is made; ``accounts`` by their role: backup, recovery, administrator."""

    name: str
    bucket: str
    accounts: dict[str, Account]

    def account(self, role: str) -> Account:
        """Return the account that has a role."""
        return self.accounts[role]

    def objects(self) -> dict[str, int]:
        """Return key and size of every object that is whole."""
        return {each["Key"]: each["Size"] for each in self._listed("list_objects_v2", "Contents")}

    def objects_at(self, moment: datetime) -> dict[str, int]:
        """Return key and size of every object that there was at a moment, by the site's clock, which counts seconds."""
        client, newest = self.account("administrator").client(), dict[str, tuple[tuple[datetime, bool], int | None]]()
        for page in client.get_paginator("list_object_versions").paginate(Bucket=self.bucket):
            for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                order = (each["LastModified"], each["IsLatest"])
                if each["LastModified"] <= moment and (each["Key"] not in newest or newest[each["Key"]][0] < order):
                    newest[each["Key"]] = (order, each.get("Size"))
        return {key: size for key, (_, size) in newest.items() if size is not None}

    def unfinished(self) -> list[str]:
        """Return the keys of what has been begun and is not there yet."""
        return sorted(each["Key"] for each in self._listed("list_multipart_uploads", "Uploads"))

    def begun_bytes(self) -> int:
        """Return how many bytes of what has been begun and is not there yet have arrived, in whole parts."""
        client = self.account("administrator").client()
        return sum(
            part["Size"]
            for each in self._listed("list_multipart_uploads", "Uploads")
            for page in client.get_paginator("list_parts").paginate(
                Bucket=self.bucket, Key=each["Key"], UploadId=each["UploadId"]
            )
            for part in page.get("Parts", ())
        )

    def replace(self, key: str, content: bytes) -> None:
        """Put something else in the place of an object, as only an administrator might."""
        self.account("administrator").client().put_object(Bucket=self.bucket, Key=key, Body=content)

    def hide(self, key: str) -> None:
        """Remove an object by its name, as only an administrator might; its locked version stays, out of sight."""
        self.account("administrator").client().delete_object(Bucket=self.bucket, Key=key)

    def content(self, key: str) -> bytes:
        """Return an object's content."""
        answer = self.account("recovery").client().get_object(Bucket=self.bucket, Key=key)
        return bytes(answer["Body"].read())

    def contents(self) -> dict[str, bytes]:
        """Return the content of every object by its key: all of it is in memory at once."""
        return {key: self.content(key) for key in sorted(self.objects())}

    def _listed(self, operation: str, what: str) -> Iterator[dict[str, Any]]:
        client = self.account("administrator").client()
        for page in client.get_paginator(operation).paginate(Bucket=self.bucket):
            yield from page.get(what, ())


@cache
def _client(endpoint: str, key: str, secret: str) -> Any:
    # Kept, because it takes half a second to make one.
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise DrillError(
            "object storage cannot be spoken to without the library boto3",
            remedy='run: pip install "dr-drill[offsite]"',
        ) from None
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


def new_site(name: str, endpoint: str, accounts: dict[str, tuple[str, str]], *, locking: bool = True) -> Site:
    """Make an empty bucket that is versioned and can lock what it holds, and return it with its accounts."""
    bucket = f"drill-{next(_numbers)}"
    site = Site(
        name,
        bucket,
        {role: Account(role, endpoint, bucket, key, secret) for role, (key, secret) in accounts.items()},
    )
    client = site.account("administrator").client()
    client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=locking)
    return site
