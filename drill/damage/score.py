"""What the faults came to: caught, refused, missed; and whether anything healthy was accused."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from drill.damage.rivals import INFERRED, Opinion
from drill.evidence.journal import Kind
from drill.evidence.record import SABOTAGE
from drill.evidence.redaction import redacted
from drill.evidence.verdict import Verdict

HEALTHY = "healthy"


class Outcome(StrEnum):
    """How one attempt ended."""

    CAUGHT = "caught"
    REFUSED = "refused before the restore"
    MISSED = "missed"
    NOT_TRIED = "not tried"
    CLEAN = "clean"
    FALSE_ALARM = "false alarm"


NOTICED = (Outcome.CAUGHT, Outcome.REFUSED)
MARK = "*"
"""Stands behind the name of a check that was not run."""


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
class UsualCheck:
    """What one usual check says of the faults that it applies to.

    Attributes:
        name: of the check.
        inferred: whether it was not run, and what it says follows from what the drill found on restoring.
        noticed: the ids of the faults that it tells from a whole backup.
        missed: those that it does not.
    """

    name: str
    inferred: bool
    noticed: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def share(self) -> str:
        """How many of how many it notices."""
        return f"{len(self.noticed)} of {len(self.noticed) + len(self.missed)}"


@dataclass(frozen=True, slots=True)
class Score:
    """All attempts of one sabotage.

    Attributes:
        attempts: the faults, and the healthy sets.
        seconds: all of it took.
        known: how many faults the catalogue had; None where that does not matter.
    """

    attempts: tuple[Attempt, ...]
    seconds: float
    known: int | None = None

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
        return len(self.of(*NOTICED)) / self.faults if self.faults else 0.0

    @property
    def verdict(self) -> Verdict:
        """Proven only where every fault was noticed and nothing healthy accused."""
        if self.of(Outcome.MISSED, Outcome.FALSE_ALARM):
            return Verdict.DISPROVEN
        if self.of(Outcome.NOT_TRIED) or not self.faults or not self.of(Outcome.CLEAN):
            return Verdict.UNPROVEN
        return Verdict.PROVEN

    @property
    def compared(self) -> list[Attempt]:
        """The attempts of which usual checks were asked, too."""
        return [each for each in self.attempts if each.opinions]

    @property
    def usual_checks(self) -> tuple[UsualCheck, ...]:
        """What each usual check says, in their order; those that apply to none of the faults are left out."""
        names = dict.fromkeys(name for each in self.compared for name in each.opinions)
        checks = (
            UsualCheck(name, name in INFERRED, self._told(name, Opinion.NOTICED), self._told(name, Opinion.MISSED))
            for name in names
        )
        return tuple(check for check in checks if check.noticed or check.missed)

    @property
    def kinds(self) -> dict[str, list[str]]:
        """The faults of each kind of which usual checks were asked."""
        kinds: dict[str, list[str]] = {}
        for each in self.compared:
            kinds.setdefault(each.kind, []).append(each.id)
        return kinds

    def _told(self, name: str, opinion: Opinion) -> tuple[str, ...]:
        return tuple(each.id for each in self.compared if each.opinions[name] == opinion)

    def event(self) -> dict[str, Any]:
        """Return what the run record keeps of it, for ``Journal.event``."""
        facts: dict[str, Any] = {
            "verdict": str(self.verdict),
            "known": self.known,
            "names": " ".join(each.id for each in self.attempts if each.kind != HEALTHY),
            "faults": self.faults,
            "caught": len(self.of(Outcome.CAUGHT)),
            "refused": len(self.of(Outcome.REFUSED)),
            "missed": " ".join(self.of(Outcome.MISSED, Outcome.NOT_TRIED)),
            "not_tried": " ".join(self.of(Outcome.NOT_TRIED)),
            "healthy": len(self.of(Outcome.CLEAN, Outcome.FALSE_ALARM)),
            "false_alarms": " ".join(self.of(Outcome.FALSE_ALARM)),
            "seconds": round(self.seconds, 3),
        }
        if self.usual_checks:
            facts["usual_checks"] = {
                each.name: {
                    "inferred": each.inferred,
                    "noticed": " ".join(each.noticed),
                    "missed": " ".join(each.missed),
                }
                for each in self.usual_checks
            }
            facts["kinds"] = {kind: " ".join(names) for kind, names in self.kinds.items()}
        return {"kind": Kind.TESTING, "what": SABOTAGE, **facts}

    def as_json(self) -> dict[str, Any]:
        """Return plain data, secrets masked."""
        return {
            "schema": 1,
            "verdict": str(self.verdict),
            "known": self.known,
            "faults": self.faults,
            "caught": len(self.of(Outcome.CAUGHT)),
            "refused": len(self.of(Outcome.REFUSED)),
            "missed": self.of(Outcome.MISSED),
            "not_tried": self.of(Outcome.NOT_TRIED),
            "healthy": len(self.of(Outcome.CLEAN, Outcome.FALSE_ALARM)),
            "false_alarms": self.of(Outcome.FALSE_ALARM),
            "seconds": round(self.seconds, 3),
            "usual_checks": [asdict(each) for each in self.usual_checks],
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


def matrix(score: Score) -> list[tuple[str, ...]]:
    """Return what usual checks say of the same faults; last, how many each has noticed of those that it speaks of."""
    checks, asked = score.usual_checks, score.compared
    heading = ("fault", "this drill", *(f"{check.name} {MARK}" if check.inferred else check.name for check in checks))
    rows = [
        (each.id, "noticed" if each.outcome in NOTICED else "missed", *(each.opinions[check.name] for check in checks))
        for each in asked
    ]
    own = sum(each.outcome in NOTICED for each in asked)
    return [heading, *rows, ("noticed", f"{own} of {len(asked)}", *(check.share for check in checks))]


def matrix_table(score: Score) -> Table:
    """Return the matrix for people."""
    heading, *rows = matrix(score)
    drawn = Table(title=Text("the same faults, seen by usual checks"), title_justify="left", caption_justify="left")
    drawn.caption = f"{MARK} not run: inferred from what this drill found on restoring; all others looked at the backup"
    for column in heading:
        drawn.add_column(column, no_wrap=column == "fault")
    for row in rows:
        drawn.add_row(*row)
    return drawn


def summary(score: Score) -> str:
    """Return the score in one line."""
    noticed = len(score.of(*NOTICED))
    missed = len(score.of(Outcome.MISSED))
    alarms, healthy = len(score.of(Outcome.FALSE_ALARM)), len(score.of(Outcome.CLEAN, Outcome.FALSE_ALARM))
    return (
        f"{score.verdict}: {noticed} of {score.faults} faults noticed ({len(score.of(Outcome.REFUSED))} before the "
        f"restore), {missed} missed, {len(score.of(Outcome.NOT_TRIED))} not tried; {alarms} false alarms on {healthy} "
        f"healthy sets; {score.seconds:.0f} s"
    )
