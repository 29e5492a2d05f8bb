"""How stored backups are kept from whoever finds them: whom they are encrypted to, and where the secret key lies."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import Field, PlainValidator

from drill.policy.command import Kind
from drill.policy.fields import Section
from drill.policy.problems import UnreadableValue

SECRET_KEY = re.compile("AGE-SECRET-KEY-1[0-9A-Z]{8,}", re.IGNORECASE)
"""What a secret key of age looks like; such a thing has no place in a policy."""
ENCRYPTING: tuple[Kind, ...] = ("backup", "incremental")
# An increment is made against the list of files of its parent, which is encrypted as well.
DECRYPTING: tuple[Kind, ...] = ("incremental", "restore", "verify")

_PUBLIC_KEY = re.compile("age1[02-9ac-hj-np-z]{58}")


def _public_key(text: object) -> str:
    if isinstance(text, str) and _PUBLIC_KEY.fullmatch(text):
        return text
    raise UnreadableValue(f"{text!r} is no public key of age", remedy="write what age-keygen -y FILE says: age1…")


class Encryption(Section):
    """Whom backups are encrypted to; the secret key itself lies in a file that the policy only names."""

    recipient: Annotated[str, PlainValidator(_public_key)] = Field(examples=["age1…"])
    identity_file: Path = Field(examples=["backup.key"], description="the secret key's file, seen from policy.toml")

    def variables(self, kind: Kind, *, directory: Path) -> dict[str, str]:
        """Return what a command of that kind must know of the keys, as variables of its environment.

        Args:
            kind: of the command.
            directory: where the policy lies.
        """
        recipient = {"BACKUP_RECIPIENT": self.recipient} if kind in ENCRYPTING else {}
        identity = {"BACKUP_IDENTITY_FILE": str(directory / self.identity_file)} if kind in DECRYPTING else {}
        return {**recipient, **identity}
