"""Schedules: the longest time without a backup, also where the clock is changed."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.policy import Schedule, UnreadableValue
from drill.policy.schedule import FIRST_DAY, LEAST_SPAN

HANOI, BERLIN = "Asia/Ho_Chi_Minh", "Europe/Berlin"


def schedule(cron, zone=HANOI, frequency="monthly", **others):
    facts = {"procedure": "postgres", "cron": cron, "time_zone": zone, "frequency": frequency, "origin": "document"}
    return Schedule.model_validate(facts | others)


@pytest.mark.parametrize(
    ("cron", "zone", "gap"),
    [
        ("*/30 * * * *", HANOI, timedelta(minutes=30)),
        ("*/25 * * * *", HANOI, timedelta(minutes=25)),
        ("5,10 * * * *", HANOI, timedelta(minutes=55)),
        ("0 2 * * *", HANOI, timedelta(days=1)),
        ("0 2 * * *", BERLIN, timedelta(days=1, hours=1)),
        ("0 4 * * SUN", HANOI, timedelta(days=7)),
        ("0 4 1 * *", HANOI, timedelta(days=31)),
        ("*/15 8-17 * * MON-FRI", HANOI, timedelta(days=2, hours=14, minutes=15)),
    ],
)
def test_the_longest_gap_is_real_elapsed_time(cron, zone, gap):
    assert gap == schedule(cron, zone).longest_gap()


def test_schedules_together_fill_each_others_gaps():
    night, noon = schedule("0 0 * * *"), schedule("0 5 * * *", zone="UTC")  # 12:00 in Hanoi

    assert timedelta(hours=12) == night.longest_gap(noon) == noon.longest_gap(night)


def test_the_same_time_twice_is_no_gap():
    assert timedelta(minutes=30) == schedule("*/30 * * * *").longest_gap(schedule("0 2 * * *"))


TIMES = st.sampled_from(["0", "7,52", "*/20"])
HOURS = st.sampled_from(["*", "2", "*/6", "8-17", "1,2,3"])
DAYS = st.sampled_from(["*", "1", "*/2", "28-31"])
WEEKDAYS = st.sampled_from(["*", "SUN", "MON-FRI"])
ZONES = st.sampled_from([HANOI, BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC"])


# One example steps through a year, a minute at a time around each firing: up to a second.
@settings(max_examples=15, deadline=None)
@given(st.builds(lambda *fields: " ".join((*fields[:3], "*", fields[3])), TIMES, HOURS, DAYS, WEEKDAYS), ZONES)
def test_days_that_are_alike_may_be_stepped_through_once(cron, zone):
    start = datetime(FIRST_DAY.year, 1, 1, tzinfo=ZoneInfo(zone)) - timedelta(seconds=1)
    until = datetime(FIRST_DAY.year, 1, 1, tzinfo=UTC) + LEAST_SPAN
    stepped = timedelta(0)
    for earlier, later in pairwise(firing.astimezone(UTC) for firing in CronSim(cron, start)):
        stepped = max(stepped, later - earlier)
        if later > until:
            break

    assert stepped == Schedule.longest_gap(Schedule.model_construct(cron=cron, time_zone=zone))


def test_a_schedule_rarer_than_a_year_is_followed_until_it_fires_twice():
    leap_days = Schedule.model_construct(cron="0 0 29 2 *", time_zone=HANOI)

    assert timedelta(days=4 * 365 + 1) == leap_days.longest_gap()


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({"cron": "70 2 * * *"}, "names no time (Bad minute)"),
        ({"cron": "0 2 * *"}, "does not have five fields"),
        ({"cron": "0 0 2 * * *"}, "does not have five fields"),
        ({"cron": "0 0 30 2 *"}, "names no time (Bad day-of-month)"),
        ({"cron": "0 2 * * *", "zone": "Asia/Hanoi"}, "'Asia/Hanoi' is no known time zone"),
        ({"cron": "0 2 * * *", "zone": "../etc/passwd"}, "is no known time zone"),
        ({"cron": "0 2 * * SUN", "frequency": "daily"}, "leaves 7 d between two firings, which is not daily"),
        ({"cron": "0 2 * * *", "origin": "added"}, "origin = 'added' lacks a reason"),
        ({"cron": "0 2 * * *", "reason": "because"}, "origin = 'document' has a reason"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(facts, what):
    with pytest.raises(ValueError) as caught:
        schedule(**facts)

    (error,) = caught.value.errors()
    assert isinstance(error["ctx"]["error"], UnreadableValue)
    assert what in error["msg"]
