"""What a data store holds, in a form that can be kept beside a backup and compared years later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from drill.errors import DrillError
from drill.fingerprints.content import Content

VERSION = 3


class FingerprintError(DrillError):
    """What a store holds cannot be told: it cannot be read, or a kept fingerprint makes no sense."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Everything a restored store has to hold again.

    ``facts`` maps a place ("sequence public.cameras_id_seq") to its definition in text; ``contents`` maps a place
    ("rows of table public.cameras") to what is in it; ``taken_at`` is the store's own clock when it had been read.
    ``recovered`` says of a few places how they will read, and rightly so, once the store has recovered from a crash.
    """

    engine: str
    facts: Mapping[str, str]
    contents: Mapping[str, Content]
    taken_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    recovered: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows or keys it holds altogether."""
        return sum(content.rows for content in self.contents.values())

    def to_json(self) -> dict[str, Any]:
        """Return plain data, to be kept; its "version" names this layout."""
        return {"version": VERSION, **_PLAIN.dump_python(self, mode="json")}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Fingerprint:
        """Return what ``to_json`` was told.

        Raises:
            FingerprintError: it is not a fingerprint, or of a layout that this version does not know.
        """
        if kept.get("version") != VERSION:
            raise FingerprintError(
                f"fingerprint of version {kept.get('version')!r}, version {VERSION} is known",
                remedy="read it with the dr-drill that wrote it, or take a new one",
            )
        try:
            return _PLAIN.validate_python({name: value for name, value in kept.items() if name != "version"})
        except ValidationError as invalid:
            flaw = invalid.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in flaw["loc"])
            raise FingerprintError(
                f"not a fingerprint: {where}: {flaw['msg']}", remedy="take a new one from the source"
            ) from None


_PLAIN = TypeAdapter(Fingerprint)
