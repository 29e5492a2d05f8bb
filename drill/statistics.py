"""What a number of successes in a number of attempts says about the rate of success.

The bound is exact, not an approximation by a bell curve, which for rates near 1 promises too much: C. J. Clopper and
E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26 (1934),
pages 404-413. It says: were the true rate any lower, so many successes would have come by chance in at most 5 % of all
such series. It takes the attempts to be independent and alike.
"""

from __future__ import annotations

import math

from drill.errors import DrillError

CONFIDENCE = 0.95
# Halving [0, 1] as often as a float has bits.
_HALVINGS = 53


def success_rate_at_least(successes: int, attempts: int, *, confidence: float = CONFIDENCE) -> float:
    """Return the one-sided lower confidence bound of the rate of success, rounded down.

    Args:
        successes: how many attempts succeeded.
        attempts: how many there were.
        confidence: how sure the bound is.

    Raises:
        DrillError: there was no attempt, or more successes than attempts, or no confidence between 0 and 1.
    """
    if not (0 <= successes <= attempts and attempts > 0 and 0 < confidence < 1):
        raise DrillError(
            f"{successes} successes in {attempts} attempts with confidence {confidence} make no rate",
            remedy="give at least one attempt, at most as many successes, and a confidence between 0 and 1",
        )
    if successes == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_least(successes, attempts, rate=middle) > 1 - confidence:
            high = middle
        else:
            low = middle
    return low


def _at_least(successes: int, attempts: int, *, rate: float) -> float:
    """Return the probability of so many successes or more at this rate, which is above 0 and below 1."""
    ways = math.lgamma(attempts + 1)
    return math.fsum(
        math.exp(
            ways
            - math.lgamma(number + 1)
            - math.lgamma(attempts - number + 1)
            + number * math.log(rate)
            + (attempts - number) * math.log1p(-rate)
        )
        for number in range(successes, attempts + 1)
    )
