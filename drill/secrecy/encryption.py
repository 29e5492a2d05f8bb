"""Keys of the drill's own, for backups that only whoever has the secret one can read."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from types import ModuleType

from drill.commands.search_path import search_path
from drill.errors import DrillError
from drill.evidence.redaction import conceal
from drill.policy import Encryption, Policy
from drill.runtimes.workspace import Workspace, write_private

_numbers = itertools.count(1)


def encrypted(policy: Policy, *, workspace: Workspace) -> Policy:
    """Return the policy with backups encrypted to a new key, whose secret half goes with the workspace.

    Raises:
        DrillError: keys cannot be made here.
    """
    identity_file = workspace.directory / f"backup-{next(_numbers)}.key"
    encryption = Encryption(recipient=make_key(identity_file), identity_file=identity_file)
    return policy.model_copy(update={"encryption": encryption})


def with_age(policy: Policy) -> Policy:
    """Return the policy with the program age given to every server that archives its log.

    Where this machine has none, nobody is given one: a server that has it all the same archives, another says so.
    """
    program = shutil.which("age", path=search_path())
    if program is None:
        return policy
    procedures = {
        name: each.model_copy(update={"server_programs": (*each.server_programs, Path(program))})
        for name, each in policy.procedures.items()
        if each.archive
    }
    return policy.model_copy(update={"procedures": {**policy.procedures, **procedures}})


def rotated(policy: Policy) -> Policy:
    """Return the policy with backups encrypted to a new key; the file of secret keys has it before those of old.

    Raises:
        DrillError: keys cannot be made here, or the policy encrypts nothing.
    """
    if policy.encryption is None:
        raise DrillError("the policy encrypts nothing", remedy="have backups encrypted first")
    file = policy.directory / policy.encryption.identity_file
    old = file.read_text("ascii")
    file.unlink()
    recipient = make_key(file)
    with file.open("a", encoding="ascii") as keys:
        keys.write(old)
    encryption = policy.encryption.model_copy(update={"recipient": recipient})
    return policy.model_copy(update={"encryption": encryption})


def unencrypted(policy: Policy) -> Policy:
    """Return the policy with backups stored as they are."""
    return policy.model_copy(update={"encryption": None})


def make_key(identity_file: Path) -> str:
    """Write a new secret key to a file that only its owner can read, and return the public one.

    Raises:
        DrillError: the library that makes keys is not installed.
    """
    identity = _age().x25519.Identity.generate()
    conceal(str(identity))
    write_private(identity_file, f"{identity}\n")
    return str(identity.to_public())


def encrypt(plain: bytes, *, recipient: str) -> bytes:
    """Return the ciphertext of some bytes, for the holder of the secret key of a public one."""
    return bytes(_age().encrypt(plain, [_age().x25519.Recipient.from_str(recipient)]))


def decrypt(stored: bytes, *, identity_file: Path) -> bytes:
    """Return the plaintext of what a secret key opens."""
    identity = _age().x25519.Identity.from_str(identity_file.read_text("ascii").strip())
    return bytes(_age().decrypt(stored, [identity]))


def _age() -> ModuleType:
    try:
        import pyrage
    except ImportError:
        raise DrillError(
            "nothing of age can be done without the library pyrage", remedy='run: pip install "dr-drill[encryption]"'
        ) from None
    return pyrage  # type: ignore[no-any-return,unused-ignore]
