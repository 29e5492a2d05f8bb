"""Runs that do not come to their end, and runs that meet."""

from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM

import pytest

from drill.evidence.verification import verify
from tests.evidence.rehearsal import rehearsal

UNFINISHED = """
Feature: A run that is ended from outside

  @INT-DB
  Scenario: A first one holds
    Given a drill
    When a backup, a disaster and a recovery are noted
    Then INT-DB is measured as 0 differences

  @INT-DB
  Scenario: A second one {ends}
    Given a drill
    When {ends}
    Then it holds

  @RTO-DB
  Scenario: A third one never begins
    Given a drill
    Then RTO-DB is measured as 1 s
"""


@pytest.fixture
def endless(tmp_path):
    return rehearsal(tmp_path / "endless", UNFINISHED.format(ends="it takes forever"))


@pytest.mark.parametrize("order", [SIGINT, SIGTERM, SIGHUP])
def test_a_run_that_is_told_to_end_leaves_a_record_that_says_unproven(endless, order):
    ran = endless.ended_by(order, reports=endless.root / "reports")

    assert (2, 2, "unproven") == (ran.status, ran.record.exit_status, ran.record.verdict)
    assert {"INT-DB": "unproven", "RTO-DB": "unproven"} == {one.id: one.verdict for one in ran.record.criteria}
    assert {"A first one holds": "proven"} == ran.verdicts
    assert 2 == len(ran.record.unreported)
    assert "2 selected scenarios never came to an end" in ran.output


def test_a_killed_run_leaves_the_events_of_what_had_ended(endless):
    ran = endless.ended_by(SIGKILL, reports=endless.root / "reports")

    assert -SIGKILL == ran.status
    assert ["backup", "incident", "recovery", "testing"] == [event["kind"] for event in ran.events]
    assert not (ran.directory / "run.json").exists()
    assert not (ran.reports / "latest").exists()


def test_a_worker_that_dies_leaves_its_scenario_unproven(tmp_path):
    dying = rehearsal(tmp_path / "dying", UNFINISHED.format(ends="the process dies"))
    ran = dying.run("-n1", reports=dying.root / "reports")

    assert (3, 3, "unproven") == (ran.status, ran.record.exit_status, ran.record.verdict)
    assert ("features/rehearsal_0.feature::test_a_second_one_the_process_dies",) == ran.record.unreported
    assert {"INT-DB": "unproven", "RTO-DB": "proven"} == {one.id: one.verdict for one in ran.record.criteria}


def test_two_runs_at_once_keep_apart(tmp_path):
    meeting = rehearsal(tmp_path / "meeting", UNFINISHED.format(ends="it waits for the other"))
    reports = meeting.root / "reports"
    pair = [
        meeting.start(reports=reports, ME=str(tmp_path / me), OTHER=str(tmp_path / other))
        for me, other in (("one", "two"), ("two", "one"))
    ]
    outputs = [process.communicate(timeout=300)[0] for process in pair]
    runs = list((reports / "runs").iterdir())

    assert [0, 0] == [process.returncode for process in pair], "\n".join(outputs)
    assert (reports / "latest").resolve() in runs
    assert [2] == [head.number for head in verify(reports).heads]
    assert 2 == len(runs)
    for run in runs:
        assert ["events.jsonl", "run.json", "statement.dsse.json"] == sorted(path.name for path in run.iterdir())
        assert 6 == len((run / "events.jsonl").read_text().splitlines())
