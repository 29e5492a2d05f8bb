"""What the faults came to: caught, refused, missed; and whether anything healthy was accused."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from drill.evidence.journal import Kind
from drill.evidence.record import SABOTAGE
from drill.evidence.redaction import redacted
from drill.evidence.verdict import Verdict

HEALTHY = "healthy"
NO_OPINION = "–"
"""The opinion of a check that does not apply."""


class Outcome(StrEnum):
    """How one attempt ended."""

    CAUGHT = "caught"
    REFUSED = "refused before the restore"
    MISSED = "missed"
    NOT_TRIED = "not tried"
    CLEAN = "clean"
    FALSE_ALARM = "false alarm"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One fault, or one healthy set, verified.

    Attributes:
        id: of the fault, or the set's name.
        kind: of the fault, or ``HEALTHY``.
        field: what happens in the field.
        outcome: how it ended.
        findings: the ids of all that was found.
        said: the finding that named it, or what went wrong.
        seconds: copying, injecting and verifying.
        opinions: what usual checks say, where they were asked.
    """

    id: str
    kind: str
    field: str
    outcome: Outcome
    findings: tuple[str, ...]
    said: str
    seconds: float
    opinions: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Score:
    """All attempts of one sabotage."""

    attempts: tuple[Attempt, ...]
    seconds: float

    def of(self, *outcomes: Outcome) -> list[str]:
        """Return the ids of the attempts that ended so."""
        return [each.id for each in self.attempts if each.outcome in outcomes]

    @property
    def faults(self) -> int:
        """How many faults were to be tried."""
        return sum(each.kind != HEALTHY for each in self.attempts)

    @property
    def noticed(self) -> float:
        """The share of the faults that was noticed, 0 to 1; 0 where there was none to notice."""
        return len(self.of(Outcome.CAUGHT, Outcome.REFUSED)) / self.faults if self.faults else 0.0

    @property
    def verdict(self) -> Verdict:
        """Proven only where every fault was noticed and nothing healthy accused."""
        if self.of(Outcome.MISSED, Outcome.FALSE_ALARM):
            return Verdict.DISPROVEN
        if self.of(Outcome.NOT_TRIED) or not self.faults or not self.of(Outcome.CLEAN):
            return Verdict.UNPROVEN
        return Verdict.PROVEN

    def event(self) -> dict[str, Any]:
        """Return what the run record keeps of it, for ``Journal.event``."""
        facts = {
            "verdict": str(self.verdict),
            "faults": self.faults,
            "caught": len(self.of(Outcome.CAUGHT)),
            "refused": len(self.of(Outcome.REFUSED)),
            "missed": " ".join(self.of(Outcome.MISSED, Outcome.NOT_TRIED)),
            "healthy": len(self.of(Outcome.CLEAN, Outcome.FALSE_ALARM)),
            "false_alarms": " ".join(self.of(Outcome.FALSE_ALARM)),
            "seconds": round(self.seconds, 3),
        }
        return {"kind": Kind.TESTING, "what": SABOTAGE, **facts}

    def as_json(self) -> dict[str, Any]:
        """Return plain data, secrets masked."""
        return {
            "schema": 1,
            "verdict": str(self.verdict),
            "faults": self.faults,
            "caught": len(self.of(Outcome.CAUGHT)),
            "refused": len(self.of(Outcome.REFUSED)),
            "missed": self.of(Outcome.MISSED),
            "not_tried": self.of(Outcome.NOT_TRIED),
            "healthy": len(self.of(Outcome.CLEAN, Outcome.FALSE_ALARM)),
            "false_alarms": self.of(Outcome.FALSE_ALARM),
            "seconds": round(self.seconds, 3),
            "attempts": [
                asdict(each) | {"said": redacted(each.said), "seconds": round(each.seconds, 3)}
                for each in self.attempts
            ],
        }


def tables(score: Score) -> Group:
    """Return every attempt, and the sum."""
    drawn = Table(title=Text("sabotage"), title_justify="left")
    for column in ("fault", "of", "in the field", "", "by", "seconds"):
        drawn.add_column(column, justify="right" if column == "seconds" else "left")
    for each in score.attempts:
        drawn.add_row(
            each.id,
            each.kind,
            Text(each.field),
            str(each.outcome),
            ", ".join(each.findings),
            f"{each.seconds:.1f}",
        )
    failed = [
        each for each in score.attempts if each.outcome in (Outcome.MISSED, Outcome.FALSE_ALARM, Outcome.NOT_TRIED)
    ]
    said = [Text(redacted(f"{each.outcome}: {each.id}: {each.said}")) for each in failed]
    return Group(drawn, *said, Text(summary(score)))


def matrix(score: Score) -> Table:
    """Return what usual checks say of the same faults; last, how many each has noticed of those that it speaks of."""
    asked = [each for each in score.attempts if each.opinions]
    names = [
        name
        for name in (asked[0].opinions if asked else ())
        if any(each.opinions[name] != NO_OPINION for each in asked)
    ]
    drawn = Table(title=Text("the same faults, seen by usual checks"), title_justify="left")
    for column in ("fault", "this drill", *names):
        drawn.add_column(column, no_wrap=column == "fault")
    for each in asked:
        noticed = "missed" if each.outcome is Outcome.MISSED else "noticed"
        drawn.add_row(each.id, noticed, *(each.opinions[name] for name in names))
    sums = [Counter(each.opinions[name] for each in asked) for name in names]
    own = sum(each.outcome in (Outcome.CAUGHT, Outcome.REFUSED) for each in asked)
    told = [f"{found['noticed']} of {found['noticed'] + found['missed']}" for found in sums]
    drawn.add_row("noticed", f"{own} of {len(asked)}", *told)
    return drawn


def summary(score: Score) -> str:
    """Return the score in one line."""
    noticed = len(score.of(Outcome.CAUGHT, Outcome.REFUSED))
    missed = len(score.of(Outcome.MISSED))
    alarms, healthy = len(score.of(Outcome.FALSE_ALARM)), len(score.of(Outcome.CLEAN, Outcome.FALSE_ALARM))
    return (
        f"{score.verdict}: {noticed} of {score.faults} faults noticed ({len(score.of(Outcome.REFUSED))} before the "
        f"restore), {missed} missed, {len(score.of(Outcome.NOT_TRIED))} not tried; {alarms} false alarms on {healthy} "
        f"healthy sets; {score.seconds:.0f} s"
    )
