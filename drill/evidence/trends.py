"""How a criterion's measured times change from run to run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from drill.evidence.run_index import IndexedRun, Result
from drill.policy import Comparison, Objective, UnreadableValue

NOTABLE = 1.25
"""By what factor a time has to grow to be told of; what is measured in tenths of seconds varies that much by itself."""

SHORTEST = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True)
class Slower:
    """A time that has grown since the last run that was alike."""

    criterion: str
    run: str
    now: str
    before: str
    factor: float

    def __str__(self) -> str:
        return f"{self.criterion}: {self.now} in {self.run}, {self.factor:.1f} times the {self.before} before it"


def slower(runs: Sequence[IndexedRun]) -> Iterator[Slower]:
    """Yield what took notably longer in the newest run than in the last one before it that was alike.

    Alike are runs on the same servers, data and kind of machine; times of others say nothing about each other.
    """
    if not runs:
        return
    *earlier, newest = runs
    for result in newest.results.values():
        before = _last(earlier, newest, result)
        if before is None or not is_duration_below(result.objective):
            continue
        now, then = result.measured or 0.0, before.measured or 0.0
        if then > 0 and now > then * NOTABLE and now - then > SHORTEST.total_seconds():
            yield Slower(
                result.criterion, newest.id, result.measured_text or "", before.measured_text or "", now / then
            )


def is_duration_below(objective: str) -> bool:
    """Return whether an objective limits a time from above, so that more is worse."""
    try:
        parsed = Objective.parse(objective)
    except UnreadableValue:
        return False
    at_most = parsed.comparison in (Comparison.BELOW, Comparison.AT_MOST)
    return at_most and isinstance(parsed.quantity.value, timedelta)


def _last(earlier: Sequence[IndexedRun], newest: IndexedRun, result: Result) -> Result | None:
    for run in reversed(earlier):
        before = run.results.get(result.criterion)
        # A part of a criterion's scenarios may leave out just the slow ones.
        if run.alike == newest.alike and before and before.measured and before.selected == result.selected:
            return before
    return None


def worst_measured(run: IndexedRun, beginning: str) -> str | None:
    """Return the largest value, in words, that a run measured for the criteria whose id begins so."""
    measured = [
        (result.measured, result.measured_text)
        for result in run.results.values()
        if result.criterion.startswith(f"{beginning}-") and result.measured is not None and result.measured_text
    ]
    return max(measured)[1] if measured else None
