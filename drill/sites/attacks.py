"""What somebody with an account might try against a copy that is promised until a day, and whether it has worked.

It has worked where a version of the copy is gone or altered, its lock is weaker, or its bucket keeps versions or locks
no longer, whatever the storage answered. What only hides a version (a newer one, a mark of deletion) leaves it to be
restored by its time: see ``drill.sites.versions.hide``. What the storage does not offer, and what would work in days
only, is told as that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from drill.errors import DrillError
from drill.evidence.attachments import attach_csv
from drill.sites.site import Account, Site
from drill.sites.versions import State, Version, state_of, victims

SOON = timedelta(minutes=10)
REFUSING, NOT_OFFERED = 400, 501
WORKED, IN_VAIN = "worked", "in vain"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attack by one account: on what, what the storage answered, and what came of it.

    ``outcome`` is ``WORKED`` where the copy is worse off, ``IN_VAIN`` where it is not, else why that cannot be told.
    """

    account: str
    target: str
    what: str
    answer: str
    outcome: str

    @property
    def worked(self) -> bool:
        """Whether the copy is worse off."""
        return self.outcome == WORKED

    def __str__(self) -> str:
        return f"{self.what}, as {self.account} ({self.target})"


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
"""On an object, from the slightest to the worst; by what is true of the copy where one works."""
_EXPIRY = {
    "ID": "expire",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Expiration": {"Days": 1},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
}
BUCKET_ATTACKS: Mapping[str, Callable[[Any, str], object]] = {
    "its bucket's policy let everybody do everything": lambda client, bucket: client.put_bucket_policy(
        Bucket=bucket, Policy=json.dumps(_everything(bucket))
    ),
    "its bucket locked new objects for a day only": lambda client, bucket: client.put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
        },
    ),
    "its bucket was told to lock no longer": lambda client, bucket: client.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Disabled"}
    ),
    "its bucket was told to keep versions no longer": lambda client, bucket: client.put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
    ),
    "its bucket was told to let everything expire": lambda client, bucket: client.put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [_EXPIRY]}
    ),
}
"""On the bucket; the object attacks that follow have whatever these have brought."""
REMOVAL = "its bucket was removed"
SLOW: Mapping[str, str] = {
    "its bucket was told to let everything expire": "accepted, and at work in a day at the earliest: not seen here"
}
"""What storage carries out later than a drill can wait, and what is said of it where it was accepted."""


def attack(site: Site, role: str) -> list[Attempt]:
    """Try everything against the copies that a site holds; show what came of it in the evidence.

    Attacked are the bucket, the manifest that makes a copy one, the largest file and, where there is one, a segment
    of a log; in the end the bucket is to be removed with all that is in it.

    Raises:
        DrillError: there is none, or nobody can tell what is left of it.
    """
    client, administrator = site.account(role).client(), site.account("administrator")
    targets = victims(site)
    assault = _Assault(role, administrator, targets)
    for what, on_bucket in BUCKET_ATTACKS.items():
        assault.attempt(site.bucket, what, lambda on_bucket=on_bucket: on_bucket(client, site.bucket))  # type: ignore[misc]
    for version in targets:
        for what, on_object in ATTACKS.items():
            assault.attempt(
                version.key,
                what,
                lambda on_object=on_object, version=version: on_object(client, version, assault.left[version]),  # type: ignore[misc]
            )
    assault.attempt(site.bucket, REMOVAL, lambda: client.delete_bucket(Bucket=site.bucket))
    rows = [(each.account, each.target, each.what, each.answer, each.outcome) for each in assault.attempts]
    attach_csv("attacks on a copy", [("account", "on", "attack", "answer", "outcome"), *rows])
    return assault.attempts


def unjudged(attempts: Sequence[Attempt]) -> list[str]:
    """Return what was tried although nobody can tell here what came of it, or was not to be tried; each once."""
    return sorted({each.what for each in attempts if each.outcome not in (WORKED, IN_VAIN)})


class _Assault:
    """One account's attempts, and what each has left of the objects that are watched."""

    def __init__(self, role: str, watcher: Account, targets: Sequence[Version]) -> None:
        self.attempts: list[Attempt] = []
        self._role, self._watcher = role, watcher
        self.left = {version: state_of(watcher, version) for version in targets}
        for version, state in self.left.items():
            if state.sha256 is None:
                raise DrillError(
                    f"{version.key} cannot be read at the site, and nobody could tell what an attack has done to it",
                    remedy="let the administrator account read versions",
                )

    def attempt(self, target: str, what: str, ask: Callable[[], Any]) -> None:
        status, answer = _answer(ask)
        before, self.left = self.left, {version: state_of(self._watcher, version) for version in self.left}
        if before != self.left:
            outcome = WORKED
        elif status == NOT_OFFERED:
            outcome = "the storage does not offer it"
        elif status is None:
            outcome = answer
        elif status < REFUSING and what in SLOW:
            outcome = SLOW[what]
        else:
            outcome = IN_VAIN
        self.attempts.append(Attempt(self._role, target, what, answer, outcome))


def locks(site: Site) -> dict[str, datetime | None]:
    """Return until when each object is locked against everybody; None where it is not."""
    client = site.account("administrator").client()
    found = {}
    for key in site.objects():
        head = client.head_object(Bucket=site.bucket, Key=key)
        strong = head.get("ObjectLockMode") == "COMPLIANCE"
        found[key] = head["ObjectLockRetainUntilDate"] if strong else None
    return found


def _everything(bucket: str) -> dict[str, object]:
    """Return a bucket's policy that lets everybody do everything."""
    place = f"arn:aws:s3:::{bucket}"
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": [place, f"{place}/*"]}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _answer(ask: Callable[[], Any]) -> tuple[int | None, str]:
    """Return the status that the storage answered, and all of it in words."""
    from botocore.exceptions import ClientError

    try:
        said = ask()
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return status, f"{status} {error.response.get('Error', {}).get('Code')}"
    if not said:
        return None, "not tried: there is no lock"
    status = said["ResponseMetadata"]["HTTPStatusCode"]
    refused = [each.get("Code") for each in said.get("Errors", ())]
    return status, f"{status} {' '.join(map(str, refused))}".strip()
