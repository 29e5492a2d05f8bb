"""Disasters that nobody announces: chance draws the moment, and whoever tells chance the same seed gets it again."""

from __future__ import annotations

import random
from datetime import timedelta

from drill.losses.ledger import Writer


def let_pass(writer: Writer, *, at_most: timedelta, seed: int) -> timedelta:
    """Have writing go on for a time that chance draws, and return how long that is.

    Raises:
        StillWaiting: the writer is too slow.
        DrillError: it has ended.
    """
    after = timedelta(seconds=random.Random(seed).uniform(0, at_most.total_seconds()))  # noqa: S311 - no secret
    writer.wait_to_span(writer.ledger.span + after)
    return after
