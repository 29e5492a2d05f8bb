"""Whatever befalls the bytes of a stored file is noticed: by chance, and with no idea of the catalogue of faults."""

import random
import shutil

import pytest

from drill.evidence.verdict import Verdict
from tests.verification.blind import befall, set_of, touch
from tests.verification.conftest import SETS

CHANCES = range(8)
ROUNDS = [
    pytest.param(name, seed, marks=pytest.mark.nightly if (number, seed) not in {(n, n % 2) for n in range(9)} else ())
    for number, name in enumerate(SETS)
    for seed in CHANCES
]


@pytest.fixture
def place(runtime):
    place = runtime.workspace.directory / "blind"
    yield place
    shutil.rmtree(place)


@pytest.mark.parametrize(("name", "seed"), ROUNDS)
def test_what_befalls_a_stored_file_is_noticed(rehearsed, verified, place, name, seed):
    repository = set_of(rehearsed, name, place)
    blow = befall(repository, name, random.Random(f"{name} {seed}"))  # noqa: S311 - no secret
    report = verified(repository, only=name)

    assert report.verdict is Verdict.DISPROVEN, str(blow)


def test_the_time_of_a_stored_file_says_nothing(rehearsed, verified, place):
    repository = set_of(rehearsed, "redis", place)
    touch(repository, "redis", random.Random(1))  # noqa: S311 - no secret
    report = verified(repository, only="redis")

    assert [] == report.findings
