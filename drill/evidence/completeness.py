"""What is on record, beside what was done: each of the document's logs has to tell of every act ("Backup Records")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drill.evidence.journal import Kind
from drill.evidence.record import DEFECTS, SABOTAGE
from drill.evidence.verdict import Disproof

RESULT = "verdict"
"""What an event of the testing log holds that tells of a test; a score of sabotage or of defects, too, and is none."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """Acts that were done, and acts that the record tells of, in the same words.

    Attributes:
        done: as seen by whoever did them, or by what they left.
        told: as the record has them.
    """

    done: tuple[str, ...]
    told: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        """The acts that were done and are not on record, as often as they are missing."""
        return sorted((Counter(self.done) - Counter(self.told)).elements())

    @property
    def invented(self) -> list[str]:
        """The acts that are on record and were not done."""
        return sorted((Counter(self.told) - Counter(self.done)).elements())

    @property
    def share(self) -> float:
        """How much of what was done is on record, from 0 to 1.

        Raises:
            Disproof: nothing was done, so nothing is shown.
        """
        if not self.done:
            raise Disproof("nothing was done that could be on record", remedy="let the scenario do something first")
        return 1 - len(self.missing) / len(self.done)


def told(events: Iterable[Mapping[str, Any]], kind: Kind) -> tuple[str, ...]:
    """Return what a record tells of one kind: backups and recoveries as ``act`` says it, tests as ``test`` does."""
    words = {Kind.INCIDENT: _incident, Kind.TESTING: _test}.get(kind, _attempt)
    return tuple(words(event) for event in events if event.get("kind") == kind and _is_act(event, kind))


def act(backup: object, status: int) -> str:
    """Put a backup or a recovery into words: what it made or was made from, and how it ended."""
    return f"{backup or 'no backup'}, exit status {status}"


def test(node: str, verdict: str) -> str:
    """Put a test into words: which scenario, and what it came to."""
    return f"{node}: {verdict}"


def _attempt(event: Mapping[str, Any]) -> str:
    return act(event["backup"], event["status"])


def _test(event: Mapping[str, Any]) -> str:
    return test(str(event.get("scenario")), str(event[RESULT]))


def _is_act(event: Mapping[str, Any], kind: Kind) -> bool:
    return kind != Kind.TESTING or (RESULT in event and event.get("what") not in (SABOTAGE, DEFECTS))


def _incident(event: Mapping[str, Any]) -> str:
    return str(event["what"])
