"""The off-site copy: the commands that make it, fetch it and verify it, and where and how it is kept."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from drill.policy.command import CommandLine, EnvironmentName
from drill.policy.fields import Duration, Section, Words
from drill.policy.problems import UnreadableValue


def _https(address: str) -> str:
    if not address.startswith("https://"):
        raise UnreadableValue(f"{address!r} is no https:// address", remedy="backups and keys would go in plain text")
    return address


class Offsite(Section):
    """Where copies go that outlive this site. A drill puts a site of its own in the place of endpoint and bucket."""

    copy_: CommandLine = Field(alias="copy", examples=["python -m backup_scripts.offsite_copy"])
    copy_log: CommandLine | None = Field(
        None, examples=["python -m backup_scripts.offsite_log"], description="of a server's archived log"
    )
    fetch: CommandLine = Field(examples=["python -m backup_scripts.offsite_fetch"])
    verify: CommandLine = Field(examples=["python -m backup_scripts.offsite_verify"])
    endpoint: Annotated[str, AfterValidator(_https)] = Field(examples=["https://s3.dr.example"])
    bucket: Words = Field(examples=["backups"])
    region: Words = "us-east-1"
    access_key_variable: EnvironmentName = Field(
        "OFFSITE_ACCESS_KEY_ID", description="the variable in which the commands find the account"
    )
    secret_key_variable: EnvironmentName = Field("OFFSITE_SECRET_ACCESS_KEY", description="its secret's")
    lock_mode: Literal["compliance", "governance"] | None = Field(
        None, description="how copies are locked: compliance holds against administrators too"
    )
    lock_term: Duration = Field(timedelta(days=30), examples=["30 d"], description="from the end of the backup on")

    @property
    def commands(self) -> dict[str, CommandLine]:
        """The command lines by their names."""
        found = {"copy": self.copy_, "copy_log": self.copy_log, "fetch": self.fetch, "verify": self.verify}
        return {name: command for name, command in found.items() if command is not None}

    @property
    def credentials(self) -> tuple[str, str]:
        """The names of the variables that hold the account and its secret."""
        return self.access_key_variable, self.secret_key_variable

    @property
    def facts(self) -> dict[str, str]:
        """What the policy knows of the site, as variables of a command's environment."""
        return {"OFFSITE_ENDPOINT": self.endpoint, "OFFSITE_BUCKET": self.bucket, **self.settings}

    @property
    def settings(self) -> dict[str, str]:
        """What holds at any site: the region, and how copies are locked."""
        region = {"OFFSITE_REGION": self.region}
        if self.lock_mode is None:
            return region
        days = math.ceil(self.lock_term / timedelta(days=1))
        return {**region, "OFFSITE_LOCK_MODE": self.lock_mode, "OFFSITE_LOCK_DAYS": str(days)}
