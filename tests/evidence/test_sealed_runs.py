"""A run ends with its evidence sealed, and says what that is worth."""

import pytest

from drill.evidence import keys
from drill.evidence.finding import Rule
from drill.evidence.run_index import LOCK_NAME, opened
from drill.evidence.verdict import Verdict
from drill.evidence.verification import verify
from tests.evidence.rehearsal import rehearsal

HOLDS = """
Feature: A run that holds

  @INT-DB
  Scenario: It holds
    Given a drill
    Then INT-DB is measured as 0 differences
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return rehearsal(tmp_path_factory.mktemp("sealed"), HOLDS)


def test_a_run_without_a_key_is_sealed_and_loudly_unsigned(alone):
    found = verify(alone.reports)

    assert {Rule.UNSIGNED} == {finding.rule for finding in found.findings}
    assert f"head: {found.heads[0]}" in alone.output
    assert "UNSIGNED: whoever can write to" in alone.output


def test_the_workers_of_a_run_leave_one_statement(by_two):
    assert [by_two.record.id] == list(verify(by_two.reports).sealed)


def test_a_run_with_a_key_is_signed_and_in_the_history(project, pair, tmp_path):
    ran = project.run(reports=tmp_path, **{keys.VARIABLE: str(pair.private)})

    assert Verdict.PROVEN == verify(tmp_path, keys=[keys.public_key(pair.public)]).verdict
    assert "UNSIGNED" not in ran.output
    with opened(tmp_path) as index:
        assert [ran.record.id] == [run.id for run in index.runs()]


def test_a_key_that_others_can_read_is_told_of_before_anything_runs(project, pair, tmp_path):
    exposed = tmp_path / "exposed.pem"
    exposed.write_bytes(pair.private.read_bytes())
    exposed.chmod(0o644)
    ran = project.run(reports=tmp_path / "reports", **{keys.VARIABLE: str(exposed)})

    assert (4, True) == (ran.status, "can be read by others than its owner" in ran.output)
    assert not (tmp_path / "reports" / "runs").exists()


def test_a_run_that_cannot_be_sealed_is_judged_and_says_so(project, tmp_path):
    (tmp_path / LOCK_NAME).mkdir()
    ran = project.run(reports=tmp_path)

    assert (0, True) == (ran.status, "NOT SEALED: this evidence proves nothing later" in ran.output)
    assert "proven" == ran.record.verdict


def test_the_key_is_nowhere_in_what_a_run_leaves(project, pair, tmp_path):
    ran = project.run(reports=tmp_path, **{keys.VARIABLE: str(pair.private)})
    secret = pair.private.read_text().splitlines()[1]

    assert secret not in ran.output
    assert [] == [path for path in tmp_path.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
