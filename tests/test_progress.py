"""Long work shows that it goes on; quick work is silent."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import islice

import pytest

from drill import progress
from drill.progress import pauses, reported_to, working_on


@pytest.fixture(autouse=True)
def nobody_else_listens(monkeypatch):
    monkeypatch.setattr(progress, "_listeners", [])


def test_long_work_says_what_it_is_at_and_since_when():
    said, twice = [], threading.Event()

    def listen(text):
        said.append(text)
        if len(said) == 2:
            twice.set()

    with reported_to(listen), working_on("restoring", first=timedelta(milliseconds=1)):
        assert twice.wait(10)

    assert said[0].startswith("… restoring, for 0 s")


def test_the_longer_it_takes_the_rarer_it_is_said():
    seconds = [pause.total_seconds() for pause in islice(pauses(), 6)]

    assert [5, 10, 20, 40, 60, 60] == seconds


def test_quick_work_says_nothing():
    said = []

    with reported_to(said.append), working_on("restoring"):
        pass

    assert [] == said


def test_nobody_is_told_once_nobody_listens():
    said = []
    with reported_to(said.append):
        pass

    with working_on("restoring", first=timedelta(milliseconds=1)):
        threading.Event().wait(0.05)

    assert [] == said
