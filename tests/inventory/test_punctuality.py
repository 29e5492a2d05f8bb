"""A repository held against the schedule: what was due and is not there, and a verification that has stopped."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from drill import inventory
from drill.cli import app
from drill.inventory import Entry
from drill.inventory.punctuality import firings, hold, punctuality
from drill.inventory.reading import verified_at
from drill.policy import Schedule
from tests.procedures import SHIPPED
from tests.repositories import written

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
NIGHTS = [datetime(2026, 3, day, 19, tzinfo=UTC) for day in range(1, 11)]
"""02:00 in Ho Chi Minh City."""


def entry(cron="0 2 * * *", action="backup", zone="Asia/Ho_Chi_Minh"):
    return Schedule.model_construct(
        procedure="postgres",
        action=action,
        cron=cron,
        time_zone=zone,
        frequency="daily",
        origin="document",
        reason=None,
    )


def taken(*moments, kind="full"):
    return [Entry(f"{moment:%Y%m%d}-{kind}", kind=kind, started=moment, finished=moment + HOUR) for moment in moments]


def held(entries, *schedule, until=NIGHTS[-1] + HOUR):
    return punctuality(entries, schedule or (entry(),), since=NIGHTS[0], until=until)


def test_what_is_due_and_there_is_not_missed():
    kept = held(taken(*NIGHTS))

    assert tuple((night, "backup") for night in NIGHTS) == kept.due
    assert ((), DAY) == (kept.missed, kept.longest_gap)


def test_a_late_backup_is_there_and_one_before_its_time_is_not():
    late, early = [NIGHTS[0], NIGHTS[1] + 23 * HOUR], [NIGHTS[0], NIGHTS[1] - SECOND]
    until = NIGHTS[1] + 23 * HOUR + SECOND

    assert () == held(taken(*late), until=until).missed
    assert (NIGHTS[1],) == held(taken(*early), until=until).missed


def test_a_backup_that_began_a_moment_after_it_was_due_is_there_also_where_the_stretch_ends_in_between():
    assert () == held(taken(*NIGHTS[:-1], NIGHTS[-1] + 2 * SECOND), until=NIGHTS[-1] + SECOND).missed
    assert (NIGHTS[1],) == held(taken(NIGHTS[0], NIGHTS[2]), until=NIGHTS[1] + SECOND).missed


@settings(database=None, deadline=None)
@given(lost=st.sets(st.integers(0, 9), max_size=9))
def test_exactly_what_is_not_there_is_missed(lost):
    kept = held(taken(*(night for number, night in enumerate(NIGHTS) if number not in lost)))

    assert tuple(NIGHTS[number] for number in sorted(lost)) == kept.missed


def test_what_does_not_hold_is_not_there():
    entries = taken(*NIGHTS)
    entries[4].flaw("checksum-differs", "it is not what was backed up")
    entries[6].kind = None

    assert (NIGHTS[4], NIGHTS[6]) == held(entries).missed
    assert 2 * DAY == held(entries).longest_gap


def test_an_increment_is_no_full_backup_and_neither_the_other_way():
    schedule = (entry(), entry("0 8 * * *", "incremental"))
    fulls, increments = taken(*NIGHTS), taken(*(night + 6 * HOUR for night in NIGHTS[:-1]), kind="incremental")

    assert () == held([*fulls, *increments], *schedule).missed
    assert tuple(night + 6 * HOUR for night in NIGHTS[:-1]) == held(fulls, *schedule).missed
    assert tuple(NIGHTS) == held(increments, *schedule).missed


def test_one_backup_has_no_gap_and_none_neither():
    assert None is held(taken(NIGHTS[0])).longest_gap
    assert None is held([]).longest_gap


def test_a_day_of_twenty_five_hours_has_one_firing():
    since = datetime(2026, 10, 24, tzinfo=UTC)

    assert 3 == len(firings([entry("0 5 * * *", zone="Europe/Berlin")], since=since, until=since + 3 * DAY))


@pytest.fixture
def repository(tmp_path):
    for night in NIGHTS:
        written(tmp_path / "repository" / "postgres", finished=night + timedelta(minutes=5))
    return tmp_path / "repository"


def flaws(repository, now):
    taken = inventory.take(repository, now=now)
    hold(taken, SHIPPED)
    return {flaw.kind: flaw.what for each in taken.sets for flaw in each.flaws}


def record(repository, at):
    (repository / "postgres" / ".verification.json").write_text(json.dumps({"at": at}))


def test_a_repository_that_is_kept_and_verified_has_no_flaw(repository):
    now = NIGHTS[-1] + 3 * HOUR
    record(repository, (now - HOUR).isoformat())

    assert {} == flaws(repository, now)


def test_nights_without_a_backup_are_told(repository):
    now = NIGHTS[-1] + 3 * DAY + HOUR
    record(repository, now.isoformat())
    told = flaws(repository, now)

    assert {"backup-missed"} == told.keys()
    assert "3 backups that were due are not there" in told["backup-missed"]
    assert "2026-03-13 19:00 UTC" in told["backup-missed"]


def test_a_backup_that_may_still_be_at_work_is_not_missed(repository):
    now = NIGHTS[-1] + DAY + timedelta(minutes=20)
    record(repository, now.isoformat())

    assert {} == flaws(repository, now)


@pytest.mark.parametrize(
    ("at", "late"),
    [
        (NIGHTS[-1], False),
        (NIGHTS[-1] - DAY, True),
        (NIGHTS[-1] + 4 * HOUR + SECOND, False),
        (NIGHTS[-1] + 365 * DAY, True),
        (None, True),
    ],
)
def test_a_verification_that_has_stopped_or_never_began_is_told(repository, at, late):
    if at:
        record(repository, at.isoformat())

    assert late == ("verification-late" in flaws(repository, NIGHTS[-1] + 4 * HOUR))


@pytest.mark.parametrize("text", ["", "{}", '{"at": 7}', '{"at": "2026-03-01"}', "[]", "\x00"])
def test_a_record_that_says_no_time_says_nothing(repository, text):
    (repository / "postgres" / ".verification.json").write_text(text)

    assert None is verified_at(repository / "postgres")


def test_the_catalogue_tells_it_where_a_policy_is_named(repository):
    arguments = ["catalogue", str(repository)]
    without = CliRunner().invoke(app, arguments)
    with_policy = CliRunner().invoke(app, [*arguments, "--policy", str(SHIPPED.file), "--json"])
    (found,) = json.loads(with_policy.stdout)["sets"]

    assert (0, 1) == (without.exit_code, with_policy.exit_code)
    assert {"backup-missed", "verification-late"} == {flaw["kind"] for flaw in found["flaws"]}
