"""Phases: each is foretold by itself, so that what one of them does is not lost in how much the whole varies."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.projection.line import Measured, Point, fit, sizes
from drill.projection.projection import project

MB, GB, TB = 10**6, 10**9, 10**12
SIZES = tuple(size * MB for size in (60, 90, 135, 203))
# A server in containers, recovered twice at each size: megabytes, seconds to restore, seconds to replay.
SEEN = [(60, 0.275, 0.416), (60, 0.309, 0.515), (91, 0.367, 0.458), (91, 0.316, 0.391)]
SEEN += [(136, 0.348, 0.331), (136, 0.558, 0.355), (204, 0.378, 0.321), (204, 0.407, 0.355)]


def times(restore, replay, *, noise=0.0, seed=1):
    """Two times at each size, from the seconds that each phase takes of it."""
    chance = random.Random(seed)  # noqa: S311
    drawn = [
        (size, {name: took(size) * (1 + chance.uniform(-noise, noise)) for name, took in phases.items()})
        for phases in [{"restore": restore, "replay": replay}]
        for size in SIZES
        for _ in range(2)
    ]
    return Measured.of((size, sum(phases.values()), phases) for size, phases in drawn)


def linear(size):
    return 0.2 + size / (400 * MB)


def growing(size):
    return 0.05 + 0.02 * (size / SIZES[0]) ** 2


def without_phases(measured):
    return Measured(measured.whole)


def test_a_phase_whose_rate_falls_is_found_where_the_whole_hides_it_and_is_named():
    measured = times(linear, growing, noise=0.02, seed=3)

    assert "" == project(without_phases(measured), size=TB).problem
    assert "s of the phase replay for 203 MB" in project(measured, size=TB).problem
    assert project(measured, size=TB).bound is None


def test_what_one_phase_lost_by_chance_does_not_hide_that_another_grows():
    measured = Measured.of((size * MB, one + two, {"restore": one, "replay": two}) for size, one, two in SEEN)
    hidden, found = project(without_phases(measured), size=500 * GB), project(measured, size=500 * GB)

    assert hidden.expected < timedelta(seconds=1)
    assert found.expected > timedelta(minutes=5)
    assert found.bound > hidden.bound


@settings(database=None, deadline=None)
@given(st.lists(st.tuples(*[st.floats(0.001, 10)] * 2), min_size=8, max_size=8), st.integers(1, 10_000))
def test_the_bound_is_never_below_that_of_the_whole_nor_below_the_sum_of_those_of_the_phases(drawn, far):
    at = [SIZES[number // 2] for number in range(8)]
    measured = Measured.of(
        (size, one + two, {"restore": one, "replay": two}) for size, (one, two) in zip(at, drawn, strict=True)
    )
    size = far * SIZES[-1]
    found = project(measured, size=size)
    lines = [fit(sizes(points)) for points in (measured.whole, *measured.phases.values())]
    whole, *phases = (line.bound(size) for line in lines)

    assert found.problem or found.seconds(size)[1] == max(whole, sum(phases))


def test_a_phase_of_milliseconds_is_foretold_and_not_checked():
    measured = times(linear, lambda size: 0.0001 * (size / SIZES[0]) ** 2, noise=0.02, seed=3)
    found = project(measured, size=TB)

    assert "" == found.problem
    assert found.bound > project(without_phases(measured), size=TB).bound


def test_a_phase_that_some_recoveries_did_not_have_took_no_time_in_them():
    measured = Measured.of([(GB, 3.0, {"restore": 2.0, "fetch": 1.0}), (2 * GB, 4.0, {"restore": 4.0})])

    assert (Point(GB, 1.0), Point(2 * GB, 0.0)) == measured.phases["fetch"]


@pytest.mark.parametrize(("size", "says"), [(400 * MB, True), (401 * MB, False)])
def test_where_a_size_as_large_was_measured_nothing_is_foretold_and_nothing_checked(size, says):
    measured = Measured.of((each * MB, seconds, {}) for each, seconds in [(50, 5), (100, 10), (200, 20), (400, 400)])

    assert says is (project(measured, size=size).bound is not None)
