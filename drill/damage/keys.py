"""What befalls the secret key that backups are encrypted to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from drill.errors import DrillError
from drill.policy import Policy
from drill.secrecy.encryption import make_key
from drill.servers.wal_keeping import WalKeeping


def damage_key(policy: Policy, kind: str) -> None:
    """Do one of ``KEY_DAMAGES`` to the file of the policy's secret key.

    Raises:
        DrillError: no such damage, or the policy has no key.
    """
    if kind not in KEY_DAMAGES:
        raise DrillError(f"no damage to a key {kind!r}", remedy=f"use one of {', '.join(KEY_DAMAGES)}")
    if policy.encryption is None:
        raise DrillError("the policy encrypts nothing", remedy="have backups encrypted first")
    KEY_DAMAGES[kind](policy.directory / policy.encryption.identity_file)


def damage_log_key(keeping: WalKeeping, kind: str) -> None:
    """Do one of ``KEY_DAMAGES`` to the copy of the secret keys by which a server opens its log.

    Raises:
        DrillError: no such damage, or the server has no key.
    """
    if kind not in KEY_DAMAGES or keeping.identity_file is None:
        raise DrillError(f"no damage to a key {kind!r}", remedy=f"use one of {', '.join(KEY_DAMAGES)}")
    KEY_DAMAGES[kind](keeping.identity_file)


def _replace(identity_file: Path) -> None:
    identity_file.unlink()
    make_key(identity_file)


def _keep(line: int) -> Callable[[Path], None]:
    """Return the loss of all secret keys but one; the newest stands first."""

    def keep(identity_file: Path) -> None:
        identity_file.write_text(identity_file.read_text("ascii").splitlines(keepends=True)[line], "ascii")

    return keep


KEY_DAMAGES: dict[str, Callable[[Path], None]] = {
    "lost": lambda identity_file: identity_file.unlink(),
    "replaced by another one": _replace,
    "lost but for the newest": _keep(0),
    "lost but for the oldest": _keep(-1),
    "left where others can read it": lambda identity_file: identity_file.chmod(0o644),
}
