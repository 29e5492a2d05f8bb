"""Secrets that are backed up as they are: whoever finds the repository, or the other site, reads them there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from drill.consistency.contradiction import Contradiction
from drill.policy import Policy, Procedure

HASHED = {"postgres": "the passwords of its roles, hashed", "redis": "the passwords of its users, hashed"}
"""What every backup of a server holds, by its engine, beside whatever the application keeps there."""


def unencrypted(policy: Policy) -> Iterator[Contradiction]:
    """Find data that holds secrets where the policy has no backup encrypted."""
    if policy.encryption is not None:
        return
    copies = ", or at its copies at the other site," if policy.offsite else ""
    for store, procedures in _holding(policy).items():
        secrets = dict.fromkeys(secret for found in procedures.values() for secret in found)
        yield Contradiction(
            "unencrypted",
            store,
            ("encryption", *(f"procedures.{name}" for name in procedures)),
            f"{', '.join(secrets)}: whoever gets at the repository{copies} reads them; no backup is encrypted",
            "make keys with age-keygen, name them in [encryption], and keep the secret one at neither place",
        )


def _holding(policy: Policy) -> dict[str, dict[str, list[str]]]:
    """Return what secrets each procedure keeps, by what has to be kept: the same data on the same engine."""
    holding: dict[str, dict[str, list[str]]] = {}
    for name, procedure in policy.procedures.items():
        if secrets := _secrets(policy, procedure):
            holding.setdefault(f"{procedure.data}-{procedure.engine}", {})[name] = secrets
    return holding


def _secrets(policy: Policy, procedure: Procedure) -> list[str]:
    if procedure.engine == "machine":
        return list(policy.host.secrets)
    if procedure.engine == "files":
        return [secret for secret in policy.host.secrets if any(_meet(secret, place) for place in procedure.covers)]
    return [HASHED[procedure.engine]] if procedure.engine in HASHED else []


def _meet(one: str, other: str) -> bool:
    return PurePosixPath(one).is_relative_to(other) or PurePosixPath(other).is_relative_to(one)
