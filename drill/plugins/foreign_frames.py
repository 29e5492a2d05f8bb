"""Frames of the tools that run a step: nothing that goes wrong in a step is explained there."""

from __future__ import annotations

from types import FrameType, TracebackType

import pytest

RUNNERS = ("_pytest.", "pluggy.", "pytest_bdd.")


def is_foreign(module: str) -> bool:
    """Say whether a module of this name belongs to pytest, pluggy or pytest-bdd."""
    return module.startswith(RUNNERS)


def drop_foreign_frames(failure: pytest.ExceptionInfo[BaseException]) -> None:
    """Leave only frames that explain the failure; all of them where none would be left to be seen."""
    own = failure.traceback.filter(lambda entry: not _runs_steps(entry.frame.raw))
    if not all(entry.ishidden(failure) for entry in own):
        failure.traceback = own


def from_own_frame(trace: TracebackType | None) -> TracebackType | None:
    """Return the traceback from where the step's own function begins; all of it where it never did."""
    below = trace
    while below is not None and _runs_steps(below.tb_frame):
        below = below.tb_next
    return below or trace


def _runs_steps(frame: FrameType) -> bool:
    return is_foreign(str(frame.f_globals.get("__name__")))
