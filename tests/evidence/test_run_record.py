"""run.json: what a whole run leaves for whoever reads it later, by itself and with two workers."""

import hashlib
import json

import pytest

from drill.evidence.record import RunRecord

VERDICTS = {
    "It holds": "proven",
    "It does not hold": "disproven",
    "It is left out": "unproven",
    "It takes 60 s": "proven",
    "It takes 3.5 s": "proven",
    "It takes too long and nobody says so": "proven",
    "The vault stays shut": "disproven",
}
CRITERIA = {
    "INT-DB": "disproven",
    "INT-CACHE": "disproven",
    "RTO-DB": "proven",
    "RTO-CACHE": "disproven",
    "RPO-DB": "proven",
    "DUR-DB": "unproven",
}


@pytest.fixture(params=["alone", "by_two"])
def ran(request):
    return request.getfixturevalue(request.param)


def test_the_record_has_schema_one_and_nothing_beyond_it(ran):
    written = json.loads((ran.directory / "run.json").read_bytes())

    assert 1 == written["schema_version"]
    assert set(RunRecord.model_fields) == set(written)


def test_every_scenario_has_its_verdict(ran):
    assert VERDICTS == ran.verdicts


def test_every_criterion_has_the_worst_verdict_of_its_scenarios_and_values(ran):
    assert CRITERIA == {criterion.id: criterion.verdict for criterion in ran.record.criteria}


def test_the_process_ends_as_the_record_says(ran):
    assert ("disproven", 1, 1) == (ran.record.verdict, ran.record.exit_status, ran.status)


def test_the_worst_measured_and_projected_values_are_kept(ran):
    [rto] = [criterion for criterion in ran.record.criteria if criterion.id == "RTO-DB"]

    assert (60.0, "1 min") == (rto.measured, rto.measured_text)
    assert (7200.0, "2 h") == (rto.projected, rto.projected_text)
    assert (7200.0, 60_000_000) == (rto.margin, rto.source_bytes)


def test_a_reason_stands_beside_every_verdict_but_proven(ran):
    reasons = {scenario.name: scenario.reason for scenario in ran.record.scenarios}

    assert {name for name, verdict in VERDICTS.items() if verdict != "proven"} == {
        name for name, reason in reasons.items() if reason
    }
    assert "assert 'as promised' == 'otherwise'" in reasons["It does not hold"]
    assert "Skipped: no time" == reasons["It is left out"]


def test_the_record_holds_what_chance_decided_as_the_run_had_said(ran):
    assert f"chance: seed {ran.record.chance} (" in ran.output


def test_two_workers_come_to_the_same_record(alone, by_two):
    assert comparable(alone.record) == comparable(by_two.record)


def test_the_record_names_the_very_policy_that_was_drilled(ran, stage):
    policy = (stage.root / "policy.toml").read_bytes()

    assert hashlib.sha256(policy).hexdigest() == ran.record.policy["sha256"]


def test_the_newest_run_is_found_at_latest(ran):
    assert ran.directory == (ran.reports / "latest").resolve()


def test_the_table_shows_what_the_record_holds(ran):
    rows = {line.split()[0]: line for line in ran.output.splitlines() if line.startswith("  ") and line.split()}

    assert set(CRITERIA) <= set(rows)
    assert all(verdict in rows[criterion] for criterion, verdict in CRITERIA.items())
    assert "RTO-DB < 4 h 1 min 2 h 60.0 MB proven" == " ".join(rows["RTO-DB"].split())
    assert f"evidence: {ran.directory}" in ran.output


def test_the_log_of_a_server_is_kept_where_a_scenario_is_not_proven(ran):
    logs = sorted((ran.directory / "logs").iterdir())
    held = [log.read_text("utf-8").splitlines() for log in logs]

    assert 2 == len(held)
    assert ["features/rehearsal_0.feature::test_it_does_not_hold", "", "a server", "PANIC: lost"] in held


def comparable(record: RunRecord) -> dict:
    """The record without what differs from run to run."""
    plain = record.model_dump(exclude={"id", "chance", "started", "finished", "seconds", "selection"})
    for timed in [*plain["scenarios"], *plain["criteria"]]:
        del timed["seconds"]
    return plain
