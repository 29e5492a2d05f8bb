"""Frames of the tools that run a step: nothing that goes wrong in a step is explained there."""

from __future__ import annotations

from types import FrameType, TracebackType

import pytest

RUNNERS = ("_pytest.", "pytest_bdd.")


def is_foreign(frame: FrameType) -> bool:
    """Say whether the frame belongs to pytest or pytest-bdd."""
    return str(frame.f_globals.get("__name__")).startswith(RUNNERS)


def drop_foreign_frames(failure: pytest.ExceptionInfo[BaseException]) -> None:
    """Leave only frames that explain the failure; all of them where none would be left."""
    own = failure.traceback.filter(lambda entry: not is_foreign(entry.frame.raw))
    failure.traceback = own or failure.traceback


def from_own_frame(trace: TracebackType | None) -> TracebackType | None:
    """Return the traceback from where the step's own function begins; all of it where it never did."""
    below = trace
    while below is not None and is_foreign(below.tb_frame):
        below = below.tb_next
    return below or trace
