"""What is on record about promises that the schedule does not keep."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from drill.policy.claims import Identifier
from drill.policy.fields import Section, Words

Name = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*:\S+$")]


class KnownContradiction(Section):
    """A contradiction between schedule and promise that is known: why it stands, and what is done instead."""

    id: Name = Field(examples=["document-loss:database-postgres"], description="as dr-drill policy check names it")
    reason: Words = Field(examples=["the document has one backup a day"], description="why it stands")
    instead: Words | None = Field(None, description="what is done instead, if anything is")
    shown_by: Identifier | None = Field(None, examples=["RPO-DB"], description="the criterion that shows that it is")
