"""Who is told what in a disaster, when, and over which channel."""

from __future__ import annotations

from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from drill.policy.command import EnvironmentName
from drill.policy.fields import Section, Words
from drill.policy.problems import UnreadableValue, suggestion

Audience = Literal["team", "users"]
Occasion = Literal["assessed", "ended"]
PLACEHOLDERS = ("disaster", "systems", "declared", "impact", "outcome", "took")
"""What a message may name: what happened, to which systems, when, how bad it is, how it ended and how long it took."""


def _template(text: str) -> str:
    try:
        named = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise UnreadableValue(f"{text!r} is no template ({error})", remedy="write {{ and }} for braces") from error
    for name in named:
        if name not in PLACEHOLDERS:
            raise UnreadableValue(
                f"{text!r} has the unknown placeholder {{{name}}}", remedy=suggestion(name, PLACEHOLDERS)
            )
    return text


Template = Annotated[Words, AfterValidator(_template)]
"""A text with placeholders in braces."""


class Notification(Section):
    """One message of every disaster."""

    audience: Audience = Field(examples=["team"])
    when: Occasion = Field(examples=["assessed"], description="once the impact is known, or once it is over")
    to: tuple[Words, ...] = Field((), examples=[["backup_team.primary"]], description="keys below [contacts]")
    channel: EnvironmentName = Field(
        examples=["DR_DRILL_TEAM_CHANNEL"],
        description="the environment variable that holds the address, in Apprise's notation",
    )
    subject: Template = Field(examples=["Disaster: {disaster}"])
    message: Template = Field(examples=["{impact}"])
