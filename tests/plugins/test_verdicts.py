"""What a scenario, a criterion and a run come to, and how the process ends."""

import pytest

from tests.evidence.rehearsal import Ran, rehearsal

FEATURE = """
Feature: A drill without a server

  {tags}
  Scenario: It is drilled
    Given {given}
    Then {then}
"""


@pytest.fixture
def drilled(pytester):
    """Runs features in this process."""

    def run(*features, options=("features",)):
        rehearsal(pytester.path, *features)
        result = pytester.runpytest_inprocess("--runtime=embedded", *options)
        return Ran(int(result.ret), result.stdout.str() + result.stderr.str(), pytester.path / "reports")

    return run


@pytest.mark.parametrize(
    ("given", "then", "tags", "verdict", "status"),
    [
        pytest.param("a drill", "it holds", "", "proven", 0, id="a check that holds"),
        pytest.param("a drill", "it does not hold", "", "disproven", 1, id="a check that fails"),
        pytest.param("a drill", "it is given up", "", "disproven", 1, id="a step that gives up"),
        pytest.param("a drill", "something unforeseen happens", "", "unproven", 3, id="another exception"),
        pytest.param("a drill", "it is left out", "", "unproven", 3, id="a skip within"),
        pytest.param("a drill", "it holds", "@skip", "unproven", 3, id="a skip by tag"),
        pytest.param("a drill", "it does not hold", "@xfail", "unproven", 3, id="an expected failure"),
        pytest.param("a drill", "it holds", "@xfail", "unproven", 3, id="an expected failure that passes"),
        pytest.param("a drill whose fixture is unsound", "it holds", "", "unproven", 3, id="a check in a fixture"),
        pytest.param("a drill whose end is unsound", "it holds", "", "unproven", 3, id="a check at the end"),
    ],
)
def test_a_scenario_comes_to_a_verdict(drilled, given, then, tags, verdict, status):
    ran = drilled(FEATURE.format(given=given, then=then, tags=tags))

    assert {"It is drilled": verdict} == ran.verdicts
    assert (verdict, status, status) == (ran.record.verdict, ran.record.exit_status, ran.status)
