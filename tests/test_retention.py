"""What a retention term promises, against a model that walks through every moment of the term."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from drill.backups.retention import promised, reach

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TERM = timedelta(hours=30)
AGES = st.sets(st.integers(-5, 60), max_size=20)
"""Ages of backups in hours; some are yet to come."""


def at(ages):
    return {NOW - timedelta(hours=age) for age in ages}


def model(taken):
    """Every backup that a restore to some moment of the last thirty hours would need: the newest that is as old."""
    moments = [NOW - timedelta(hours=hours) for hours in range(31)]
    states = [max((backup for backup in taken if backup <= moment), default=None) for moment in moments]
    return {state for state in states if state is not None}


@given(AGES)
def test_whatever_a_restore_within_the_term_needs_is_promised_and_nothing_else(ages):
    assert model(at(ages)) == promised(at(ages), now=NOW, term=TERM)


@given(AGES)
def test_the_order_in_which_backups_are_told_does_not_matter(ages):
    assert promised(sorted(at(ages)), now=NOW, term=TERM) == promised(sorted(at(ages))[::-1], now=NOW, term=TERM)


def test_the_newest_backup_that_is_as_old_as_the_term_is_promised():
    assert at({30, 29}) == promised(at({31, 30, 29}), now=NOW, term=TERM)
    assert at({31, 29}) == promised(at({32, 31, 29}), now=NOW, term=TERM)


@given(AGES)
def test_the_reach_is_the_age_of_the_oldest_kept_backup(ages):
    assert timedelta(hours=max(ages, default=0)) == reach(at(ages), now=NOW)
