"""How a moment is named to a recovery."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from drill.errors import DrillError
from drill.recoveries.moments import KINDS, WITHIN, Moment, within_backup

MOMENT = Moment(name="noon", at=datetime(2026, 11, 25, 12, 30, tzinfo=UTC), lsn="0/4008C30", before=200, written=400)


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("time", "time:2026-11-25T12:30:00+00:00"),
        ("time in another zone", "time:2026-11-25T19:30:00+07:00"),
        ("time without a zone", "time:2026-11-25T12:30:00"),
        ("restore point", "name:noon"),
        ("log position", "lsn:0/4008C30"),
        ("lies before the backup", "time:2026-11-25T11:30:00+00:00"),
        ("lies after the end of the archive", "time:2026-11-25T13:30:00+00:00"),
        ("was never marked", "name:not-noon"),
    ],
)
def test_a_moment_is_named_as_the_contract_has_it(kind, target):
    assert target == MOMENT.target(kind)


SOURCE = {"stop_time": "2026-11-25T12:30:00.000500+00:00", "start_lsn": "0/FF000028", "stop_lsn": "1/01000158"}


@pytest.mark.parametrize(
    ("kind", "target"), [("time", "time:2026-11-25T12:29:59.999500+00:00"), ("log position", "lsn:1/000000C0")]
)
def test_a_moment_within_a_backup_lies_between_its_start_and_its_end(kind, target):
    assert target == within_backup(SOURCE, kind)
    assert {"time", "log position"} == set(WITHIN)


def test_a_backup_that_does_not_say_where_it_ends_leaves_that_untried():
    with pytest.raises(DrillError, match="the backup's manifest has no 'stop_lsn' in source"):
        within_backup({"start_lsn": "0/FF000028"}, "log position")


def test_every_way_to_name_one_is_tested_above():
    assert 8 == len(KINDS)


def test_an_unknown_way_is_an_error_that_names_the_known_ones():
    with pytest.raises(DrillError, match="no recovery target 'noonish'; use one of time, time in another zone"):
        MOMENT.target("noonish")
