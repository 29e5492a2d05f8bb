"""One rehearsal with a scenario of every kind, and three sealed runs, with the keys that sign and verify them."""

import pytest

from drill.evidence import keys
from drill.evidence.run import Run
from tests.evidence.examples import begun
from tests.evidence.rehearsal import Ran, Rehearsal, rehearsal
from tests.evidence.stores import store

SCENARIOS = """
Feature: Everything that a scenario can come to

  @INT-DB
  Scenario: It holds
    Given a drill
    And a server that has logged "all is well"
    When a backup, a disaster and a recovery are noted
    Then it holds

  @INT-DB
  Scenario: It does not hold
    Given a drill
    And a server that has logged "PANIC: lost"
    Then it does not hold

  @DUR-DB
  Scenario: It is left out
    Given a drill
    Then it is left out

  @RTO-DB @RPO-DB
  Scenario Outline: It takes <seconds> s
    Given a drill
    Then RTO-DB is measured as <seconds> s and projected as <projected> s
    And RPO-DB is measured as <seconds> s

    Examples:
      | seconds | projected |
      | 60      | 7200      |
      | 3.5     | 3600      |

  @RTO-CACHE
  Scenario: It takes too long and nobody says so
    Given a drill
    Then RTO-CACHE is measured as 15000 s

  Rule: No secret is written down

    @INT-CACHE
    Scenario: The vault stays shut
      Given a vault
      When a script opens it
      Then it is open
"""


@pytest.fixture(scope="session")
def stage(tmp_path_factory) -> Rehearsal:
    return rehearsal(tmp_path_factory.mktemp("stage"), SCENARIOS)


@pytest.fixture(scope="session")
def alone(stage) -> Ran:
    """The rehearsal, run in one process."""
    return stage.run("--junitxml=alone.xml", reports=stage.root / "alone")


@pytest.fixture(scope="session")
def by_two(stage) -> Ran:
    """The rehearsal, run by two workers."""
    return stage.run("-n2", "--junitxml=by_two.xml", reports=stage.root / "by_two")


@pytest.fixture
def run(tmp_path) -> Run:
    """A run that has not begun."""
    return begun(tmp_path / "reports")


@pytest.fixture(scope="session")
def other_signer(tmp_path_factory):
    other = keys.create(tmp_path_factory.mktemp("keys") / "other")
    return keys.signer_from({keys.VARIABLE: str(other.private)})


@pytest.fixture
def runs(tmp_path):
    """Three runs in one directory of reports; nobody has signed them."""
    reports = tmp_path / "reports"
    return [reports / "runs" / record.id for record in store(reports)]


@pytest.fixture
def signed(tmp_path, signer):
    """Three runs that were signed."""
    reports = tmp_path / "signed"
    return [reports / "runs" / record.id for record in store(reports, signer=signer)]
