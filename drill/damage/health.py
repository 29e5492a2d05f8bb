"""Verifies whole backups of many estates: every alarm about one of them is a false one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from drill.damage import victims
from drill.damage.faults import CATALOGUE
from drill.damage.score import Attempt, Outcome
from drill.damage.stage import rehearsed
from drill.damage.trial import try_healthy
from drill.evidence.attachments import attach_json
from drill.evidence.redaction import redacted
from drill.evidence.verdict import Verdict
from drill.policy import Policy
from drill.progress import working_on
from drill.runtimes import Runtime
from drill.servers.postgres import PostgresClusters

SCALES = (1, 2, 4)
"""Taken in turns."""
FAULTS = [fault for fault in CATALOGUE if fault.kind != victims.MACHINE]
"""Whose victims are examined: a machine is the same whatever the seed, and its verification is one of ``sabotage``."""


@dataclass(frozen=True, slots=True)
class Estate:
    """One estate that was rehearsed: the seed and the scale of its content, and what was found of each of its sets."""

    seed: int
    scale: int
    attempts: tuple[Attempt, ...]
    seconds: float

    @property
    def accused(self) -> list[str]:
        """The sets of which something was found, although nothing had befallen them."""
        return [each.id for each in self.attempts if each.outcome is not Outcome.CLEAN]


@dataclass(frozen=True, slots=True)
class Health:
    """What was found of all estates."""

    estates: tuple[Estate, ...]
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """Proven where sets were verified and none was accused."""
        if any(estate.accused for estate in self.estates):
            return Verdict.DISPROVEN
        return Verdict.PROVEN if any(estate.attempts for estate in self.estates) else Verdict.UNPROVEN

    @property
    def summary(self) -> str:
        """All of it in one line."""
        sets = sum(len(estate.attempts) for estate in self.estates)
        alarms = sum(len(estate.accused) for estate in self.estates)
        return (
            f"{self.verdict}: {alarms} false alarms on {sets} healthy sets of {len(self.estates)} estates; "
            f"{self.seconds:.0f} s"
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain data, secrets masked."""
        estates = [
            {
                "seed": estate.seed,
                "scale": estate.scale,
                "sets": len(estate.attempts),
                "accused": estate.accused,
                "seconds": round(estate.seconds, 3),
                "attempts": [asdict(each) | {"said": redacted(each.said)} for each in estate.attempts],
            }
            for estate in self.estates
        ]
        return {"schema": 1, "verdict": str(self.verdict), "seconds": round(self.seconds, 3), "estates": estates}


def examine(
    policy: Policy, runtime: Runtime, *, number: int, seed: int, workers: int, tell: Callable[[Attempt], object]
) -> Health:
    """Rehearse so many estates, each of the next seed and of another scale, and verify every set as it is.

    Raises:
        Disproof: a backup command failed.
    """
    started = time.monotonic()
    clusters = PostgresClusters(runtime)
    estates = []
    for step in range(number):
        begun, scale = time.monotonic(), SCALES[step % len(SCALES)]
        with rehearsed(policy, runtime, clusters, faults=FAULTS, seed=seed + step, scale=scale) as scene:
            attempts = try_healthy(scene, workers=workers, tell=tell)
        estates.append(Estate(seed + step, scale, tuple(attempts), time.monotonic() - begun))
    return Health(tuple(estates), time.monotonic() - started)


def examined(policy: Policy, runtime: Runtime, *, number: int, seed: int) -> Health:
    """Examine them where a drill runs already, and show in the evidence what was found of each.

    Raises:
        Disproof: a backup command failed.
    """
    with working_on(f"verifying whole backups of {number} estates"):
        health = examine(policy, runtime, number=number, seed=seed, workers=2, tell=lambda _: None)
    attach_json("healthy backups", health.as_json())
    return health


def tables(health: Health) -> Group:
    """Return every estate, what was found although nothing was wrong, and the sum."""
    drawn = Table(title=Text("healthy backups"), title_justify="left")
    for column in ("seed", "scale", "sets", "accused", "seconds"):
        drawn.add_column(column, justify="left" if column == "accused" else "right")
    for estate in health.estates:
        numbers = (str(estate.seed), str(estate.scale), str(len(estate.attempts)))
        drawn.add_row(*numbers, ", ".join(estate.accused) or "none", f"{estate.seconds:.1f}")
    said = [
        Text(redacted(f"false alarm: seed {estate.seed}, scale {estate.scale}: {each.id}: {each.said}"))
        for estate in health.estates
        for each in estate.attempts
        if each.id in estate.accused
    ]
    return Group(drawn, *said, Text(health.summary))
