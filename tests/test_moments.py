"""How a moment is named to a recovery."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from drill.errors import DrillError
from drill.recoveries.moments import KINDS, Moment

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


def test_every_way_to_name_one_is_tested_above():
    assert 8 == len(KINDS)


def test_an_unknown_way_is_an_error_that_names_the_known_ones():
    with pytest.raises(DrillError, match="no recovery target 'noonish'; use one of time, time in another zone"):
        MOMENT.target("noonish")
