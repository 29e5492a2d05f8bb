"""The command that reads stored backups again, for every procedure that has none of its own."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from drill.policy.command import CommandLine
from drill.policy.fields import Duration, Section


class Verification(Section):
    """How stored backups are verified where they lie."""

    verify: CommandLine = Field(examples=["python -m backup_scripts.backup_verify"])
    time_limit: Duration = Field(
        timedelta(hours=2), examples=["2 h"], description="a verification that takes longer is ended"
    )
