"""Where each procedure stands: what it can lose at worst, and how old its restore points are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from drill.consistency.durations import Taking, Takings
from drill.losses.worst_loss import WorstLoss, worst_loss
from drill.policy import Policy
from drill.policy.quantity import duration_text


@dataclass(frozen=True, slots=True)
class Ages:
    """How old the newest restore point can get; how old the oldest is at least and, where any is removed, at most."""

    newest: timedelta
    oldest: timedelta
    removed: timedelta | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One procedure beside what its class of data may lose.

    Attributes:
        data: the class of data.
        engine: what the data is on.
        procedure: its name.
        taking: how long a backup takes.
        promised: less than this may be lost.
        loss: what can be lost at worst; None where no backup is scheduled.
        ages: of its restore points; None likewise.
    """

    data: str
    engine: str
    procedure: str
    taking: Taking
    promised: timedelta
    loss: WorstLoss | None
    ages: Ages | None

    @property
    def store(self) -> str:
        """What has to be kept, by whichever procedure: the same data on the same engine."""
        return f"{self.data}-{self.engine}"

    @property
    def loss_text(self) -> str:
        """What can be lost at worst, in words."""
        return duration_text(self.loss.window) if self.loss else "not scheduled"

    @property
    def keeps(self) -> bool:
        """Whether the procedure alone keeps the promise."""
        return self.loss is not None and self.loss.window < self.promised


def standings(policy: Policy, takings: Takings) -> list[Standing]:
    """Return where the procedures of a policy stand, in its order."""
    return [
        Standing(
            data=procedure.data,
            engine=procedure.engine,
            procedure=name,
            taking=takings[name],
            promised=policy.data[procedure.data].rpo,
            loss=worst_loss(policy, name, backup_takes=takings[name].time) if _gap(policy, name) else None,
            ages=_ages(policy, name, takings[name]),
        )
        for name, procedure in policy.procedures.items()
    ]


def by_store(found: Iterable[Standing]) -> dict[str, list[Standing]]:
    """Return the standings of each store: one procedure that keeps it is enough."""
    stores: dict[str, list[Standing]] = {}
    for each in found:
        stores.setdefault(each.store, []).append(each)
    return stores


def best(found: Iterable[Standing]) -> Standing | None:
    """Return the one that loses least at worst; None where no backup is scheduled at all."""
    scheduled = [(each.loss.window, each) for each in found if each.loss]
    return min(scheduled, key=lambda pair: pair[0])[1] if scheduled else None


def _gap(policy: Policy, procedure: str) -> timedelta | None:
    """Return the longest time between two restore points: an increment is one, too."""
    return policy.longest_gap(procedure, "backup", "incremental")


def _ages(policy: Policy, procedure: str, taking: Taking) -> Ages | None:
    gap = _gap(policy, procedure)
    if gap is None:
        return None
    pruned = policy.longest_gap(procedure, "prune")
    term = policy.retention.minimum
    # The newest point that is as old as the term stays until the next one is, and then until the next pruning.
    return Ages(gap + taking.time, term, term + gap + pruned if pruned else None)
