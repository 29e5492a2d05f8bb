"""What somebody with an account might try against a copy that is promised until a day, and whether it has worked.

It has worked where the copy's version is gone or altered, its lock is weaker, or its bucket keeps versions no longer,
whatever the storage answered. What only hides a version (a newer one, a mark of deletion) leaves it to be restored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from drill.errors import DrillError
from drill.evidence.attachments import attach_csv
from drill.sites.site import Account, Site

SOON = timedelta(minutes=10)


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
    """What is left of a version: its content's SHA-256, how and until when it is locked, what its bucket keeps."""

    sha256: str | None
    lock_mode: str | None
    locked_until: datetime | None
    versioning: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attack by one account: what the storage answered, and whether the copy is worse off."""

    account: str
    what: str
    answer: str
    worked: bool

    def __str__(self) -> str:
        return f"{self.what}, as {self.account}"


Attack = Callable[[Any, Version, State], object]


def _retention(mode: str | None, until: Callable[[State], datetime | None], *, bypass: bool = False) -> Attack:
    """Return an attack on the lock; with no mode it is to be taken off. Where there is no lock, nothing is tried."""

    def attack(client: Any, version: Version, state: State) -> object:
        if state.lock_mode is None:
            return {}
        wanted = {"Mode": mode, "RetainUntilDate": until(state)} if mode else {}
        more = {"BypassGovernanceRetention": True} if bypass else {}
        return client.put_object_retention(**version.place, Retention=wanted, **more)

    return attack


ATTACKS: Mapping[str, Attack] = {
    "its term was shortened": _retention("COMPLIANCE", lambda _: datetime.now(UTC) + SOON),
    "its lock was made one that administrators may pass": _retention("GOVERNANCE", lambda state: state.locked_until),
    "its lock was weakened by force": _retention("GOVERNANCE", lambda _: datetime.now(UTC) + SOON, bypass=True),
    "its lock was taken off": _retention(None, lambda _: None, bypass=True),
    "its bucket was told to keep versions no longer": lambda client, version, _: client.put_bucket_versioning(
        Bucket=version.bucket, VersioningConfiguration={"Status": "Suspended"}
    ),
    "it was overwritten": lambda client, version, _: client.put_object(
        Bucket=version.bucket, Key=version.key, Body=b"something else"
    ),
    "it was removed by its name": lambda client, version, _: client.delete_object(
        Bucket=version.bucket, Key=version.key
    ),
    "it was removed for good": lambda client, version, _: client.delete_object(**version.place),
    "it was removed for good, with others": lambda client, version, _: client.delete_objects(
        Bucket=version.bucket, Delete={"Objects": [{"Key": version.key, "VersionId": version.id}]}
    ),
    "it was removed for good by force": lambda client, version, _: client.delete_object(
        **version.place, BypassGovernanceRetention=True
    ),
}
"""From the slightest to the worst; by what is true of the copy where one works."""


def attack(site: Site, role: str) -> list[Attempt]:
    """Try everything against the largest file of the copies that a site holds; show what came of it in the evidence.

    Raises:
        DrillError: there is none, or nobody can tell what is left of it.
    """
    client = site.account(role).client()
    version = largest(site)
    if state_of(site.account("administrator"), version).sha256 is None:
        raise DrillError(
            f"{version.key} cannot be read at the site, so that nobody could tell what an attack has done to it",
            remedy="let the administrator account read versions",
        )
    attempts = []
    for what, attempt in ATTACKS.items():
        before = state_of(site.account("administrator"), version)
        answer = _answer(lambda attempt=attempt, before=before: attempt(client, version, before))  # type: ignore[misc]
        worked = before != state_of(site.account("administrator"), version)
        attempts.append(Attempt(role, what, answer, worked))
    rows = [(each.account, each.what, each.answer, "yes" if each.worked else "no") for each in attempts]
    attach_csv("attacks on a copy", [("account", "attack", "answer", "worked"), *rows])
    return attempts


def largest(site: Site) -> Version:
    """Return the newest version of the largest object.

    Raises:
        DrillError: the site is empty.
    """
    objects = site.objects()
    if not objects:
        raise DrillError("the site holds nothing", remedy="copy something to it first")
    key = max(objects, key=lambda each: objects[each])
    head = site.account("administrator").client().head_object(Bucket=site.bucket, Key=key)
    return Version(site.bucket, key, head.get("VersionId", "null"))


def state_of(account: Account, version: Version) -> State:
    """Return what is left of a version, as an account sees it that may see everything."""
    client = account.client()
    versioning = client.get_bucket_versioning(Bucket=version.bucket).get("Status")
    with suppress(client.exceptions.ClientError):  # it is gone
        answer = client.get_object(**version.place)
        content = hashlib.sha256(answer["Body"].read()).hexdigest()
        return State(content, answer.get("ObjectLockMode"), answer.get("ObjectLockRetainUntilDate"), versioning)
    return State(None, None, None, versioning)


def locks(site: Site) -> dict[str, datetime | None]:
    """Return until when each object is locked against everybody; None where it is not."""
    client = site.account("administrator").client()
    found = {}
    for key in site.objects():
        head = client.head_object(Bucket=site.bucket, Key=key)
        strong = head.get("ObjectLockMode") == "COMPLIANCE"
        found[key] = head["ObjectLockRetainUntilDate"] if strong else None
    return found


def _answer(ask: Callable[[], Any]) -> str:
    from botocore.exceptions import ClientError

    try:
        said = ask()
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return f"{status} {error.response.get('Error', {}).get('Code')}"
    if not said:
        return "not tried: there is no lock"
    refused = [each.get("Code") for each in said.get("Errors", ())]
    return f"{said['ResponseMetadata']['HTTPStatusCode']} {' '.join(map(str, refused))}".strip()
