"""Projections: what holds is foretold, what does not is seen, and nothing is promised beyond its bound."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.evidence.verdict import Verdict
from drill.policy import Objective
from drill.policy.quantity import bytes_text
from drill.projection.line import Measured, Point, fit, sizes
from drill.projection.projection import LONGEST, project

MB, GB, TB = 10**6, 10**9, 10**12
# One growing database on two cores: megabytes, seconds to dump it, seconds to restore it.
SEEN = [(39, 0.11, 0.18), (133, 0.22, 0.60), (259, 0.49, 1.29), (510, 0.83, 3.92), (1011, 1.72, 7.65)]
SEEN += [(2015, 3.34, 15.7), (4022, 6.62, 39.6)]
DUMPS = [Point(size * MB, dump) for size, dump, _ in SEEN]
RESTORES = [Point(size * MB, restore) for size, _, restore in SEEN]


def told(points, **options):
    return project(Measured(tuple(points)), **options)


def straight(*, fixed=0.5, rate=100 * MB, times=(1, 2, 4, 8, 16), noise=0.0, seed=1):
    chance = random.Random(seed)  # noqa: S311
    return [
        Point(time * GB, (fixed + time * GB / rate) * (1 + chance.uniform(-noise, noise)))
        for time in times
        for _ in range(2)
    ]


@settings(database=None, deadline=None)
@given(fixed=st.floats(0, 100), rate=st.integers(MB, GB), far=st.integers(17, 10_000))
def test_what_lies_on_a_line_is_foretold(fixed, rate, far):
    found = told(straight(fixed=fixed, rate=rate), size=far * GB)

    assert found.expected is not None
    assert pytest.approx(min(fixed + far * GB / rate, LONGEST.total_seconds()), rel=1e-3) == (
        found.expected.total_seconds()
    )
    assert found.bound >= found.expected


def test_a_restore_that_slows_down_is_not_projected_and_the_next_size_is_named():
    found = told(RESTORES, size=500 * GB)

    assert (None, None) == (found.expected, found.bound)
    assert "foretold at most 37.3 s for 4.02 GB, and it took 39.6 s" in str(found)
    assert "measure next at about 8.04 GB" in str(found)
    assert Verdict.UNPROVEN is found.verdict(Objective.parse("< 1000 d"))
    assert 0 == found.within(timedelta(days=1))


def test_a_line_that_holds_is_seldom_doubted_however_often_its_largest_size_was_measured():
    doubted = 0
    for seed in range(200):
        points = [each for number in range(3) for each in straight(noise=0.05, seed=seed + 1000 * number)]
        doubted += told(points, size=TB).line is None

    assert doubted <= 200 * 0.02


def test_a_dump_that_does_not_slow_down_is_projected_with_its_factor():
    found = told(DUMPS, size=500 * GB)

    assert timedelta(minutes=13) < found.expected < found.bound < timedelta(minutes=16)
    assert pytest.approx(500 * GB / (4022 * MB)) == found.factor
    assert "124 times the largest measured (7 measurements at 7 sizes up to 4.02 GB)" in str(found)


@pytest.mark.parametrize("number", range(4))
def test_fewer_than_four_sizes_say_nothing(number):
    found = told(DUMPS[:number], size=TB)

    assert found.bound is None
    assert "4 sizes are needed" in str(found)


def test_nearly_the_same_size_is_no_further_size():
    alike = [Point(round(GB * (1 + number / 100)), 10.0) for number in range(8)]

    assert 1 == len(sizes(alike))
    assert told(alike, size=TB).bound is None


def test_the_last_stretch_is_never_projected_less_steep_than_it_was():
    bent = [Point(1 * GB, 10), Point(2 * GB, 20), Point(4 * GB, 40), Point(8 * GB, 120)]

    assert fit(sizes(bent)).at(16 * GB) >= 120 + 8 * 20


def test_the_more_they_scatter_and_the_farther_away_the_wider_the_bound():
    calm, wild = (fit(sizes(straight(noise=noise))) for noise in (0.001, 0.01))
    margins = [wild.bound(size) - wild.at(size) for size in (16 * GB, 160 * GB, 1600 * GB)]

    assert calm.bound(TB) - calm.at(TB) < wild.bound(TB) - wild.at(TB)
    assert sorted(margins) == margins


def test_the_bound_holds_for_all_but_about_one_in_twenty():
    missed = 0
    for seed in range(400):
        *measured, far = straight(noise=0.05, seed=seed, times=(4, 5, 6, 7, 8))
        missed += fit(sizes(measured)).bound(far.size) < far.seconds

    assert missed <= 400 * 0.08


@pytest.mark.parametrize(
    ("objective", "verdict"),
    [("< 1 h", Verdict.PROVEN), ("< 14.5 min", Verdict.UNPROVEN), ("< 5 min", Verdict.DISPROVEN)],
)
def test_only_the_bound_proves_and_only_the_expected_time_disproves(objective, verdict):
    assert verdict is told(DUMPS, size=500 * GB).verdict(Objective.parse(objective))


def test_what_fits_into_a_time_is_the_size_whose_bound_it_is():
    found = told(DUMPS, size=500 * GB)
    fits = found.within(timedelta(hours=2))

    assert told(DUMPS, size=fits).bound <= timedelta(hours=2)
    assert told(DUMPS, size=round(fits * 1.001)).bound > timedelta(hours=2)
    assert 0 == found.within(timedelta(seconds=1))


def test_the_rate_of_production_s_own_hardware_is_used_beyond_what_was_measured_and_named():
    found = told(DUMPS, size=500 * GB, rate=100 * MB)

    assert found.bound > timedelta(hours=1)
    assert "by the rate that policy.toml gives, 100 MB/s" in str(found)
    assert "rate" not in str(told(DUMPS, size=500 * GB))


def test_sizes_are_written_as_people_do():
    assert ["1 B", "1.5 kB", "500 GB", "2e+03 TB"] == [bytes_text(size) for size in (1, 1500, 500 * GB, 2000 * TB)]
