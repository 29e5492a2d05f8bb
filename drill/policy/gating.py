"""What has to be proven before something is released."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from drill.policy.claims import Identifier
from drill.policy.fields import Count, Duration, Ratio, Section, Words
from drill.policy.problems import UnreadableValue


def _said(text: str) -> str:
    if text.strip():
        return text
    raise UnreadableValue(f"{text!r} says nothing", remedy="write it for whoever reads the gate's verdict")


Said = Annotated[Words, AfterValidator(_said)]
"""A text that is not only blanks."""


class Suppression(Section):
    """A criterion that does not hold the gate shut, until a day, for a reason that somebody answers for."""

    id: Identifier = Field(examples=["RTO-DB"], description="of the criterion")
    reason: Said = Field(examples=["The new disks come on 12 March; until then 5 h are accepted."])
    owner: Said = Field(examples=["backup_team.primary"], description="who answers for it")
    expires: date = Field(examples=["2026-03-31"], description="the first day on which it no longer counts")

    def stands(self, *, today: date) -> bool:
        """Return whether it has not expired."""
        return today < self.expires


class Gate(Section):
    """What ``dr-drill gate`` demands."""

    require: tuple[Identifier, ...] | None = Field(
        None, min_length=1, examples=[["RTO-DB", "RPO-DB"]], description="left out, every criterion without a gap"
    )
    max_age: Duration = Field(timedelta(days=7), examples=["7 d"], description="of the last full drill")
    runtime: Literal["docker", "embedded"] | None = None
    signed: bool = Field(default=False, strict=True)
    public_keys: tuple[Path, ...] = Field((), examples=[["docs/dr-drill-signing.pub.pem"]])
    minimum_sabotage: Ratio | None = Field(
        None,
        examples=["100 %"],
        description="of the faults that a sabotage has to notice; false alarms are never allowed",
    )
    minimum_faults: Count | None = Field(
        None, examples=[200], description="that a sabotage has to try; left out, those of every drill are enough"
    )
    projection: Literal["stated", "required"] = Field(
        "stated",
        examples=["required"],
        description="of times at production's size: required, a time that was kept at a small size only is unproven",
    )
    suppress: tuple[Suppression, ...] = ()

    def of_everything(self) -> Gate:
        """Return the gate that demands every criterion without a gap, whatever this one requires."""
        return self.model_copy(update={"require": None})
