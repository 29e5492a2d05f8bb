"""What one run's times say of each tier is on its record, in its last lines and at the gate."""

from datetime import timedelta

import pytest

from drill.evidence.journal import Journal
from drill.evidence.record import MeasurementRecord
from drill.evidence.summary import told_of_tiers
from drill.evidence.tiers import tier_records
from drill.evidence.verdict import Verdict
from tests.evidence.examples import report
from tests.evidence.stores import finished
from tests.procedures import SHIPPED

STEPS = [step.procedure for step in SHIPPED.recovery]


def times(*procedures, criterion="RTO-DB", sizes=(1, 2, 4, 8), minutes=1):
    """A recovery of each procedure at parts of production's size; an eighth of it takes so many minutes."""
    return tuple(
        MeasurementRecord(
            criterion=criterion,
            procedure=name,
            source_bytes=SHIPPED.production[name] // 8 * part,
            measured=60.0 * minutes * part,
            phases={},
        )
        for name in procedures
        for part in sizes
    )


def test_a_run_that_measured_every_step_says_when_each_tier_is_back():
    found = {each.tier: each for each in tier_records(times(*STEPS), SHIPPED)}

    assert {"critical", "important", "non-critical"} == set(found)
    assert {Verdict.PROVEN} == {each.verdict for each in found.values()}
    assert (5 * 480, ()) == (round(found["critical"].projected), found["critical"].unknown)
    assert (14_400.0, "application-state") == (found["critical"].limit, found["critical"].way[-1])


def test_the_times_of_a_whole_tier_can_be_too_long_where_each_step_s_is_not():
    found = tier_records(times(*STEPS, minutes=7), SHIPPED)
    verdicts = {each.tier: each.verdict for each in found}

    assert max(each.measured for each in times(*STEPS, minutes=7)) < 4 * 3600 == SHIPPED.tiers["critical"].rto.seconds
    assert (Verdict.DISPROVEN, Verdict.PROVEN) == (verdicts["critical"], verdicts["important"])


def test_the_steps_that_a_run_did_not_measure_are_named_and_leave_their_tier_unproven():
    critical, important, _ = tier_records(times(*(name for name in STEPS if name != "redis")), SHIPPED)

    assert (Verdict.UNPROVEN, None, ("redis",)) == (critical.verdict, critical.projected, critical.unknown)
    assert (Verdict.PROVEN, ()) == (important.verdict, important.unknown)


@pytest.mark.parametrize("few", [times("redis", sizes=(1, 2, 4)), times("redis", criterion="DUR-CACHE"), ()])
def test_a_run_that_says_nothing_of_any_step_says_nothing_of_tiers(few):
    assert () == tier_records(few, SHIPPED)


def test_the_record_of_a_run_has_it_and_tells_it(tmp_path):
    journal = Journal()
    for each in times("redis", criterion="RTO-CACHE"):
        took = timedelta(seconds=each.measured)
        journal.measure("RTO-CACHE", took, source_bytes=each.source_bytes, procedure="redis")
    record = finished(tmp_path, report("a", "RTO-CACHE", measurements=journal.measurements))
    first, *_ = told_of_tiers(record)

    assert 3 == len(record.tiers)
    assert "all that is critical, in production: unproven, not known, because nothing can be said of system, " in first
    assert "without them at most 8 min by redis" in first
