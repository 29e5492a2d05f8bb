"""The table that ends a run: what a person reads first."""

from datetime import timedelta

import pytest
from rich.console import Console

from drill.evidence.journal import Journal, Kind
from drill.evidence.record import DEFECTS, SABOTAGE, EngineRecord, RuntimeRecord
from drill.evidence.summary import summary
from drill.evidence.verdict import Verdict
from tests.evidence.examples import report


def shown(run, *reports, totals=None, expected=None, width=120):
    run.expect({one.record.node: one.record.criteria for one in reports} | (expected or {}))
    for one in reports:
        run.take(one)
    console = Console(width=width)
    with console.capture() as page:
        console.print(summary(run.finish(status=0, totals=totals or {})))
    return page.get()


def test_a_proof_by_a_part_of_the_scenarios_is_called_one(run):
    text = shown(run, report("a", "INT-DB"), totals={"INT-DB": 3})

    assert "proven (1 of 3 scenarios)" in text


def test_a_whole_proof_says_nothing_of_parts(run):
    assert "scenarios)" not in shown(run, report("a", "INT-DB"), totals={"INT-DB": 1})


def test_what_was_left_open_is_counted(run):
    text = shown(run, report("a", "INT-DB"), expected={"features/a.feature::test_b": ("INT-DB",)})

    assert "unproven: 1 selected scenarios never came to an end" in text
    left = sum(criterion.decided_by is None for criterion in run.policy.criteria) - 1
    assert f"unproven: {left} further criteria have no scenario yet" in text


def test_what_the_record_decides_is_in_the_table_with_its_reason(run):
    text = " ".join(shown(run, report("a", "INT-DB"), totals={"INT-DB": 1}).split())

    assert "CONTACTS = 0 placeholders 6 placeholders – disproven" in text
    assert "CONTACTS, by what is on record: still placeholders: contacts.backup_team.primary, " in text


def test_defects_of_the_scripts_are_counted(run):
    journal = Journal()
    facts = {"defects": 3, "noticed": 2, "survived": "A", "not_tried": "", "false_alarms": 0, "unnoticed": "B"}
    journal.event(Kind.TESTING, what=DEFECTS, seconds=1.0, **facts)
    text = shown(run, report("a", "SABOTAGE", events=journal.events))

    assert "defects of the scripts: 2 of 3 turned a scenario red, 0 false alarms; 1 known" in text


def test_faults_that_could_not_be_tried_are_counted(run):
    journal = Journal()
    facts = {"faults": 3, "caught": 2, "refused": 0, "missed": "A", "not_tried": "A", "healthy": 1, "false_alarms": ""}
    journal.event(Kind.TESTING, what=SABOTAGE, seconds=1.0, known=9, **facts)
    text = shown(run, report("a", "SABOTAGE", events=journal.events))

    assert "sabotage: 2 of 3 faults noticed (9 are known), 1 not tried, 0 false alarms on 1 healthy sets" in text


@pytest.mark.parametrize(("verdict", "told"), [(Verdict.UNPROVEN, True), (Verdict.DISPROVEN, False)])
def test_only_what_is_unproven_is_called_so_where_nothing_was_measured(run, verdict, told):
    text = shown(run, report("a", "INT-DB", verdict=verdict), totals={"INT-DB": 1})

    assert told == ("unproven: nothing was measured for INT-DB" in text)


def test_the_servers_are_named(run):
    engine = EngineRecord(engine="postgres", product="PostgreSQL 18.6", origin="postgres:18", digest="sha256:1")
    run.runtime = RuntimeRecord(name="docker", reason="asked for", engines=(engine,))
    text = shown(run, report("a", "INT-DB"))

    assert "runtime: docker (asked for)\n  PostgreSQL 18.6, postgres:18" in text


@pytest.mark.parametrize(("disk", "told"), [("tmpfs", True), ("ext4", False), (None, False)])
def test_times_that_are_not_those_of_a_disk_are_said_to_be_none(run, disk, told):
    run.runtime = RuntimeRecord(name="docker", reason="asked for", engines=(), disk=disk)

    assert told == ("their data lay in memory (tmpfs)" in shown(run, report("a", "INT-DB")))


def timed(*megabytes, procedure="postgres", journal=None):
    """What recoveries leave that took a second for every hundred megabytes."""
    journal = journal or Journal()
    for size in megabytes:
        took = timedelta(seconds=size / 100)
        journal.measure("RTO-DB", took, source_bytes=size * 1_000_000, procedure=procedure)
    return journal


def test_a_time_that_is_proven_at_one_size_is_not_said_to_be_proven_at_production_s(run):
    text = shown(run, report("a", "RTO-DB", measurements=timed(12).measurements), totals={"RTO-DB": 3})

    assert "proven (at 12 MB, 1 of 3 scenarios)" in text
    assert "not at production's: RTO-DB (postgres at 12 MB)" in " ".join(text.split())


def test_what_limits_a_verdict_is_not_cut_off_on_a_narrow_screen(run):
    text = shown(run, report("a", "RTO-DB", measurements=timed(12).measurements), totals={"RTO-DB": 3}, width=100)

    assert "scenarios)" in text


def test_a_time_of_which_one_procedure_is_projected_is_proven_partly_at_the_other_s_size(run):
    journal = timed(12, journal=timed(100, 200, 400, 800, procedure="postgres-physical"))
    text = shown(run, report("a", "RTO-DB", measurements=journal.measurements), totals={"RTO-DB": 1})

    assert "proven (partly at 12 MB)" in text
    assert "RTO-DB (postgres at 12 MB)" in " ".join(text.split())


def test_a_time_that_is_projected_is_simply_proven(run):
    text = shown(run, report("a", "RTO-DB", measurements=timed(100, 200, 400, 800).measurements), totals={"RTO-DB": 1})

    assert "proven (" not in text
    assert "at the measured size only" not in text


def test_what_a_run_says_of_tiers_is_told(run):
    journal = timed(100, 200, 400, 800, procedure="postgres-physical")
    text = " ".join(shown(run, report("a", "RTO-DB", measurements=journal.measurements), totals={"RTO-DB": 1}).split())

    assert "all that is critical, in production: unproven, not known, because nothing can be said of system, " in text
    assert "by postgres-physical" in text
