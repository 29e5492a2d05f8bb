"""What runs by itself and is no procedure's command: the drill of recovery, the report that audits a month."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from drill.policy.claims import Ground
from drill.policy.command import CommandLine, EnvironmentName
from drill.policy.fields import Duration, Words
from drill.policy.schedule import Timetable


class Routine(Timetable):
    """A command that is no procedure's, and when it runs."""

    name: Words = Field(examples=["drill"], description="of the job; no procedure may have it")
    command: CommandLine = Field(examples=["python -m pytest features/disaster_recovery -m drill"])
    leaves: Ground = Field(
        examples=["drills"], description="what it leaves on record, by which the criteria are decided that say so"
    )
    pass_environment: tuple[EnvironmentName, ...] = Field((), examples=[["DR_DRILL_TEAM_CHANNEL"]])
    time_limit: Duration = Field(
        timedelta(hours=4), examples=["4 h"], description="a command that takes longer is ended"
    )
