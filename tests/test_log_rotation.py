"""A host's logs as days pass: what its timetable asks for, what its rules do, and what keeps them from it."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from drill.commands.search_path import system_path
from drill.damage.rotation import CAUSES, lose_lines, stop_rotation
from drill.datasets import host
from drill.datasets.host.system import LOG, REOPENING, ROTATION, ROTATION_TIMES
from drill.errors import DrillError
from drill.hosts import log_rotation
from drill.hosts.log_rotation import due, rotate_if_due

DAY = timedelta(days=1)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MIDNIGHT = datetime(2026, 11, 27, tzinfo=ZONE)
SECOND = timedelta(seconds=1)

with_logrotate = pytest.mark.skipif(
    not shutil.which(log_rotation.PROGRAM, path=system_path()), reason="logrotate is not installed"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    host.seed(tmp_path / "root", seed=7, scale=1)
    return tmp_path / "root"


def rotations(root: Path, *, times: int, after: timedelta) -> list[bool]:
    """Whether the log was rotated, time after time; each time somebody has written to it before."""
    state, found = root.parent / "state", []
    with host.Log(root) as log:
        for number in range(times + 1):
            log.write(number)
            found.append(rotate_if_due(root, state, after=after))
    return found[1:]


@with_logrotate
@pytest.mark.parametrize(("after", "expected"), [(DAY, [True] * 3), (timedelta(0), [False] * 3)])
def test_the_log_is_rotated_once_a_day_and_not_more_often(root, after, expected):
    assert expected == rotations(root, times=3, after=after)
    assert set(range(4)) == host.logged(root)


@with_logrotate
def test_the_host_s_own_rules_decide(root):
    stop_rotation(root, "its rules wait until the log is large")

    assert [False] * 3 == rotations(root, times=3, after=DAY)
    assert (root / LOG).exists()


@with_logrotate
def test_a_log_that_nobody_has_written_to_is_not_taken_for_rotated(root):
    state = root.parent / "state"
    rotate_if_due(root, state, after=DAY)
    first = rotate_if_due(root, state, after=DAY)

    assert (True, False) == (first, rotate_if_due(root, state, after=DAY))


def test_without_logrotate_no_rule_is_carried_out(root, monkeypatch):
    monkeypatch.setattr(log_rotation, "PROGRAM", "no-such-program")

    with pytest.raises(DrillError, match="is not installed here; run: apt-get install"):
        rotate_if_due(root, root.parent / "state", after=DAY)


def test_the_host_s_own_timetable_says_when(root):
    found = due(root, since=MIDNIGHT - SECOND, until=MIDNIGHT + 2 * DAY, zone=ZONE)

    assert [MIDNIGHT, MIDNIGHT + DAY, MIDNIGHT + 2 * DAY] == found
    assert [] == due(root, since=MIDNIGHT, until=MIDNIGHT + DAY - SECOND, zone=ZONE)


def test_another_command_of_the_timetable_is_no_rotation(root):
    (root / ROTATION_TIMES).write_text("0 0 * * * root /usr/bin/tidy\n# 0 0 * * * root logrotate\n")

    assert [] == due(root, since=MIDNIGHT, until=MIDNIGHT + 7 * DAY, zone=ZONE)


def test_a_weekly_timetable_fires_once_a_week_and_one_that_is_gone_never(root):
    stop_rotation(root, "its timetable has them rotated on Sundays")
    weekly = due(root, since=MIDNIGHT, until=MIDNIGHT + 14 * DAY, zone=ZONE)
    stop_rotation(root, "its timetable has been removed")

    assert [6, 6] == [moment.weekday() for moment in weekly]
    assert [] == due(root, since=MIDNIGHT, until=MIDNIGHT + 14 * DAY, zone=ZONE)


def test_a_cause_that_is_none_or_does_not_fit_is_told(root):
    (root / ROTATION).write_text("/var/log/counting/*.log {\n weekly\n}\n")

    with pytest.raises(DrillError, match="no cause"):
        stop_rotation(root, "it rains")
    with pytest.raises(DrillError, match="fit the cause"):
        stop_rotation(root, next(iter(CAUSES)))


def test_a_loss_that_is_none_is_told(root):
    with pytest.raises(DrillError, match="no cause 'it rains'; use one of the log is copied"):
        lose_lines(root, "it rains")


def test_a_log_that_is_held_open_goes_where_its_file_goes_until_a_rotation_asks(root):
    with host.Log(root) as log:
        (root / LOG).rename(root / f"{LOG}.1")
        log.write(0)
        before = (root / LOG).exists()
        (root / REOPENING).touch()
        log.write(1)

    assert (False, True) == (before, (root / LOG).exists())
    assert {0, 1} == host.logged(root)


@pytest.mark.parametrize("replaced", [False, True])
def test_nothing_is_acknowledged_that_was_written_to_a_lost_disk(root, replaced):
    with host.Log(root) as log:
        root.rename(root.parent / "lost")
        if replaced:
            root.mkdir()
        with pytest.raises(FileNotFoundError):
            log.write(0)


def test_a_log_that_was_to_be_opened_again_on_a_lost_disk_is_closed_once(root):
    (root / REOPENING).parent.mkdir(parents=True, exist_ok=True)
    (root / REOPENING).touch()
    with host.Log(root) as log:
        root.rename(root.parent / "lost")
        with pytest.raises(FileNotFoundError):
            log.write(0)
        log.close()
