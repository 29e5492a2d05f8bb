"""Where the jobs of a timetable are to run."""

import os

import pytest

from drill.timetable import Place


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path, environment=tmp_path, search_path=os.environ["PATH"], image="ops/backup:1.4")
