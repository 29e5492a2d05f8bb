"""What trials at several sizes come to: a bound that is judged, or unproven and the size to measure next."""

from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace

import pytest

from drill.errors import DrillError
from drill.evidence.journal import Journal
from drill.evidence.judgement import judge
from drill.evidence.verdict import Verdict
from drill.projection.line import Point
from drill.projection.line import sizes as groups
from drill.projection.projection import LEAST_SIZES
from drill.projection.trial import Trial, backup_times, projected, recovery_times, sizes
from tests.evidence.examples import report
from tests.procedures import SHIPPED

PROCEDURE = "postgres-physical"
RTO, DURATION = SHIPPED.criterion("RTO-DB"), SHIPPED.criterion("DUR-DB")


@dataclass
class Recovered:
    """A recovery that took so long."""

    took: timedelta
    phases: dict = field(default_factory=dict)


def trials(*points):
    """Trials of megabytes and seconds; each backup takes a tenth of what its recovery does."""
    return [
        Trial(
            SimpleNamespace(
                source_bytes=size * 1_000_000, outcome=SimpleNamespace(took=timedelta(seconds=seconds / 10))
            ),
            Recovered(timedelta(seconds=seconds)),
            (),
        )
        for size, seconds in points
    ]


def told(journal, *points, criterion=RTO, times=recovery_times):
    timings = times(trials(*points))
    return projected(timings, procedure=PROCEDURE, criterion=criterion, policy=SHIPPED, journal=journal)


STEADY = [(60, 2.0), (90, 2.3), (135, 2.75), (200, 3.4)]
SLOW = [(60, 6.0), (90, 9.0), (135, 13.5), (200, 20.0)]
FALLING = [(60, 2.0), (90, 2.3), (135, 2.75), (200, 30.0)]


@pytest.mark.parametrize(("points", "verdict"), [(STEADY, Verdict.PROVEN), (SLOW, Verdict.DISPROVEN)])
def test_the_bound_at_production_s_size_decides_and_the_factor_is_told(points, verdict):
    found = told(Journal(), *points)

    assert verdict is found.verdict(RTO.objective)
    assert f"{found.factor:.3g} times the largest measured" in str(found)
    assert 2500 == round(found.factor)


@pytest.mark.parametrize(
    ("points", "verdict"),
    [(STEADY, Verdict.PROVEN), (SLOW, Verdict.PROVEN), ([(size, 10 * took) for size, took in SLOW], Verdict.DISPROVEN)],
)
def test_the_backups_of_the_same_trials_are_judged_by_their_own_times(points, verdict):
    journal = Journal()
    found = told(journal, *points, criterion=DURATION, times=backup_times)

    assert verdict is found.verdict(DURATION.objective)
    assert {"DUR-DB"} == {note["criterion"] for note in journal.measurements}
    assert pytest.approx([seconds / 10 for _, seconds in points]) == [note["measured"] for note in journal.measurements]


@pytest.mark.parametrize("held", [0, 59_000_000, 61_000_000, 500_000_000])
def test_the_sizes_are_enough_to_project_from_and_none_is_smaller_than_what_is_there(held):
    found = sizes(SimpleNamespace(smallest=60_000_000, size=lambda: held))

    assert (LEAST_SIZES, max(60_000_000, held)) == (len(found), found[0])
    assert LEAST_SIZES == len(groups([Point(size, 1.0) for size in found]))


def test_what_fails_its_own_check_is_unproven_and_names_the_size_to_measure_next():
    with pytest.raises(DrillError, match=r"its rate still falls; measure next at about 400 MB .*promised is < 4 h"):
        told(Journal(), *FALLING)


def test_a_bound_that_leaves_it_open_is_no_disproof_on_the_record():
    journal = Journal()
    with pytest.raises(DrillError, match="at most"):
        told(journal, (60, 2.4), (60, 3.1), (90, 3.1), (90, 2.6), (135, 3.7), (135, 4.2), (200, 4.8), (200, 5.6))
    notes = report("a", "RTO-DB", verdict=Verdict.UNPROVEN, measurements=journal.measurements)
    record = judge(RTO, [notes], unreported=0, scenarios=1, policy=SHIPPED)

    assert Verdict.UNPROVEN is record.verdict


def test_every_time_is_noted_with_its_size():
    journal = Journal()
    told(journal, *STEADY)

    assert [each * 1_000_000 for each, _ in STEADY] == [note["source_bytes"] for note in journal.measurements]


def test_the_bound_is_the_worst_case_of_the_criterion_whatever_else_was_measured():
    journal = Journal()
    found = told(journal, *STEADY)
    journal.measure("RTO-DB", timedelta(seconds=3), source_bytes=40_000_000, procedure="postgres")
    notes = report("a", "RTO-DB", measurements=journal.measurements)
    record = judge(RTO, [notes], unreported=0, scenarios=1, policy=SHIPPED)

    assert (Verdict.PROVEN, found.bound.total_seconds()) == (record.verdict, record.projected)
