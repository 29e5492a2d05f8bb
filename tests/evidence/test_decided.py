"""What the record decides without a scenario: contacts, the dates of drills, the log of tests."""

from datetime import timedelta

import pytest

from drill.evidence.decided import EXECUTED, OnRecord, contacts, earlier_drills, judged, log_of_tests, regularity
from drill.evidence.history import LOG, events
from drill.evidence.verdict import Verdict
from tests.evidence.examples import begun, report
from tests.evidence.stores import BEGINNING, sealed
from tests.procedures import SHIPPED

PROVEN, UNPROVEN, DISPROVEN = Verdict.PROVEN, Verdict.UNPROVEN, Verdict.DISPROVEN
WEEK = timedelta(days=7)
NAMED = {"backup_team": {"primary": "An Nguyen, +84 24 0000 0000"}, "emergency": {"system_admin": "on call: 4711"}}


def with_contacts(held):
    return SHIPPED.model_copy(update={"contacts": held})


def on_record(*days, now=40, tested=(), logged=()):
    """A record of drills that ended on these days."""
    drills = [BEGINNING + timedelta(days=day) for day in days]
    return OnRecord(drills=drills, tested=tested, events=logged, now=BEGINNING + timedelta(days=now))


def verdict(criterion, found):
    return judged(SHIPPED.criterion(criterion), found).verdict


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (SHIPPED.contacts, DISPROVEN),
        ({**NAMED, "emergency": {"system_admin": "[Contact info]"}}, DISPROVEN),
        (NAMED, PROVEN),
        ({}, UNPROVEN),
    ],
)
def test_contacts_are_proven_once_every_one_of_them_is_named(held, expected):
    assert expected == verdict("CONTACTS", contacts(with_contacts(held)))


def test_contacts_that_are_placeholders_are_named():
    found = judged(SHIPPED.criterion("CONTACTS"), contacts(SHIPPED))

    assert (6, "6 placeholders", -6) == (found.measured, found.measured_text, found.margin)
    assert [] == [name for name in SHIPPED.placeholders() if name not in found.because]


@pytest.mark.parametrize(
    ("days", "expected", "longest"),
    [
        ((), UNPROVEN, None),
        ((40,), UNPROVEN, 0),
        ((38, 39, 40), UNPROVEN, 1),
        ((33, 40), PROVEN, 7),
        ((20, 26, 32, 38), PROVEN, 6),
        ((0, 8, 33, 40), DISPROVEN, 21),
        ((20, 26, 32), DISPROVEN, 8),
        ((0,), DISPROVEN, 28),
        ((0, 12, 18, 24, 30, 36), PROVEN, 6),
        ((33, 40, 50), PROVEN, 7),
    ],
)
def test_drills_are_regular_while_no_two_are_too_far_apart_and_the_last_is_not_too_old(days, expected, longest):
    found = regularity(on_record(*days), allowed=WEEK)

    assert expected == verdict("SCH-DRILL", found)
    assert longest == (None if found.value is None else found.value.days)


def test_what_lies_further_back_than_is_looked_at_does_not_count_for_ever():
    assert PROVEN == verdict("SCH-DRILL", regularity(on_record(0, *range(34, 76, 7), now=75), allowed=WEEK))


def test_the_drills_of_a_history_are_the_runs_that_carried_all_of_the_plan_out(tmp_path):
    whole, part = {EXECUTED: 1}, {EXECUTED: 2}
    first, _ = sealed(tmp_path, report("a", EXECUTED), totals=whole)
    sealed(tmp_path, report("a", EXECUTED), totals=part, at=BEGINNING + timedelta(days=1))
    sealed(tmp_path, report("a", "INT-DB"), totals={"INT-DB": 1}, at=BEGINNING + timedelta(days=2))
    last, _ = sealed(tmp_path, report("a", EXECUTED, verdict=DISPROVEN), totals=whole, at=BEGINNING + timedelta(days=3))

    assert 2 == len(earlier_drills(tmp_path))
    assert [first.started, last.started] == [
        (at - timedelta(seconds=each.seconds)).isoformat()
        for at, each in zip(earlier_drills(tmp_path), (first, last), strict=True)
    ]


def logged(tmp_path):
    """A run of two tests, one of which does not hold, and what its log tells."""
    run = begun(tmp_path)
    reports = [report("a", "INT-DB"), report("b", "RTO-DB", verdict=DISPROVEN)]
    run.expect({each.record.node: each.record.criteria for each in reports})
    for each in reports:
        run.take(each)
    return [each.record for each in reports], list(events(run.directory / LOG))


def test_a_score_of_sabotage_is_no_test(tmp_path):
    tested, told = logged(tmp_path)
    score = {"kind": "testing", "what": "sabotage", "verdict": "proven", "scenario": tested[0].node}

    assert PROVEN == verdict("LOG-TESTING", log_of_tests(on_record(tested=tested, logged=[*told, score])))


def test_a_log_that_tells_of_every_test_with_its_result_is_complete(tmp_path):
    tested, told = logged(tmp_path)

    assert PROVEN == verdict("LOG-TESTING", log_of_tests(on_record(tested=tested, logged=told)))


@pytest.mark.parametrize(
    ("spoil", "share", "said"),
    [
        (lambda told: told[:1], 0.5, "not on record: features/a.feature::test_b: disproven"),
        (lambda told: [told[0], {**told[1], "verdict": "proven"}], 1 / 3, "but not made: features/a.feature::test_b"),
        (lambda told: [*told, told[0]], 2 / 3, "on record, but not made: features/a.feature::test_a: proven"),
    ],
)
def test_a_test_that_is_missing_embellished_or_made_up_is_not_overlooked(tmp_path, spoil, share, said):
    tested, told = logged(tmp_path)
    found = log_of_tests(on_record(tested=tested, logged=spoil(told)))

    assert (DISPROVEN, pytest.approx(share)) == (verdict("LOG-TESTING", found), found.value)
    assert said in found.because


def test_without_a_test_nothing_is_shown(tmp_path):
    assert UNPROVEN == verdict("LOG-TESTING", log_of_tests(on_record()))


def test_a_run_judges_the_record_and_its_own_verdict_is_without_it(tmp_path):
    record, _ = sealed(tmp_path, report("a", EXECUTED), totals={EXECUTED: 1})
    decided = {each.id: each.verdict for each in record.decided}

    assert {"CONTACTS": DISPROVEN, "LOG-TESTING": PROVEN, "SCH-DRILL": UNPROVEN} == decided
    assert (PROVEN, 0) == (record.verdict, record.exit_status)
    assert set() == decided.keys() & record.open_criteria.keys()


def test_lines_that_were_lost_from_the_log_show_in_the_record_of_the_run(tmp_path):
    run = begun(tmp_path)
    run.expect({"features/a.feature::test_a": ("INT-DB",)})
    run.take(report("a", "INT-DB"))
    (run.directory / LOG).write_text("", "utf-8")
    record = run.finish(status=0, totals={})

    assert DISPROVEN == next(each.verdict for each in record.decided if each.id == "LOG-TESTING")
