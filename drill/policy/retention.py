"""How long backups are kept, and what removes the rest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from drill.policy.command import CommandLine
from drill.policy.fields import Count, Duration, Section
from drill.policy.problems import UnreadableValue
from drill.policy.quantity import duration_text
from drill.policy.schedule import TimeZone


class Retention(Section):
    """How long backups are kept, how many of them, and the command that removes the rest."""

    minimum: Duration = Field(examples=["30 d"])
    daily: Count = Field(examples=[35], description="restore points kept, one a day")
    weekly: Count = Field(examples=[9], description="restore points kept, one a week")
    monthly: Count = Field(examples=[12], description="restore points kept, one a month")
    copies: Mapping[str, Duration] = Field(
        {}, examples=[{"archive": "3650 d"}], description="how long the monthly point is kept as which copy"
    )
    time_zone: TimeZone = Field("UTC", description="whose days, weeks and months they are")
    prune: CommandLine | None = None

    @property
    def points(self) -> dict[str, int]:
        """How many points are kept, by the word for what lies between them."""
        return {"daily": self.daily, "weekly": self.weekly, "monthly": self.monthly}

    @property
    def variables(self) -> dict[str, str]:
        """What a command must know of retention, as variables of its environment."""
        points = {f"RETENTION_{word.upper()}": str(number) for word, number in self.points.items()}
        copies = " ".join(f"{name}={_days(term)}" for name, term in self.copies.items())
        return {
            "RETENTION_DAYS": str(_days(self.minimum)),
            "RETENTION_TIME_ZONE": self.time_zone,
            **points,
            **({"RETENTION_COPIES": copies} if copies else {}),
        }

    @property
    def reach(self) -> timedelta:
        """The age that the oldest kept restore point is sure to have; a month counts as 28 days."""
        spans = ((self.daily, 1), (self.weekly, 7), (self.monthly, 28))
        return max(timedelta(days=(points - 1) * days) for points, days in spans)

    @model_validator(mode="after")
    def _reaches_back(self) -> Self:
        if self.reach < self.minimum:
            raise UnreadableValue(
                f"the points kept reach back {duration_text(self.reach)}, less than minimum",
                remedy="keep more points; n daily points reach back n - 1 days",
            )
        return self


def _days(term: timedelta) -> int:
    return math.ceil(term / timedelta(days=1))
