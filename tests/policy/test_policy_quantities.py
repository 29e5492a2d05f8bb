"""Quantities and objectives: read, written and decided without surprises."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.policy import Comparison, Objective, Quantity, UnreadableValue
from drill.policy.quantity import COUNTS, DURATIONS, duration_text

AMOUNTS = st.decimals(min_value=0, max_value=99_999, places=3)
QUANTITIES = st.builds(Quantity, AMOUNTS, st.sampled_from([*DURATIONS, "%"])) | st.builds(
    Quantity, st.integers(0, 99_999).map(Decimal), st.sampled_from(COUNTS)
)
OBJECTIVES = st.builds(Objective, st.sampled_from(Comparison), QUANTITIES)


def values(quantity: Quantity) -> st.SearchStrategy:
    """Measured values of the quantity's kind, often at its limit and just beside it."""
    limit = quantity.value
    if isinstance(limit, timedelta):
        beside = st.sampled_from([-1, 0, 1]).map(lambda step: limit + step * timedelta(microseconds=1))
        return beside | st.timedeltas(timedelta(days=-9999), timedelta(days=9999))
    if isinstance(limit, float):
        return st.just(limit) | st.floats(-1000, 1000)
    return st.sampled_from([-1, 0, 1]).map(lambda step: limit + step) | st.integers(-9999, 9999)


@given(OBJECTIVES)
def test_an_objective_reads_back_as_it_was_written(objective):
    assert objective == Objective.parse(str(objective))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4 h", timedelta(hours=4)),
        ("1.5h", timedelta(minutes=90)),
        ("30 d", timedelta(days=30)),
        ("250 ms", timedelta(milliseconds=250)),
        ("99 %", 0.99),
        ("0 differences", 0),
    ],
)
def test_a_quantity_has_the_value_that_it_says(text, value):
    assert value == Quantity.parse(text).value


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (4, "is a bare int without a unit"),
        ("four hours", "is no number with a unit"),
        ("4", "is no number with a unit"),
        ("-4 h", "is no number with a unit"),
        ("٤ h", "is no number with a unit"),
        ("4 hrs", "has the unknown unit 'hrs'"),
        ("0.5 differences", "counts a part of something"),
    ],
)
def test_an_unreadable_quantity_is_refused(text, what):
    with pytest.raises(UnreadableValue) as caught:
        Quantity.parse(text)

    assert f"{text!r} {what}" == caught.value.what


def test_the_largest_duration_that_can_be_written_is_a_duration():
    assert timedelta.max.days == Quantity.parse("999999999 d").duration.days


@pytest.mark.parametrize("text", ["4 h", "~ 4 h", "=> 4 h", "<> 4 h", "", None])
def test_an_objective_without_a_comparison_is_refused(text):
    with pytest.raises(UnreadableValue, match="begin with one of < <= = >= >"):
        Objective.parse(text)


@pytest.mark.parametrize(
    ("text", "below", "limit", "above"),
    [
        ("< 99 %", True, False, False),
        ("<= 99 %", True, True, False),
        ("= 99 %", False, True, False),
        (">= 99 %", False, True, True),
        ("> 99 %", False, False, True),
    ],
)
def test_a_strict_comparison_does_not_allow_the_limit(text, below, limit, above):
    objective = Objective.parse(text)

    assert [below, limit, above] == [objective.met_by(98 / 100), objective.met_by(99 / 100), objective.met_by(1)]


@given(QUANTITIES.flatmap(lambda quantity: st.tuples(st.just(quantity), values(quantity))))
def test_every_value_is_below_at_or_above_the_limit(drawn):
    quantity, value = drawn
    below, at_most, exactly, at_least, above = (
        Objective(comparison, quantity).met_by(value) for comparison in Comparison
    )

    assert 1 == [below, exactly, above].count(True)
    assert (at_most, at_least) == (below or exactly, above or exactly)


@given(OBJECTIVES.flatmap(lambda objective: st.tuples(st.just(objective), values(objective.quantity))))
def test_the_margin_is_negative_exactly_where_the_limit_is_passed(drawn):
    objective, value = drawn
    at_limit = objective.quantity.value == value
    nothing = type(objective.margin(value))(0)

    assert at_limit == (objective.margin(value) == nothing)
    assert at_limit or (objective.margin(value) > nothing) == objective.met_by(value)


@given(OBJECTIVES.flatmap(lambda objective: st.tuples(st.just(objective), values(objective.quantity))))
def test_a_written_value_never_rounds_across_the_limit(drawn):
    objective, value = drawn
    number, unit = objective.text(value).split()

    assert objective.met_by(value) == objective.met_by(Quantity(Decimal(number), unit).value)


@pytest.mark.parametrize(
    ("objective", "value", "text"),
    [
        ("< 4 h", timedelta(seconds=3.21), "3.2 s"),
        ("< 4 h", timedelta(hours=5), "5 h"),
        ("< 4 h", timedelta(0), "0 h"),
        ("< 4 h", timedelta(hours=4) - timedelta(seconds=1), "3.9997 h"),
        ("< 1 h", timedelta(minutes=45), "45 min"),
        ("< 1 h", timedelta(minutes=-45), "-45 min"),
        (">= 30 d", timedelta(days=34), "34 d"),
        ("> 99 %", 0.98765, "98.8 %"),
        ("> 99 %", 0.99001, "99.001 %"),
        ("= 0 differences", 3, "3 differences"),
    ],
)
def test_a_measured_value_is_written_so_that_a_person_can_read_it(objective, value, text):
    assert text == Objective.parse(objective).text(value)


@pytest.mark.parametrize(
    ("objective", "value"),
    [
        ("< 4 h", 3),
        ("> 99 %", timedelta(1)),
        ("> 99 %", True),
        ("> 99 %", "1"),
        ("= 0 differences", 0.0),
        ("= 0 differences", False),
    ],
)
def test_a_value_of_another_kind_decides_nothing(objective, value):
    for judge in (Objective.parse(objective).met_by, Objective.parse(objective).margin):
        with pytest.raises(TypeError, match="cannot be compared with"):
            judge(value)


@pytest.mark.parametrize("comparison", list(Comparison))
def test_what_is_not_a_number_meets_nothing(comparison):
    assert not Objective.parse(f"{comparison} 99 %").met_by(float("nan"))


@pytest.mark.parametrize(
    ("duration", "text"),
    [(timedelta(hours=36), "1.5 d"), (timedelta(minutes=30), "30 min"), (timedelta(milliseconds=5), "5 ms")],
)
def test_a_duration_is_written_in_the_largest_unit_that_it_fills(duration, text):
    assert text == duration_text(duration)


def test_no_zero_is_negative():
    assert "0 %" == str(Quantity.measured(-0.0, "%").readable().rounded(2))
    assert "0 %" == str(Quantity.measured(-0.000_01, "%").rounded(2))
    assert "-0.5 %" == str(Quantity.measured(-0.005, "%").rounded(2))
