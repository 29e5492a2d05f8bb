"""What a number of tries shows about the rate behind them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.statistics import lowest_rate

TRIES = st.integers(1, 400).flatmap(lambda tries: st.tuples(st.integers(0, tries), st.just(tries)))


@pytest.mark.parametrize(
    ("successes", "tries", "bound"),
    [
        (300, 300, 0.05 ** (1 / 300)),  # all succeed: the bound has this closed form
        (1, 1, 0.05),
        (299, 300, 0.984285),
        (95, 100, 0.897745),
        (5, 10, 0.222441),
        (1, 10, 0.005116),
        (0, 10, 0.0),
        (0, 0, 0.0),
    ],
)
def test_the_bound_is_that_of_clopper_and_pearson(successes, tries, bound):
    assert bound == pytest.approx(lowest_rate(successes, tries), abs=1e-5)


def test_three_hundred_successes_are_just_enough_for_more_than_99_percent():
    assert lowest_rate(298, 298) < 0.99 < lowest_rate(299, 299)
    assert lowest_rate(299, 300) < 0.99


@given(TRIES)
def test_the_bound_lies_below_the_rate_that_was_seen(counts):
    successes, tries = counts

    assert 0 <= lowest_rate(successes, tries) <= successes / tries


@given(TRIES)
def test_a_failure_more_never_raises_the_bound(counts):
    successes, tries = counts

    assert lowest_rate(successes, tries + 1) <= lowest_rate(successes, tries) <= lowest_rate(successes + 1, tries + 1)


@given(st.integers(1, 200), st.floats(0.5, 0.99))
def test_more_confidence_means_a_lower_bound(tries, confidence):
    assert lowest_rate(tries, tries, confidence=0.995) < lowest_rate(tries, tries, confidence=confidence)


def test_more_successes_than_tries_are_an_error():
    with pytest.raises(ValueError, match="3 successes of 2 tries"):
        lowest_rate(3, 2)
