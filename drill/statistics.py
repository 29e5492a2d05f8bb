"""What a number of tries shows about the rate behind them."""

from __future__ import annotations

from math import exp, lgamma, log

CONFIDENCE = 0.95
_STEPS = 60
"""Halvings of the interval from 0 to 1: more than a float can tell apart."""


def lowest_rate(successes: int, tries: int, *, confidence: float = CONFIDENCE) -> float:
    """Return the lowest rate of success that the tries leave plausible: the exact one-sided lower bound.

    The bound of Clopper and Pearson ("The use of confidence or fiducial limits illustrated in the case of the
    binomial", Biometrika 26, 1934): the rate at which so many successes, or more, would come about with a probability
    of ``1 - confidence``. 300 of 300 show 99.006 %, 299 of 300 show 98.429 %; none of anything shows 0.

    Args:
        successes: how many tries succeeded.
        tries: how many there were.
        confidence: between 0 and 1.

    Raises:
        ValueError: more successes than tries, or a negative number.
    """
    if not 0 <= successes <= tries:
        raise ValueError(f"{successes} successes of {tries} tries")
    if successes == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _at_least(successes, tries, middle) < 1 - confidence:
            low = middle
        else:
            high = middle
    return low


def _at_least(successes: int, tries: int, rate: float) -> float:
    """Return the probability of so many successes or more."""
    if rate in (0.0, 1.0):
        return rate
    return sum(
        exp(
            lgamma(tries + 1)
            - lgamma(number + 1)
            - lgamma(tries - number + 1)
            + number * log(rate)
            + (tries - number) * log(1 - rate)
        )
        for number in range(successes, tries + 1)
    )
