"""What the record decides without a scenario: contacts, the dates of drills, the log of tests."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from drill.evidence.audits import FOLDER, audits
from drill.evidence.decided import (
    EXECUTED,
    OnRecord,
    contacts,
    earlier_drills,
    judged,
    log_of_tests,
    monthly,
    regularity,
)
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


def reported(tmp_path, *months, **changes):
    """Reports of months, each as dr-drill report writes it as far as dates go."""
    folder = tmp_path / FOLDER
    folder.mkdir(exist_ok=True)
    for month in months:
        until = (date.fromisoformat(f"{month}-01") + timedelta(days=31)).replace(day=1).isoformat()
        span = {"since": f"{month}-01", "until": until, "judged_on": until} | changes
        (folder / f"dr-drill-{month}.json").write_text(json.dumps({"schema_version": 1, "span": span}))
    return audits(tmp_path)


@pytest.mark.parametrize(
    ("months", "now", "expected", "longest"),
    [
        ((), "2026-12-20", UNPROVEN, None),
        (("2026-11",), "2026-12-20", UNPROVEN, 19),
        (("2026-10", "2026-11"), "2026-12-31", PROVEN, 30),
        (("2026-10", "2026-11"), "2027-01-01", PROVEN, 31),
        (("2026-10", "2026-11"), "2027-01-02", DISPROVEN, 32),
        (("2026-09", "2026-11"), "2026-12-20", DISPROVEN, 61),
        (("2026-03", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"), "2026-12-20", PROVEN, 31),
        (("2026-11", "2027-05"), "2026-12-20", UNPROVEN, 19),
    ],
)
def test_backups_are_audited_every_month_while_no_month_lacks_a_report(tmp_path, months, now, expected, longest):
    at = datetime.fromisoformat(f"{now}T21:00:00+00:00")
    found = monthly(replace(on_record(), audits=reported(tmp_path, *months), now=at), allowed=timedelta(days=31))

    assert expected == verdict("SCH-AUDIT", found)
    assert longest == (None if found.value is None else found.value.days)


@pytest.mark.parametrize(
    "changes",
    [
        {"judged_on": "2026-10-20"},
        {"since": "2026-10-02"},
        {"until": "2026-10-31"},
        {"since": "2026-09-01"},
        {"until": 1},
    ],
)
def test_a_report_of_anything_but_the_whole_month_of_its_name_is_no_audit(tmp_path, changes):
    assert [datetime(2026, 11, 1, tzinfo=UTC)] == reported(tmp_path, "2026-10")
    assert [] == reported(tmp_path, "2026-10", **changes)


def test_a_report_that_cannot_be_read_is_no_audit(tmp_path):
    reported(tmp_path, "2026-09", "2026-10")
    (tmp_path / FOLDER / "dr-drill-2026-10.json").write_bytes(b'{"span": "\xff')

    assert [datetime(2026, 10, 1, tzinfo=UTC)] == audits(tmp_path)


def test_the_drills_of_a_history_are_the_runs_that_carried_all_of_the_plan_out(tmp_path):
    whole, part = {EXECUTED: 1}, {EXECUTED: 2}
    first, _ = sealed(tmp_path, report("a", EXECUTED), totals=whole)
    sealed(tmp_path, report("a", EXECUTED), totals=part, at=BEGINNING + timedelta(days=1))
    sealed(tmp_path, report("a", "INT-DB"), totals={"INT-DB": 1}, at=BEGINNING + timedelta(days=2))
    sealed(tmp_path, report("a", EXECUTED, verdict=UNPROVEN), totals=whole, at=BEGINNING + timedelta(days=2, hours=1))
    last, _ = sealed(tmp_path, report("a", EXECUTED, verdict=DISPROVEN), totals=whole, at=BEGINNING + timedelta(days=3))

    assert 2 == len(earlier_drills(tmp_path))
    assert [first.started, last.started] == [
        (at - timedelta(seconds=each.seconds)).isoformat()
        for at, each in zip(earlier_drills(tmp_path), (first, last), strict=True)
    ]


@pytest.mark.parametrize(
    ("reports", "drilled"),
    [
        ([report("a", EXECUTED)], True),
        ([report("a", EXECUTED, verdict=DISPROVEN)], True),
        ([report("a", EXECUTED, verdict=UNPROVEN)], False),
        ([], False),
    ],
)
def test_a_run_in_which_the_plan_was_selected_and_not_carried_out_is_no_drill(tmp_path, reports, drilled):
    run = begun(tmp_path)
    run.expect({"features/a.feature::test_a": (EXECUTED,)})
    for each in reports:
        run.take(each)
    found = {each.id: each.because for each in run.finish(status=0, totals={EXECUTED: 1}).decided}["SCH-DRILL"]

    assert drilled == found.startswith("drills of the plan within")


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

    assert {"CONTACTS": DISPROVEN, "LOG-TESTING": PROVEN, "SCH-AUDIT": UNPROVEN, "SCH-DRILL": UNPROVEN} == decided
    assert (PROVEN, 0) == (record.verdict, record.exit_status)
    assert set() == decided.keys() & record.open_criteria.keys()


def test_lines_that_were_lost_from_the_log_show_in_the_record_of_the_run(tmp_path):
    run = begun(tmp_path)
    run.expect({"features/a.feature::test_a": ("INT-DB",)})
    run.take(report("a", "INT-DB"))
    (run.directory / LOG).write_text("", "utf-8")
    record = run.finish(status=0, totals={})

    assert DISPROVEN == next(each.verdict for each in record.decided if each.id == "LOG-TESTING")
