"""Verdicts and worst values, whatever the scenarios were."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.errors import DrillError
from drill.evidence.journal import Journal
from drill.evidence.judgement import judge, measurements
from drill.evidence.verdict import Disproof, Verdict, exit_status, worst
from drill.policy import load
from tests.evidence.examples import measured, report
from tests.evidence.rehearsal import REPOSITORY

POLICY = load(REPOSITORY / "policy.toml")
VERDICTS = st.lists(st.sampled_from(Verdict))
HOURS = st.lists(st.integers(0, 100), min_size=1)


def judged(identifier, *reports, unreported=0):
    return judge(POLICY.criterion(identifier), reports, unreported=unreported, scenarios=9, policy=POLICY)


@given(VERDICTS)
def test_one_bad_verdict_outweighs_any_number_of_good_ones(verdicts):
    present = set(verdicts)
    expected = (
        Verdict.DISPROVEN
        if Verdict.DISPROVEN in present
        else Verdict.PROVEN
        if present == {Verdict.PROVEN}
        else Verdict.UNPROVEN
    )

    assert expected == worst(verdicts)


@pytest.mark.parametrize(
    ("verdict", "status", "expected"),
    [
        ("proven", 0, 0),
        ("proven", 1, 1),
        ("unproven", 0, 3),
        ("unproven", 1, 3),
        ("disproven", 0, 1),
        ("disproven", 1, 1),
        ("proven", 2, 2),
        ("disproven", 2, 2),
        ("unproven", 5, 5),
    ],
)
def test_only_a_proven_run_ends_with_nought(verdict, status, expected):
    assert expected == exit_status(Verdict(verdict), status)


def test_a_disproof_is_an_error_to_be_put_right_and_a_failed_check():
    assert isinstance(Disproof("no backup", remedy="take one"), DrillError)
    assert isinstance(Disproof("no backup", remedy="take one"), AssertionError)


@given(HOURS, HOURS)
def test_the_longest_recovery_counts(measurements, projections):
    notes = [note for hours in measurements for note in measured("RTO-DB", timedelta(hours=hours))]
    for hours in projections:
        notes += measured("RTO-DB", timedelta(0), projected=timedelta(hours=hours))
    record = judged("RTO-DB", report("a", "RTO-DB", measurements=notes))

    assert (max(measurements) * 3600, max(projections) * 3600) == (record.measured, record.projected)
    assert 4 * 3600 - max(measurements + projections) * 3600 == record.margin
    assert (Verdict.PROVEN if max(measurements + projections) < 4 else Verdict.DISPROVEN) == record.verdict


@given(HOURS)
def test_the_shortest_reach_back_counts(days):
    notes = measured("RET-DB", *(timedelta(days=each) for each in days))
    record = judged("RET-DB", report("a", "RET-DB", measurements=notes))

    assert min(days) * 86400 == record.measured
    assert (Verdict.PROVEN if min(days) >= 30 else Verdict.DISPROVEN) == record.verdict


def test_a_count_is_kept_as_a_count():
    record = judged("INT-DB", report("a", "INT-DB", measurements=measured("INT-DB", 0, 2)))

    assert (2, "2 differences", -2) == (record.measured, record.measured_text, record.margin)


def test_nothing_measured_is_nothing_stated():
    record = judged("RTO-DB", report("a", "RTO-DB", measurements=measured("INT-DB", 1)))

    assert (None, None, None, None) == (record.measured, record.measured_text, record.projected, record.margin)


@pytest.mark.parametrize("identifier", ["SUCCESS-RATE", "RTO-DB", "INT-DB"])
def test_where_nothing_was_measured_nothing_is_proven_however_many_checks_held(identifier):
    record = judged(identifier, report("a", identifier, measurements=[]), report("b", identifier, measurements=[]))

    assert Verdict.UNPROVEN is record.verdict


def test_where_nothing_was_measured_a_check_that_failed_disproves_all_the_same():
    record = judged("RTO-DB", report("a", "RTO-DB", verdict=Verdict.DISPROVEN, measurements=[]))

    assert Verdict.DISPROVEN is record.verdict


def test_a_scenario_that_never_ended_counts_as_unproven():
    record = judged("RTO-DB", report("a", "RTO-DB"), unreported=1)

    assert (Verdict.UNPROVEN, 2, 9) == (record.verdict, record.selected, record.scenarios)


def test_seconds_of_all_scenarios_add_up():
    assert 4.0 == judged("RTO-DB", report("a", "RTO-DB"), report("b", "RTO-DB")).seconds


def sized(*values, procedure="postgres"):
    journal = Journal()
    for megabytes, seconds in values:
        journal.measure(
            "RTO-DB",
            timedelta(seconds=seconds),
            source_bytes=megabytes * 10**6,
            procedure=procedure,
            phases={"restore": timedelta(seconds=seconds)},
        )
    return journal.measurements


STRAIGHT = [(100, 1.0), (200, 2.0), (400, 4.0), (800, 8.0)]


def test_one_size_is_not_projected_and_says_so():
    record = judged("RTO-DB", report("a", "RTO-DB", measurements=sized((12, 1.5), (12, 1.6))))

    assert (None, Verdict.PROVEN) == (record.projected, record.verdict)
    assert record.projection.startswith("not projected to 500 GB: 4 sizes are needed")


@pytest.mark.parametrize(
    ("values", "procedure", "unprojected"),
    [
        ([(12, 1.5), (12, 1.6)], "postgres", {"postgres": 12_000_000}),
        (STRAIGHT[:3], "postgres", {"postgres": 400_000_000}),
        (STRAIGHT, "postgres", {}),
        ([(12, 1.5)], "network-configuration", {}),
        ([(12, 1.5)], "somebody's own", {"somebody's own": 12_000_000}),
    ],
    ids=["one size", "three sizes", "four sizes", "more than production has", "of no known production"],
)
def test_a_proof_reaches_as_far_as_was_measured_unless_it_is_projected(values, procedure, unprojected):
    record = judged("RTO-DB", report("a", "RTO-DB", measurements=sized(*values, procedure=procedure)))

    assert (Verdict.PROVEN, unprojected) == (record.verdict, record.unprojected)
    assert min(unprojected.values(), default=None) == record.reach


def test_a_proof_by_several_procedures_reaches_as_far_as_the_least_of_them():
    notes = sized(*STRAIGHT) + sized((12, 1.5), procedure="postgres-physical") + sized((30, 1.5), procedure="redis")

    assert 12_000_000 == judged("RTO-DB", report("a", "RTO-DB", measurements=notes)).reach


def test_what_is_disproven_is_so_at_any_size():
    record = judged("RTO-DB", report("a", "RTO-DB", measurements=sized((12, 20_000.0))))

    assert (Verdict.DISPROVEN, None) == (record.verdict, record.reach)


def test_what_limits_no_time_has_no_size_to_be_proven_at():
    notes = [note | {"source_bytes": 12_000_000, "procedure": "postgres"} for note in measured("INT-DB", 0)]

    assert {} == judged("INT-DB", report("a", "INT-DB", measurements=notes)).unprojected


def test_four_sizes_are_projected_and_the_bound_counts():
    record = judged("RTO-DB", report("a", "RTO-DB", measurements=sized(*STRAIGHT)))

    assert pytest.approx(5000) == record.projected
    assert Verdict.PROVEN is record.verdict
    assert "625 times the largest measured" in record.projection


@pytest.mark.parametrize(
    ("factor", "verdict"), [(10, Verdict.DISPROVEN), (1, Verdict.PROVEN)], ids=["too slow", "fast enough"]
)
def test_a_promise_that_production_s_size_would_break_is_disproven(factor, verdict):
    values = [(megabytes, seconds * factor) for megabytes, seconds in STRAIGHT]

    assert verdict is judged("RTO-DB", report("a", "RTO-DB", measurements=sized(*values))).verdict


def test_sizes_that_do_not_foretell_the_largest_leave_it_unproven():
    bent = [*STRAIGHT[:3], (800, 40.0)]
    record = judged("RTO-DB", report("a", "RTO-DB", measurements=sized(*bent)))

    assert (None, Verdict.UNPROVEN) == (record.projected, record.verdict)
    assert "measure next at about 1.6 GB" in record.projection


def test_procedures_are_projected_apart_and_told_by_name_the_least_favourable_first():
    notes = sized(*STRAIGHT) + sized(*STRAIGHT[:2], procedure="postgres-physical")
    record = judged("RTO-DB", report("a", "RTO-DB", measurements=notes))
    open_one, bound = record.projection.split("; postgres: ")

    assert open_one.startswith("postgres-physical: not projected")
    assert bound.startswith("1.4 h expected and at most 1.4 h")
    assert pytest.approx(5000) == record.projected


def test_a_bound_hides_no_worse_value_that_a_scenario_foretold():
    notes = sized(*STRAIGHT) + measured("RTO-DB", timedelta(0), projected=timedelta(hours=3))
    record = judged("RTO-DB", report("a", "RTO-DB", measurements=notes))

    assert (3 * 3600, 3600) == (record.projected, record.margin)


def test_a_procedure_of_too_few_sizes_hides_no_promise_that_another_would_break():
    slow = [(megabytes, seconds * 10) for megabytes, seconds in STRAIGHT]
    notes = sized(*slow) + sized(*STRAIGHT[:2], procedure="postgres-physical")
    record = judged("RTO-DB", report("a", "RTO-DB", measurements=notes))

    assert (Verdict.DISPROVEN, pytest.approx(50_000)) == (record.verdict, record.projected)


def test_what_belongs_to_a_size_is_kept_for_later_projections():
    (kept, *_) = measurements([report("a", "RTO-DB", measurements=sized(*STRAIGHT) + measured("INT-DB", 0))])

    assert ("RTO-DB", "postgres", 100_000_000, 1.0, {"restore": 1.0}) == (
        kept.criterion,
        kept.procedure,
        kept.source_bytes,
        kept.measured,
        kept.phases,
    )
