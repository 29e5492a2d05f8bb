"""What a scenario, a criterion and a run come to, and how the process ends."""

import pytest

from drill.plugins import verdicts
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
        pytest.param(
            "a drill whose end is unsound",
            "something unforeseen happens",
            "",
            "unproven",
            3,
            id="an end after an error",
        ),
    ],
)
def test_a_scenario_comes_to_a_verdict(drilled, given, then, tags, verdict, status):
    ran = drilled(FEATURE.format(given=given, then=then, tags=tags))

    assert {"It is drilled": verdict} == ran.verdicts
    assert (verdict, status, status) == (ran.record.verdict, ran.record.exit_status, ran.status)


PAIR = """
Feature: Two drills without a server

  @INT-DB
  Scenario: One holds
    Given a drill
    Then INT-DB is measured as 0 differences

  @INT-DB
  Scenario Outline: Row <row>
    Given a drill
    Then {then}

    Examples:
      | row |
      | 1   |
      | 2   |
"""


def test_what_is_disproven_outweighs_what_is_unproven(drilled):
    ran = drilled(PAIR.format(then="it does not hold"), FEATURE.format(given="a drill", then="it is left out", tags=""))

    assert ("disproven", 1) == (ran.record.verdict, ran.status)


def test_a_part_of_the_scenarios_is_called_a_part_of_the_proof(drilled):
    ran = drilled(PAIR.format(then="it holds"), options=("features", "-k", "One"))

    assert "proven (1 of 3 scenarios)" in ran.output
    assert ("proven", 0) == (ran.record.verdict, ran.status)


def test_checks_that_hold_and_measure_nothing_leave_their_criterion_unproven(drilled):
    ran = drilled(FEATURE.format(given="a drill", then="it holds", tags="@SUCCESS-RATE"))

    assert {"It is drilled": "proven"} == ran.verdicts
    assert ("unproven", 3, 3) == (ran.record.verdict, ran.record.exit_status, ran.status)
    assert "unproven: nothing was measured for SUCCESS-RATE" in ran.output


def test_a_broken_file_elsewhere_does_not_cost_the_record(drilled):
    broken = "Feature: Broken\n  Scenario: Open\n    Given a drill\n    nonsense"
    ran = drilled(PAIR.format(then="it holds"), broken, options=("features/rehearsal_0.feature",))

    assert ("proven", 0) == (ran.record.verdict, ran.status)


def test_a_broken_file_among_the_selected_leaves_all_unproven(drilled):
    ran = drilled(PAIR.format(then="it holds"), "Feature: Empty")

    assert ("unproven", 2, 3) == (ran.record.verdict, ran.status, len(ran.record.unreported))


def test_what_the_first_failure_kept_from_running_is_unproven(drilled):
    ran = drilled(PAIR.format(then="something unforeseen happens"), options=("features", "-x"))

    assert 1 == len(ran.record.unreported)
    assert ("unproven", 3) == (ran.record.verdict, ran.status)


def test_a_listing_is_no_run(drilled):
    ran = drilled(PAIR.format(then="it holds"), options=("features", "--collect-only"))

    assert 0 == ran.status
    assert not ran.reports.exists()


def test_tests_without_scenarios_are_no_run(drilled, pytester):
    pytester.makepyfile("def test_of_the_suite(): assert False")
    ran = drilled(options=("test_tests_without_scenarios_are_no_run.py",))

    assert 1 == ran.status
    assert not ran.reports.exists()


def test_nothing_selected_is_no_success(drilled):
    ran = drilled(PAIR.format(then="it holds"), options=("features", "-k", "nothing"))

    assert 5 == ran.status


def test_evidence_that_cannot_be_written_is_told_before_anything_runs(drilled, pytester):
    (pytester.path / "occupied").write_text("a file")
    ran = drilled(PAIR.format(then="it holds"), options=("features", "--reports=occupied", "-p", "no:allure_pytest"))

    assert 4 == ran.status
    assert "evidence cannot be written" in ran.output
    assert "name another with --reports" in ran.output


@pytest.mark.parametrize("tag", ["SIZE", "RTO-DB"])
def test_a_criterion_is_known_by_its_id_with_or_without_a_hyphen(drilled, tag):
    ran = drilled(FEATURE.format(given="a drill", then="it holds", tags=f"@{tag}"))

    assert [tag] == [criterion.id for criterion in ran.record.criteria]
    assert [(tag,)] == [scenario.criteria for scenario in ran.record.scenarios]


def test_a_node_id_leads_to_the_tags_of_its_scenario(pytester):
    rehearsal(pytester.path, PAIR.format(then="it holds"))
    config = pytester.parseconfigure("--runtime=embedded")

    assert {"INT-DB"} == verdicts.tags(config, "features/rehearsal_0.feature::test_row_row[2]")
    assert set() == verdicts.tags(config, "features/rehearsal_0.feature::test_unknown")
