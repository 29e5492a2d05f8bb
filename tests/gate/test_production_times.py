"""Where the gate demands times at production's size, one that was kept at a small size only does not open it."""

from datetime import timedelta

import pytest

from drill.errors import DrillError
from drill.evidence.journal import Journal
from drill.evidence.verdict import Verdict
from drill.policy import load
from tests.evidence.examples import report
from tests.evidence.rehearsal import REPOSITORY
from tests.evidence.stores import BEGINNING, DOCKER, sealed
from tests.gate.drills import WHOLE, gate, of
from tests.procedures import SHIPPED

PROVEN, UNPROVEN = Verdict.PROVEN, Verdict.UNPROVEN
SMALL, FOUR = (1,), (1, 2, 4, 8)
EMBEDDED = DOCKER.model_copy(update={"name": "embedded"})
EIGHTH = SHIPPED.production["postgres"] // 8_000
"""In bytes: of what eight times as much is a thousandth of production."""


def recovered(parts, *, seconds=0.1, scatter=0.0, criterion="RTO-DB", procedure="postgres"):
    """A scenario that recovered a database at so many times the smallest size, each part of which takes so long."""
    journal = Journal()
    for number, part in enumerate(parts):
        took = timedelta(seconds=seconds * part * (1 + scatter * (-1) ** number))
        journal.measure(criterion, took, source_bytes=EIGHTH * part, procedure=procedure)
    return report("b", criterion, measurements=journal.measurements)


def drill(reports, *parts, minutes=0, criterion="RTO-DB", **further):
    """A full drill that recovered the database at these sizes."""
    scenarios = [report("a", "INT-DB"), recovered(parts, criterion=criterion)]
    at = BEGINNING + timedelta(minutes=minutes)
    return sealed(reports, *scenarios, totals=WHOLE | {criterion: 1}, at=at, **further)[0]


def night(reports, *parts, minutes=0, runtime=DOCKER, **further):
    """A run that did nothing but recover the database at these sizes, and is no full drill."""
    at = BEGINNING + timedelta(minutes=minutes)
    return sealed(reports, recovered(parts, **further), totals=WHOLE, at=at, runtime=runtime)[0]


@pytest.fixture
def strict(gated):
    """The policy of two criteria that demands times at production's size."""
    return gated(projection="required")


def told(decision, criterion="RTO-DB"):
    return next(check for check in decision.checks if check.id == criterion)


def test_a_time_at_one_size_opens_the_gate_unless_more_is_demanded(gated, strict, reports):
    drill(reports, *SMALL)

    assert PROVEN == gate(gated(), reports).verdict
    assert {"RTO-DB": UNPROVEN, "INT-DB": PROVEN}.items() <= of(gate(strict, reports)).items()
    assert UNPROVEN == gate(strict, reports).verdict


def test_it_is_said_which_size_to_measure_next(strict, reports):
    drill(reports, *SMALL)
    what = told(gate(strict, reports)).what

    assert "postgres: not projected to 500 GB: 4 sizes are needed, next at about 250 MB" in what, what


def test_a_drill_of_four_sizes_whose_bound_keeps_the_promise_opens_it(strict, reports):
    run = drill(reports, *FOUR)
    decision = gate(strict, reports)

    assert PROVEN == decision.verdict
    assert f"for 500 GB by {run.id}" in told(decision).what
    assert not any("not at production's" in note for note in decision.notes)


def test_a_night_before_the_drill_counts_and_is_named(strict, reports):
    run = night(reports, *FOUR)
    drill(reports, *SMALL, minutes=5)
    decision = gate(strict, reports)

    assert (PROVEN, True) == (decision.verdict, f"by {run.id}" in told(decision).what)
    assert not any("at the measured size only" in note for note in decision.notes)


def test_the_newest_night_counts_and_not_the_best(strict, reports):
    night(reports, *FOUR)
    # Eight parts take 24 s, and a thousand times as much more than four hours.
    newest = night(reports, *FOUR, minutes=5, seconds=3.0)
    drill(reports, *SMALL, minutes=10)
    check = told(gate(strict, reports))

    assert (UNPROVEN, True) == (check.verdict, f"by {newest.id}, which disproved it" in check.what)


def test_a_bound_that_misses_the_promise_is_no_proof_and_names_the_next_size(strict, reports):
    # Eight parts take 9.6 s, a thousand times as much 2.7 hours; but by chance it may be twice that.
    run = night(reports, *FOUR, seconds=1.2, scatter=0.2)
    drill(reports, *SMALL, minutes=5)
    check = told(gate(strict, reports))

    assert (UNPROVEN, Verdict.UNPROVEN) == (check.verdict, run.verdict)
    assert f"by {run.id}; measure next at about 1 GB" in check.what, check.what


@pytest.mark.parametrize(
    "other",
    [{"runtime": EMBEDDED}, {"procedure": "postgres-physical"}, {"criterion": "RTO-CACHE"}],
    ids=["another runtime", "another procedure", "another criterion"],
)
def test_what_was_measured_of_something_else_does_not_count(strict, reports, other):
    night(reports, *FOUR, **other)
    drill(reports, *SMALL, minutes=5)

    assert UNPROVEN == of(gate(strict, reports))["RTO-DB"]


def test_a_night_that_is_too_old_does_not_count(strict, reports):
    night(reports, *FOUR)
    days = 24 * 60
    drill(reports, *SMALL, minutes=6 * days)

    assert PROVEN == gate(strict, reports, now=BEGINNING + timedelta(days=6, hours=1)).verdict
    assert UNPROVEN == of(gate(strict, reports, now=BEGINNING + timedelta(days=8)))["RTO-DB"]


def test_a_recovery_that_belongs_to_no_size_does_not_count(strict, reports):
    sealed(reports, report("a", "INT-DB"), report("b", "RTO-DB"), totals=WHOLE)
    check = told(gate(strict, reports))

    assert (UNPROVEN, True) == (check.verdict, "no time that belongs to a size" in check.what)


def test_a_backup_s_time_is_demanded_as_a_recovery_s(gated, reports):
    drill(reports, *SMALL, criterion="DUR-DB")

    assert UNPROVEN == of(gate(gated(require=("INT-DB", "DUR-DB"), projection="required"), reports))["DUR-DB"]


def test_what_depends_on_no_size_is_left_as_it_is(gated, reports):
    sealed(reports, report("a", "INT-DB"), report("b", "RPO-DB"), totals={"INT-DB": 1, "RPO-DB": 1})

    assert PROVEN == gate(gated(require=("INT-DB", "RPO-DB"), projection="required"), reports).verdict


def test_a_time_that_was_measured_at_production_s_size_needs_no_projection(strict, reports):
    policy = strict.model_copy(update={"production": {**strict.production, "postgres": EIGHTH}})
    drill(reports, *SMALL)

    assert PROVEN == gate(policy, reports).verdict


def test_a_procedure_whose_size_in_production_is_not_known_is_unproven(strict, reports):
    sizes = {name: size for name, size in strict.production.items() if name != "postgres"}
    drill(reports, *FOUR)
    check = told(gate(strict.model_copy(update={"production": sizes}), reports))

    assert (UNPROVEN, True) == (check.verdict, "[production]" in check.what)


def test_another_demand_than_these_two_is_no_policy(tmp_path):
    text = (REPOSITORY / "policy.toml").read_text("utf-8").replace('projection = "required"', 'projection = "yes"')
    policy = tmp_path / "policy.toml"
    policy.write_text(text, "utf-8")

    with pytest.raises(DrillError, match=r"gate\.projection") as told:
        load(policy)
    assert "'stated' or 'required'" in str(told.value), told.value
