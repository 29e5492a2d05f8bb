"""Whatever befalls the bytes of a stored file is noticed: by chance, and with no idea of the catalogue of faults."""

import random
import shutil

import pytest

from drill.evidence.verdict import Verdict
from tests.verification.blind import befall, set_of, touch
from tests.verification.conftest import SETS

BY_DAY, BY_NIGHT = 1, 8
"""So many blows to each set."""
BLOWS = [
    pytest.param(name, number, marks=[pytest.mark.nightly] if number >= BY_DAY else [])
    for name in SETS
    for number in range(BY_NIGHT)
]


@pytest.fixture
def place(runtime):
    place = runtime.workspace.directory / "blind"
    yield place
    shutil.rmtree(place)


@pytest.mark.parametrize(("name", "number"), BLOWS)
def test_what_befalls_a_stored_file_is_noticed(rehearsed, verified, place, name, number):
    repository = set_of(rehearsed, name, place)
    blow = befall(repository, name, random.Random(f"{name} {number}"))  # noqa: S311 - no secret
    report = verified(repository, only=name)

    assert report.verdict is Verdict.DISPROVEN, str(blow)


def test_the_time_of_a_stored_file_says_nothing(rehearsed, verified, place):
    repository = set_of(rehearsed, "redis", place)
    touch(repository, "redis", random.Random(1))  # noqa: S311 - no secret
    report = verified(repository, only="redis")

    assert [] == report.findings
