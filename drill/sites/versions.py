"""What a site holds, version by version: what is attacked, what is left of it, and what hides it."""

from __future__ import annotations

import hashlib
import math
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from drill.backups.catalogue import MANIFEST
from drill.errors import DrillError
from drill.sites.site import Account, Site
from drill.waiting import Patience, eventually

TICK = timedelta(seconds=1)
"""How exactly storage tells when something came to it."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object, named for good."""

    bucket: str
    key: str
    id: str

    @property
    def place(self) -> dict[str, str]:
        """Where it is, as a request's arguments."""
        return {"Bucket": self.bucket, "Key": self.key, "VersionId": self.id}


@dataclass(frozen=True, slots=True)
class State:
    """What is left of a version: its content's SHA-256, how and until when it is locked, what its bucket still does."""

    sha256: str | None
    lock_mode: str | None
    locked_until: datetime | None
    versioning: str | None
    locking: str | None


def victims(site: Site) -> list[Version]:
    """Return the newest versions of what is attacked: a manifest, the largest file, the newest segment of a log.

    Raises:
        DrillError: the site is empty.
    """
    objects = site.objects()
    if not objects:
        raise DrillError("the site holds nothing", remedy="copy something to it first")
    manifests = sorted(key for key in objects if key.endswith(f"/{MANIFEST}"))
    log = sorted(key for key in objects if "/wal/" in key)
    files = sorted(objects.keys() - {*manifests, *log}, key=lambda key: objects[key])
    client = site.account("administrator").client()
    chosen = [*files[-1:], *manifests[-1:], *log[-1:]]
    heads = {key: client.head_object(Bucket=site.bucket, Key=key) for key in chosen}
    return [Version(site.bucket, key, head.get("VersionId", "null")) for key, head in heads.items()]


def wait_for_clock(*, ticks: int = 1) -> None:
    """Wait until a site's clock has gone on so often, to tell what has come to it from what comes now."""
    due = math.floor(time.time()) + ticks * TICK.total_seconds()
    eventually("the site's clock to go on", lambda: time.time() >= due, Patience.CLOCK_TICK)


def hide(site: Site) -> datetime:
    """Overwrite every object of a site and remove it by its name, as an administrator may; return a moment before.

    The locked versions stay, out of sight. The attack waits for the next tick of the site's clock.
    """
    before = datetime.now(UTC)
    wait_for_clock()
    for key in sorted(site.objects()):
        site.replace(key, b"something else")
        site.hide(key)
    return before


def state_of(account: Account, version: Version) -> State:
    """Return what is left of a version, as an account sees it that may see everything."""
    client = account.client()
    content = lock_mode = locked_until = versioning = locking = None
    with suppress(client.exceptions.ClientError):  # it is gone
        answer = client.get_object(**version.place)
        content = hashlib.sha256(answer["Body"].read()).hexdigest()
        lock_mode, locked_until = answer.get("ObjectLockMode"), answer.get("ObjectLockRetainUntilDate")
    with suppress(client.exceptions.ClientError):  # the bucket is gone
        versioning = client.get_bucket_versioning(Bucket=version.bucket).get("Status")
    with suppress(client.exceptions.ClientError):  # it has never locked anything
        answer = client.get_object_lock_configuration(Bucket=version.bucket)
        locking = answer["ObjectLockConfiguration"].get("ObjectLockEnabled")
    return State(content, lock_mode, locked_until, versioning, locking)
