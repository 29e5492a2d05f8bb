"""What the defects came to: which turned their scenario red, which survived, and whether sound scripts were accused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from drill.damage.defects.defect import Unnoticed
from drill.evidence.journal import Kind
from drill.evidence.record import DEFECTS
from drill.evidence.redaction import redacted
from drill.evidence.verdict import Verdict


class Ending(StrEnum):
    """How one defect ended."""

    NOTICED = "noticed"
    SURVIVED = "survived"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One defect, put into a copy of the scripts.

    Attributes:
        id: of the defect.
        field: what such a script does in the field.
        scenario: had to be disproven.
        ending: whether it was.
        said: what disproved it, or why it could not be tried.
        seconds: of copying, editing and running the scenario.
    """

    id: str
    field: str
    scenario: str
    ending: Ending
    said: str
    seconds: float


@dataclass(frozen=True, slots=True)
class DefectScore:
    """All attempts.

    Attributes:
        attempts: one for each defect.
        sound: how many of the scenarios were run on the sound scripts.
        accused: those that were not proven there, by what they said.
        unnoticed: the defects that no scenario can notice.
        seconds: of it all.
    """

    attempts: tuple[Attempt, ...]
    sound: int
    accused: dict[str, str]
    unnoticed: Sequence[Unnoticed]
    seconds: float

    def of(self, ending: Ending) -> list[str]:
        """Return the ids of the defects that ended so."""
        return [each.id for each in self.attempts if each.ending is ending]

    @property
    def verdict(self) -> Verdict:
        """Proven only where every defect was noticed and sound scripts were not accused."""
        if self.of(Ending.SURVIVED) or self.accused:
            return Verdict.DISPROVEN
        return Verdict.UNPROVEN if self.of(Ending.NOT_TRIED) or not self.attempts else Verdict.PROVEN

    @property
    def summary(self) -> str:
        """The score in one line."""
        return (
            f"{self.verdict}: {len(self.of(Ending.NOTICED))} of {len(self.attempts)} defects turned a scenario red, "
            f"{len(self.of(Ending.SURVIVED))} survived, {len(self.of(Ending.NOT_TRIED))} not tried; "
            f"{len(self.accused)} of {self.sound} scenarios accuse sound scripts; "
            f"{len(self.unnoticed)} known defects that no scenario can notice; {self.seconds:.0f} s"
        )

    def event(self) -> dict[str, Any]:
        """Return what the run record keeps of it, for ``Journal.event``."""
        return {
            "kind": Kind.TESTING,
            "what": DEFECTS,
            "verdict": str(self.verdict),
            "defects": len(self.attempts),
            "noticed": len(self.of(Ending.NOTICED)),
            "survived": " ".join(self.of(Ending.SURVIVED)),
            "not_tried": " ".join(self.of(Ending.NOT_TRIED)),
            "false_alarms": len(self.accused),
            "unnoticed": " ".join(each.id for each in self.unnoticed),
            "seconds": round(self.seconds, 3),
        }

    def as_json(self) -> dict[str, Any]:
        """Return plain data, secrets masked."""
        return {
            "schema": 1,
            "verdict": str(self.verdict),
            "defects": len(self.attempts),
            "noticed": len(self.of(Ending.NOTICED)),
            "survived": self.of(Ending.SURVIVED),
            "not_tried": self.of(Ending.NOT_TRIED),
            "sound": self.sound,
            "false_alarms": {scenario: redacted(said) for scenario, said in self.accused.items()},
            "unnoticed": [asdict(each) for each in self.unnoticed],
            "seconds": round(self.seconds, 3),
            "attempts": [
                asdict(each) | {"said": redacted(each.said), "seconds": round(each.seconds, 3)}
                for each in self.attempts
            ],
        }


def tables(score: DefectScore) -> Group:
    """Return every defect, what no scenario can notice, and the sum."""
    drawn = Table(title=Text("defects of the scripts"), title_justify="left")
    for column in ("defect", "in the field", "", "by", "seconds"):
        drawn.add_column(column, justify="right" if column == "seconds" else "left")
    for each in score.attempts:
        drawn.add_row(each.id, Text(each.field), str(each.ending), Text(each.scenario), f"{each.seconds:.1f}")
    left = [f"{each.ending}: {each.id}: {each.said}" for each in score.attempts if each.ending is not Ending.NOTICED]
    left += [f"false alarm: {scenario}: {said}" for scenario, said in score.accused.items()]
    left += [f"no scenario can notice {each.id}, {each.field}: {each.why}" for each in score.unnoticed]
    return Group(drawn, *(Text(redacted(line)) for line in left), Text(score.summary))
