"""The schedule for cron, systemd and Kubernetes: the same times as the policy's, whatever is written."""

import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from drill.consistency.timing import clock_changes
from drill.errors import DrillError
from drill.policy.schedule import firings
from drill.timetable import jobs
from drill.timetable.crontab import FILE, crontab
from drill.timetable.kubernetes import expression
from drill.timetable.systemd import calendar
from tests.procedures import SHIPPED
from tests.timetable.schedules import ALL, BERLIN, HANOI, NEEDS_SYSTEMD, cron_lines, entry

YEAR = timedelta(days=366)
# Not the first moment in UTC: the policy's times begin with the local day, which begins later in the west.
NEW_YEAR = datetime(2028, 1, 2, tzinfo=UTC)
CHANGES = [datetime(2028, 3, 25, tzinfo=UTC), datetime(2028, 10, 28, tzinfo=UTC)]
"""A day before the clocks of Berlin are changed."""


def policy_times(cron, zone, *, after, number):
    moments = (moment for moment in firings(cron, ZoneInfo(zone)) if moment > after)
    return list(islice(moments, number))


def test_a_crontab_fires_when_the_policy_does(place):
    lines = list(cron_lines(crontab(jobs(SHIPPED), place)[FILE]))

    assert sorted((each.time_zone, each.cron) for each in ALL) == sorted(line[:2] for line in lines)
    for zone, cron, _ in lines:
        start = NEW_YEAR.astimezone(ZoneInfo(zone))
        fired = [moment.astimezone(UTC) for moment in islice(CronSim(cron, start), 400)]
        assert policy_times(cron, zone, after=NEW_YEAR, number=400) == fired


def test_each_time_zone_of_a_crontab_has_its_own_lines(place):
    policy = SHIPPED.with_routines([]).with_schedule(
        [entry("0 2 * * *", BERLIN), entry("0 3 * * *"), entry("0 4 * * *", BERLIN)]
    )
    lines = [(zone, cron) for zone, cron, _ in cron_lines(crontab(jobs(policy), place)[FILE])]

    assert [(BERLIN, "0 2 * * *"), (BERLIN, "0 4 * * *"), (HANOI, "0 3 * * *")] == lines


def systemd_times(events, *, after, number):
    """Return when systemd itself says that a timer of these events elapses."""
    found = set()
    for event in events:
        command = ["systemd-analyze", "calendar", f"--iterations={number}", f"--base-time={after:%F %T} UTC", event]
        said = subprocess.run(
            command, capture_output=True, text=True, check=True, env={**os.environ, "TZ": "UTC", "LC_ALL": "C"}
        )
        for moment in re.findall(r"(?:Next elapse|Iter\. #\d+): \w+ (\S+ \S+) UTC", said.stdout):
            found.add(datetime.strptime(moment, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC))
    return sorted(found)[:number]


@NEEDS_SYSTEMD
@pytest.mark.parametrize("each", ALL, ids=lambda each: f"{getattr(each, 'procedure', 'routine')} {each.cron}")
def test_systemd_elapses_when_the_policy_fires_for_a_year(each):
    number = 366 if each.cron.split()[1].isdigit() and each.frequency != "monthly" else 60

    assert policy_times(each.cron, each.time_zone, after=NEW_YEAR, number=number) == systemd_times(
        calendar(each), after=NEW_YEAR, number=number
    )


TIMES = st.sampled_from(["0", "7,52", "*/20", "*", "5-59/15", "58,59"])
HOURS = st.sampled_from(["*", "4", "*/6", "8-17", "5,6,7", "23"])
DAYS = st.sampled_from(["*", "1", "*/2", "28-31", "13"])
MONTHS = st.sampled_from(["*", "3,10", "JAN-JUN"])
WEEKDAYS = st.sampled_from(["*", "SUN", "MON-FRI", "7", "0,3"])
CRONS = st.builds(lambda *fields: " ".join(fields), TIMES, HOURS, DAYS, MONTHS, WEEKDAYS)
ZONES = st.sampled_from([HANOI, BERLIN, "America/New_York", "Asia/Kolkata", "UTC"])


@NEEDS_SYSTEMD
# Not made smaller when it fails: systemd takes minutes for a date that never comes.
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(CRONS, ZONES, st.sampled_from([NEW_YEAR, *CHANGES]))
def test_systemd_elapses_when_the_policy_fires_whatever_is_written(cron, zone, after):
    written = entry(cron, zone)
    assume(not list(clock_changes(SHIPPED.with_schedule([written]))))
    number = 60

    assert policy_times(cron, zone, after=after, number=number) == systemd_times(
        calendar(written), after=after, number=number
    )


@NEEDS_SYSTEMD
@pytest.mark.parametrize("cron", ["*/15 * * * *", "10 * * * *", "0,30 */1 * * *"])
@pytest.mark.parametrize("after", CHANGES)
def test_what_runs_every_hour_does_so_while_clocks_are_changed(cron, after):
    assert policy_times(cron, BERLIN, after=after, number=150) == systemd_times(
        calendar(entry(cron, BERLIN)), after=after, number=150
    )


@NEEDS_SYSTEMD
def test_a_time_at_which_clocks_are_changed_is_one_that_systemd_leaves_out():
    written = entry("30 2 * * *", BERLIN)

    assert list(clock_changes(SHIPPED.with_schedule([written])))
    assert policy_times(written.cron, BERLIN, after=CHANGES[0], number=3) != systemd_times(
        calendar(written), after=CHANGES[0], number=3
    )


@pytest.mark.parametrize(
    ("cron", "zone", "events"),
    [
        ("0 2 * * *", HANOI, ["*-*-* 02:00:00 Asia/Ho_Chi_Minh"]),
        ("*/15 * * * *", BERLIN, ["*-*-* *:00,15,30,45:00 UTC"]),
        ("10 * * * *", "Asia/Kolkata", ["*-*-* *:40:00 UTC"]),
        ("10 * * * *", "Australia/Lord_Howe", ["*-*-* *:10:00 Australia/Lord_Howe"]),
        ("0 4 * * 7", HANOI, ["Sun *-*-* 04:00:00 Asia/Ho_Chi_Minh"]),
        ("0 4 1-3,7 * *", HANOI, ["*-*-01..03,07 04:00:00 Asia/Ho_Chi_Minh"]),
        ("0 4 1 * MON", HANOI, ["Mon *-*-* 04:00:00 Asia/Ho_Chi_Minh", "*-*-01 04:00:00 Asia/Ho_Chi_Minh"]),
    ],
)
def test_a_time_is_written_as_systemd_knows_it(cron, zone, events):
    assert events == calendar(entry(cron, zone))


@pytest.mark.parametrize(
    ("cron", "written"),
    [
        ("*/5 * * * *", "*/5 * * * *"),
        ("0 2 * * MON-FRI", "0 2 * * MON-FRI"),
        ("0 2 * * 7", "0 2 * * 0"),
        ("0 2 * * 5-7", "0 2 * * 0,5,6"),
        ("0 2 1 * MON", "0 2 1 * MON"),
    ],
)
def test_a_time_is_written_as_kubernetes_knows_it(cron, written):
    assert written == expression(entry(cron))
    assert policy_times(cron, HANOI, after=NEW_YEAR, number=200) == policy_times(
        written, HANOI, after=NEW_YEAR, number=200
    )


def test_a_step_of_days_beside_weekdays_is_refused_for_kubernetes():
    with pytest.raises(DrillError, match="to Kubernetes one of them would be enough"):
        expression(entry("0 2 */2 * MON"))


@pytest.mark.parametrize("cron", ["0 2 L * *", "0 2 * * 5L", "0 2 * * 1#2", "0 2 LW * *"])
def test_a_time_that_not_every_scheduler_knows_is_refused(cron):
    with pytest.raises(DrillError, match="a last, nth or nearest day"):
        jobs(SHIPPED.with_schedule([entry(cron)]))


@pytest.mark.parametrize("cron", ["0 2 * JUL WED", "0 2 * * wed"])
def test_the_name_of_a_day_is_no_special_day(cron):
    assert 1 == len(jobs(SHIPPED.with_routines([]).with_schedule([entry(cron)])))
