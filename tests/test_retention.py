"""What a retention term promises, against a model that walks through every moment of the term."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from drill.backups.retention import Promise, promised, reach

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
    assert model(at(ages)) == promised(at(ages), now=NOW, promise=Promise(TERM))


@given(AGES)
def test_the_order_in_which_backups_are_told_does_not_matter(ages):
    assert promised(sorted(at(ages)), now=NOW, promise=Promise(TERM)) == promised(
        sorted(at(ages))[::-1], now=NOW, promise=Promise(TERM)
    )


@given(AGES, st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)))
def test_what_is_known_not_to_hold_promises_nothing_and_the_newest_that_holds_is_kept(ages, rotten, proven):
    sound = at(ages - rotten)
    known = {each for each in sound & at(proven) if each <= NOW}
    newest = {max(known)} if known else set()

    assert model(sound) | newest == promised(
        at(ages), now=NOW, promise=Promise(TERM), rotten=at(rotten), proven=at(proven)
    )


def test_the_newest_backup_that_is_as_old_as_the_term_is_promised():
    assert at({30, 29}) == promised(at({31, 30, 29}), now=NOW, promise=Promise(TERM))
    assert at({31, 29}) == promised(at({32, 31, 29}), now=NOW, promise=Promise(TERM))


@given(AGES)
def test_the_reach_is_the_age_of_the_oldest_kept_backup(ages):
    assert timedelta(hours=max(ages, default=0)) == reach(at(ages), now=NOW)


def test_points_are_the_last_of_their_day_week_and_month_and_what_failed_for_long_does_not_use_them_up():
    days = [datetime(2026, 1, 30, 1, tzinfo=UTC) + timedelta(days=day) for day in (0, 1, 2, 40, 41, 42)]
    now = datetime(2026, 6, 1, tzinfo=UTC)
    kept = promised(days, now=now, promise=Promise(TERM, {"daily": 1, "weekly": 2, "monthly": 2}))

    # The last of all; the last of the weeks of 9 March and of 26 January; the last of March and of February.
    assert {days[5], days[2]} == kept


def test_a_day_is_that_of_the_zone():
    evening = [datetime(2026, 1, 30, hour, tzinfo=UTC) for hour in (16, 18)]
    now = datetime(2026, 6, 1, tzinfo=UTC)
    here = promised(evening, now=now, promise=Promise(TERM, {"daily": 2}, zone="Asia/Ho_Chi_Minh"))

    assert (set(evening), {evening[1]}) == (here, promised(evening, now=now, promise=Promise(TERM, {"daily": 2})))


def test_a_copy_is_the_last_of_its_month_for_its_own_term():
    taken = [datetime(2026, month, day, tzinfo=UTC) for month in (1, 2, 3) for day in (3, 20)]
    now = datetime(2026, 6, 1, tzinfo=UTC)
    kept = promised(taken, now=now, promise=Promise(TERM, copies=(timedelta(days=10), timedelta(days=110))))

    assert {taken[3], taken[5]} == kept
