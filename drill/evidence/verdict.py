"""Proven, disproven or unproven: what a scenario, a criterion and a run come to."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from drill.errors import DrillError


class Verdict(StrEnum):
    """What is known. What could not be checked is unproven, never proven."""

    PROVEN = "proven"
    UNPROVEN = "unproven"
    DISPROVEN = "disproven"


class Disproof(DrillError, AssertionError):
    """The procedure under test failed so early that nothing is left to compare; counts as a failed assertion."""


_RANK = {Verdict.PROVEN: 0, Verdict.UNPROVEN: 1, Verdict.DISPROVEN: 2}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of several; nothing at all is unproven."""
    return max(verdicts, key=_RANK.__getitem__, default=Verdict.UNPROVEN)


def exit_status(verdict: Verdict, status: int) -> int:
    """Return how a run ends: pytest's own status where that is not success, else 1 disproven, 3 unproven, 0 proven.

    Tests that could not be set up make pytest say 1 as well; where nothing was disproven, that is 3.
    """
    if status not in (0, 1):
        return status
    return {Verdict.PROVEN: status, Verdict.UNPROVEN: 3, Verdict.DISPROVEN: 1}[verdict]
