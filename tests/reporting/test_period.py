"""A report is about whole days: the last month, one that is named, or any span."""

from datetime import UTC, date, datetime

import pytest

from drill.errors import DrillError
from drill.reporting.period import Period

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("text", "since", "until", "judged"),
    [
        (None, date(2026, 10, 1), date(2026, 11, 1), date(2026, 11, 1)),
        ("2026-11", date(2026, 11, 1), date(2026, 12, 1), date(2026, 11, 26)),
        ("2025-12", date(2025, 12, 1), date(2026, 1, 1), date(2026, 1, 1)),
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1), date(2024, 3, 1)),
    ],
)
def test_a_month(text, since, until, judged):
    period = Period.month(text, today=TODAY)

    assert (since, until, judged) == (period.since, period.until, period.judged_on)
    assert (True, judged == until, f"{since:%Y-%m}") == (period.is_month, period.is_over, period.name)


def test_the_last_month_in_january():
    assert date(2025, 12, 1) == Period.month(None, today=date(2026, 1, 31)).since


def test_days_that_have_not_come_do_not_lack_a_run():
    assert date(2026, 11, 25) == list(Period.month("2026-11", today=TODAY).days())[-1]


def test_a_span_holds_its_first_moment_and_not_its_end():
    period = Period.between(date(2026, 11, 2), date(2026, 11, 4), today=TODAY)

    assert [False, True, True, False] == [
        period.holds(datetime(2026, 11, day, hour, 59, 59, tzinfo=UTC))
        for day, hour in [(1, 23), (2, 0), (3, 23), (4, 0)]
    ]
    assert ("2026-11-02_2026-11-04", False) == (period.name, period.is_month)


@pytest.mark.parametrize("text", ["2026-13", "11-2026", "2026-1", "november", "0000-01"])
def test_what_is_no_month(text):
    with pytest.raises(DrillError, match="is no month; write it as in 2026-11"):
        Period.month(text, today=TODAY)


@pytest.mark.parametrize(
    ("since", "until"), [(date(2026, 11, 4), date(2026, 11, 4)), (date(2026, 11, 26), date(2026, 12, 26))]
)
def test_a_span_without_a_day_and_one_to_come(since, until):
    with pytest.raises(DrillError):
        Period.between(since, until, today=TODAY)
