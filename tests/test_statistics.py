"""The bound of the success rate is the exact one."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.errors import DrillError
from drill.statistics import success_rate_at_least

SERIES = st.integers(1, 150).flatmap(lambda attempts: st.tuples(st.integers(0, attempts), st.just(attempts)))


def chance_of_at_least(successes, attempts, rate):
    """The binomial tail in whole numbers, without rounding."""
    return sum(comb(attempts, n) * rate**n * (1 - rate) ** (attempts - n) for n in range(successes, attempts + 1))


@pytest.mark.parametrize(
    ("successes", "attempts", "bound"),
    [
        (300, 300, 0.05 ** (1 / 300)),
        (300, 300, 0.990064),
        (10, 10, 0.741134),
        (9, 10, 0.605836),
        (19, 20, 0.783894),
        (0, 5, 0.0),
        (1, 1, 0.05),
    ],
)
def test_known_bounds(successes, attempts, bound):
    assert bound == pytest.approx(success_rate_at_least(successes, attempts), abs=1e-6)


def test_more_than_99_percent_takes_299_successes_in_a_row():
    assert success_rate_at_least(298, 298) < 0.99 < success_rate_at_least(299, 299)


def test_one_failure_in_300_is_not_more_than_99_percent():
    assert success_rate_at_least(299, 300) < 0.99 < success_rate_at_least(473, 474)


@settings(deadline=None)
@given(SERIES)
def test_at_the_bound_so_many_successes_have_a_chance_of_5_percent(series):
    successes, attempts = series
    bound = success_rate_at_least(successes, attempts)
    chance = chance_of_at_least(successes, attempts, Fraction(bound))

    assert (0.05 if successes else 1) == pytest.approx(float(chance), rel=1e-6)


@settings(deadline=None)
@given(SERIES, st.floats(0.5, 0.999))
def test_more_confidence_promises_less_and_one_more_success_more(series, confidence):
    successes, attempts = series
    bound = success_rate_at_least(successes, attempts, confidence=confidence)

    assert bound <= successes / attempts
    assert success_rate_at_least(successes, attempts, confidence=(1 + confidence) / 2) <= bound
    assert bound <= success_rate_at_least(successes + 1, attempts + 1, confidence=confidence)


@pytest.mark.parametrize(
    ("successes", "attempts", "confidence"), [(0, 0, 0.95), (2, 1, 0.95), (-1, 1, 0.95), (1, 1, 1.0), (1, 1, 0.0)]
)
def test_what_makes_no_rate_is_an_error(successes, attempts, confidence):
    with pytest.raises(DrillError, match="make no rate"):
        success_rate_at_least(successes, attempts, confidence=confidence)
