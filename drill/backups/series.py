"""Many backups in a row, and the rate of success that they and those of the last month show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from drill.commands.runbook import DONE, Outcome, Runbook
from drill.evidence.attachments import attach_csv, attach_text
from drill.evidence.history import Tries
from drill.progress import working_on
from drill.statistics import success_rate_at_least
from drill.stores import ClusterStore, DatabaseStore

FULL_EVERY = 5
"""Of the physical backups; those in between are incremental."""


@dataclass(frozen=True, slots=True)
class Series:
    """What came of many backups, kind by kind, beside what is on record of earlier series."""

    outcomes: Sequence[tuple[str, Outcome]]
    earlier: Tries

    @property
    def tries(self) -> Tries:
        """This series and the earlier ones together."""
        done = sum(outcome.status == DONE for _, outcome in self.outcomes)
        return Tries(done + self.earlier.done, len(self.outcomes) + self.earlier.number)

    @property
    def lowest_rate(self) -> float:
        """The lowest rate of success that is plausible after all of them: the lower 95 % bound."""
        return success_rate_at_least(self.tries.done, self.tries.number)


def take_series(store: ClusterStore, number: int, *, runbook: Runbook, earlier: Tries) -> Series:
    """Take that many backups of one server, half of them dumps, the others full and incremental ones.

    Dumps and physical backups run side by side, each kind one after the other.

    Raises:
        DrillError: the server's version makes no increments.
    """
    store.require_increments()
    dumped = DatabaseStore(store.server, name=store.name)
    half = number // 2
    with working_on(f"{number} backups in a row"), ThreadPoolExecutor(2) as lanes:
        dumps = lanes.submit(_lane, half, lambda _: ("dump", runbook.back_up(dumped, in_series=True)))
        physical = lanes.submit(_lane, number - half, _Physical(store, runbook))
        series = Series([*dumps.result(), *physical.result()], earlier)
    _show(series)
    return series


class _Physical:
    """Takes the next physical backup: a full one, or an increment on the newest that was done."""

    def __init__(self, store: ClusterStore, runbook: Runbook) -> None:
        self._store = store
        self._runbook = runbook
        self._parent: str | None = None

    def __call__(self, index: int) -> tuple[str, Outcome]:
        if index % FULL_EVERY == 0 or self._parent is None:
            kind, outcome = "full", self._runbook.back_up(self._store, in_series=True)
        else:
            kind = "incremental"
            outcome = self._runbook.back_up_changes(self._store, parent=self._parent, in_series=True)
        if outcome.status == DONE:
            self._parent = str(outcome.result["id"])
        return kind, outcome


def _lane(number: int, backup: Callable[[int], tuple[str, Outcome]]) -> list[tuple[str, Outcome]]:
    return [backup(index) for index in range(number)]


def _show(series: Series) -> None:
    taken = Counter(kind for kind, _ in series.outcomes)
    done = Counter(kind for kind, outcome in series.outcomes if outcome.status == DONE)
    rows = [(kind, number, done[kind]) for kind, number in sorted(taken.items())]
    earlier = ("earlier series", series.earlier.number, series.earlier.done)
    attach_csv("backups in a row", [("kind", "taken", "done"), *rows, earlier])
    failed = [str(outcome) for _, outcome in series.outcomes if outcome.status != DONE]
    attach_text("failed backups", "\n".join(failed) or "none")
