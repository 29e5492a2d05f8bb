"""The gate: open only where all that is required is proven, or suppressed for a while; what else it knows is told."""

from datetime import date, datetime, timedelta

import pytest

from drill.evidence.journal import Journal
from drill.evidence.verdict import Verdict
from drill.gate.decision import required_criteria
from drill.gate.score import NONE_DEMANDED
from drill.policy import Suppression
from tests.evidence.examples import measured, report
from tests.evidence.stores import sealed
from tests.gate.drills import NOW, WHOLE, drilled, gate, of, tried
from tests.procedures import with_gap

PROVEN, UNPROVEN, DISPROVEN = Verdict.PROVEN, Verdict.UNPROVEN, Verdict.DISPROVEN


def suppression(**changes):
    facts = {"id": "RTO-DB", "reason": "new disks", "owner": "backup_team.primary", "expires": date(2026, 12, 1)}
    return Suppression(**(facts | changes))


def test_a_full_drill_that_has_proven_everything_opens_it(gated, reports):
    run = drilled(reports)
    decision = gate(gated(), reports)

    assert (PROVEN, run.id) == (decision.verdict, decision.drill.id)
    assert {"EVIDENCE": PROVEN, "FULL-DRILL": PROVEN, "INT-DB": PROVEN, "RTO-DB": PROVEN} == of(decision)


@pytest.mark.parametrize("verdict", [DISPROVEN, UNPROVEN])
def test_it_comes_to_the_worst_of_what_is_required(gated, reports, verdict):
    drilled(reports, recovery=verdict)
    decision = gate(gated(), reports)

    assert (verdict, verdict) == (decision.verdict, of(decision)["RTO-DB"])


def test_disproven_is_worse_than_unproven(gated, reports):
    drilled(reports, database=UNPROVEN, recovery=DISPROVEN)

    assert DISPROVEN == gate(gated(), reports).verdict


def test_what_is_not_required_does_not_hold_it_shut(gated, reports):
    drilled(reports, recovery=DISPROVEN)

    assert PROVEN == gate(gated(require=("INT-DB",)), reports).verdict


def test_backups_that_nobody_audited_hold_it_shut_where_that_is_required(gated, reports):
    drilled(reports)
    decision = gate(gated(require=("INT-DB", "SCH-AUDIT")), reports)
    [audit] = [check for check in decision.checks if check.id == "SCH-AUDIT"]

    assert (UNPROVEN, UNPROVEN) == (decision.verdict, audit.verdict)
    assert "no report of a whole month is on record" in audit.what


def test_without_a_choice_every_criterion_that_a_scenario_is_to_prove_is_required(shipped, gated):
    required = {criterion.id for criterion in required_criteria(with_gap(gated(require=None), "RPO-DB"))}

    assert {criterion.id for criterion in shipped.criteria if criterion.gap is None} - {"RPO-DB"} == required
    assert {"RTO-DB", "INT-CACHE"} <= required


def test_a_criterion_that_no_scenario_proves_is_unproven_where_it_is_required(gated, reports):
    drilled(reports)
    policy = with_gap(gated(require=("INT-DB", "RPO-DB")), "RPO-DB")

    assert UNPROVEN == of(gate(policy, reports))["RPO-DB"]


def named(policy):
    """The policy with people in place of its placeholders."""
    held = {team: dict.fromkeys(roles, "An Nguyen, 4711") for team, roles in policy.contacts.items()}
    return policy.model_copy(update={"contacts": held})


def test_contacts_that_are_placeholders_shut_it_where_they_are_required(gated, reports):
    drilled(reports)
    policy = gated(require=("INT-DB", "CONTACTS"))

    assert DISPROVEN == of(gate(policy, reports))["CONTACTS"]
    assert PROVEN == gate(named(policy), reports).verdict


def test_contacts_that_are_placeholders_are_told_of_where_they_are_not_required(gated, reports):
    drilled(reports)
    told = [note for note in gate(gated(), reports).notes if note.startswith("CONTACTS, which is not required, is dis")]

    assert [True] == ["contacts.emergency.system_admin" in note for note in told]
    assert any("is proven" in note for note in gate(named(gated()), reports).notes)


def test_what_runs_found_on_record_is_required_as_anything_else(gated, reports):
    drilled(reports)
    decision = gate(gated(require=("INT-DB", "LOG-TESTING", "SCH-DRILL")), reports)

    assert (PROVEN, UNPROVEN) == (of(decision)["LOG-TESTING"], of(decision)["SCH-DRILL"])


def test_what_no_recent_run_found_on_record_is_unproven(gated, reports):
    assert UNPROVEN == of(gate(gated(require=("INT-DB", "LOG-TESTING")), reports))["LOG-TESTING"]


def test_no_run_at_all_is_unproven(gated, reports):
    decision = gate(gated(), reports)

    assert (UNPROVEN, {UNPROVEN}) == (decision.verdict, set(of(decision).values()))


def test_an_objective_that_the_drill_did_not_know_is_unproven(gated, reports):
    policy = gated()
    drilled(reports)
    changed = [
        each.model_copy(update={"objective": type(each.objective).parse("< 1 h")}) if each.id == "RTO-DB" else each
        for each in policy.criteria
    ]

    assert UNPROVEN == of(gate(policy.model_copy(update={"criteria": tuple(changed)}), reports))["RTO-DB"]


def test_a_suppression_lets_a_criterion_pass_and_is_shown(gated, reports):
    drilled(reports, recovery=DISPROVEN)
    decision = gate(gated(suppress=(suppression(),)), reports)

    assert (PROVEN, DISPROVEN) == (decision.verdict, of(decision)["RTO-DB"])
    assert (suppression(),) == decision.suppressions


def test_a_suppression_lets_nothing_else_pass(gated, reports):
    drilled(reports, database=DISPROVEN, recovery=DISPROVEN)

    assert DISPROVEN == gate(gated(suppress=(suppression(),)), reports).verdict


@pytest.mark.parametrize("recovery", [PROVEN, DISPROVEN])
def test_a_suppression_that_has_expired_shuts_it(gated, reports, recovery):
    drilled(reports, recovery=recovery)
    expired = suppression(expires=NOW.astimezone().date())
    decision = gate(gated(suppress=(expired,)), reports)

    assert (DISPROVEN, DISPROVEN) == (decision.verdict, of(decision)["SUPPRESSED RTO-DB"])
    assert recovery == of(decision)["RTO-DB"]


def test_a_suppression_that_is_not_needed_is_told_of(gated, reports):
    drilled(reports)
    decision = gate(gated(suppress=(suppression(),)), reports)

    assert "suppressions that hold nothing back: RTO-DB" in decision.notes


def test_a_suppressed_criterion_still_belongs_to_a_full_drill(gated, reports):
    tried(reports, PROVEN, minutes=0)

    assert UNPROVEN == gate(gated(suppress=(suppression(),)), reports).verdict


def test_what_is_not_demanded_yet_is_said(gated, reports):
    assert NONE_DEMANDED in gate(gated(), reports).notes


def test_a_value_that_misses_the_objective_shuts_it(gated, reports):
    took = measured("RTO-DB", timedelta(hours=5))
    sealed(reports, report("a", "INT-DB"), report("b", "RTO-DB", measurements=took), totals=WHOLE)
    decision = gate(gated(), reports, now=datetime.fromisoformat("2026-11-01T03:00:00+00:00"))

    assert DISPROVEN == of(decision)["RTO-DB"]
    assert "measured 5 h" == next(check.what for check in decision.checks if check.id == "RTO-DB")


def test_a_time_that_is_proven_at_one_size_opens_it_and_says_at_which(gated, reports):
    journal = Journal()
    journal.measure("RTO-DB", timedelta(seconds=1), source_bytes=12_000_000, procedure="postgres")
    scenarios = [report("a", "INT-DB"), report("b", "RTO-DB", measurements=journal.measurements)]
    sealed(reports, *scenarios, totals=WHOLE)
    decision = gate(gated(), reports)

    assert (PROVEN, PROVEN) == (decision.verdict, of(decision)["RTO-DB"])
    assert "measured 1 s; postgres at 12 MB only, not at production's size" in [each.what for each in decision.checks]
    assert "proven at the measured size only, and not at production's: RTO-DB (postgres at 12 MB)" in decision.notes


def test_what_the_last_full_drill_says_of_tiers_is_told(gated, reports):
    journal = Journal()
    for part in (1, 2, 4, 8):
        took = timedelta(minutes=part)
        journal.measure("RTO-DB", took, source_bytes=part * 62_500_000_000, procedure="postgres-physical")
    sealed(reports, report("a", "INT-DB"), report("b", "RTO-DB", measurements=journal.measurements), totals=WHOLE)
    told = [note for note in gate(gated(), reports).notes if note.startswith("all that is ")]

    assert 3 == len(told)
    assert "all that is critical, in production: unproven, not known, because nothing can be said of system" in told[0]


def test_of_what_is_disproven_no_size_is_told(gated, reports):
    journal = Journal()
    journal.measure("RTO-DB", timedelta(hours=5), source_bytes=12_000_000, procedure="postgres")
    sealed(reports, report("a", "INT-DB"), report("b", "RTO-DB", measurements=journal.measurements), totals=WHOLE)
    decision = gate(gated(), reports)

    assert "measured 5 h" in [each.what for each in decision.checks]
    assert [] == [note for note in decision.notes if "measured size" in note]
