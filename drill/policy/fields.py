"""How pydantic reads and writes the policy's own kinds of value."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator

from drill.policy.objective import Objective
from drill.policy.problems import UnreadableValue
from drill.policy.quantity import Quantity, duration_text


class Section(BaseModel):
    """A table of policy.toml: unknown keys are refused, values never change."""

    # Only what is asked to read a table makes itself ready to: the policy, for all that it holds.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _duration(text: object) -> timedelta:
    return Quantity.parse(text).duration


def _ratio(text: object) -> float:
    return Quantity.parse(text).ratio


def pinned(image: str) -> str:
    """Return an image's reference as it is.

    Raises:
        UnreadableValue: it has neither tag nor digest, or floats with ``latest``.
    """
    name = image.rpartition("/")[2]
    if "@" in name or (":" in name and not name.endswith((":", ":latest"))):
        return image
    raise UnreadableValue(f"{image!r} names no fixed version", remedy='write a tag or digest, as in "postgres:18"')


Duration = Annotated[timedelta, PlainValidator(_duration), PlainSerializer(duration_text, return_type=str)]
"""A length of time, written ``4 h``."""

Ratio = Annotated[float, PlainValidator(_ratio), PlainSerializer(lambda ratio: f"{ratio:.12g}", return_type=str)]
"""A part of a whole, written ``99 %``; 1.0 is all."""

Target = Annotated[Objective, PlainValidator(Objective.parse), PlainSerializer(str, return_type=str)]
"""An objective, written ``< 4 h``."""

Image = Annotated[str, AfterValidator(pinned)]
"""A container image with its tag or digest; never ``latest``."""

Words = Annotated[str, Field(min_length=1)]
"""A text that says something."""

Count = Annotated[int, Field(strict=True, ge=1)]
"""A whole number, at least one."""
