"""What Allure shows of a run: scenarios as they are written, and what did not run as not run."""

import json

import pytest
from example_project import attached, labelled, steps_of, written_in


@pytest.fixture
def dropped(results):
    return results["The whole database is dropped"]


def test_every_scenario_and_row_is_recorded_with_its_verdict(results):
    expected = {
        "The whole database is dropped": "passed",
        "One order is missing": "failed",
        "A shop of 5 orders": "passed",
        "A shop of 7 orders": "failed",
        "It is opened": "failed",
        "Nobody looks": "skipped",
        "It is left out": "skipped",
        "The engine does not answer": "broken",
        "The engine is not the one": "broken",
    }

    assert expected == {name: result["status"] for name, result in results.items()}


def test_gherkin_steps_are_steps_of(dropped):
    expected = [
        ("Given a shop database", "passed"),
        ("Given the tables", "passed"),
        ("And the note", "passed"),
        ("When it is dropped and restored", "passed"),
        ("Then nothing is lost", "passed"),
    ]

    assert expected == steps_of(dropped)


def test_steps_after_a_failure_are_shown_as_not_run(results):
    expected = [
        ("Given a shop database", "passed"),
        ("When it is dropped and restored", "passed"),
        ("Then it holds 4 orders", "failed"),
        ("And nothing is lost", "skipped"),
        ("And nothing else happens", "skipped"),
    ]
    result = results["One order is missing"]

    assert expected == steps_of(result)
    assert ["not run", "not run"] == [step["statusDetails"]["message"] for step in result["steps"][3:]]


def test_a_failed_step_says_what_and_where_without_the_frames_of_the_tools(results):
    details = results["One order is missing"]["steps"][2]["statusDetails"]

    assert "assert 4 == 3" in details["message"]
    assert "shop_steps.py" in details["trace"]
    assert "site-packages" not in details["trace"]


def test_a_skip_inside_a_step_leaves_that_step_skipped_with_its_reason(results):
    skipped = results["Nobody looks"]

    assert [
        ("Given a vault", "passed"),
        ("And nobody can check", "skipped"),
        ("Then it holds gold", "skipped"),
    ] == steps_of(skipped)
    assert "no engine answers" in skipped["steps"][1]["statusDetails"]["message"]
    assert "not run" == skipped["steps"][2]["statusDetails"]["message"]


@pytest.mark.parametrize("name", ["It is left out", "The engine does not answer"])
def test_a_scenario_that_never_began_shows_its_steps_as_not_run(results, name):
    assert [("Given a vault", "skipped")] == steps_of(results[name])
    assert ["A vault keeps its secrets"] == labelled(results[name], "feature")


def test_a_check_that_fails_while_setting_up_disproves_nothing(results):
    assert "broken" == results["The engine is not the one"]["status"]


def test_steps_within_a_step_are_nested(results):
    opened = results["It is opened"]["steps"][1]

    assert ["turn the key"] == [step["name"] for step in opened["steps"]]
    assert ["to the left"] == [step["name"] for step in opened["steps"][0]["steps"]]


def test_data_tables_and_doc_strings_are_attached_to_their_step(folder, dropped):
    table, note = dropped["steps"][1], dropped["steps"][2]

    assert {"Data table": ("text/csv", 'orders,3\nnote,"""a"", ""b"""\n')} == attached(folder, table)
    assert {"Doc string": ("text/plain", "Open at nine.")} == attached(folder, note)


@pytest.mark.parametrize(
    ("label", "values"),
    [
        ("epic", ["database"]),
        ("feature", ["A lost shop comes back"]),
        ("story", ["A restore brings back everything"]),
        ("tag", ["RTO-DB", "postgres"]),
        ("criterion", ["RTO-DB"]),
        ("parentSuite", ["database"]),
        ("suite", ["A lost shop comes back"]),
        ("subSuite", ["A restore brings back everything"]),
        ("host", []),
    ],
)
def test_a_scenario_is_labelled(dropped, label, values):
    assert values == sorted(labelled(dropped, label))


def test_a_scenario_without_a_rule_is_its_own_story(results):
    assert ["It is opened"] == labelled(results["It is opened"], "story")


def test_the_epic_is_the_folder_in_words(results):
    assert ["disaster recovery"] == labelled(results["It is opened"], "epic")


def test_a_scenario_is_described_by_its_feature_its_rule_and_itself(dropped):
    expected = (
        "Losing it costs no more\nthan the work since the last backup.\n\nWhatever was there.\n\nIt happened twice."
    )

    assert expected == dropped["description"]


def test_a_scenario_stands_below_folders_feature_and_rule(dropped):
    expected = ["features", "database", "A lost shop comes back", "A restore brings back everything"]

    assert expected == dropped["titlePath"]


def test_outline_columns_are_the_parameters(results):
    expected = [{"name": "orders", "value": "7"}, {"name": "kept", "value": "6"}]

    assert expected == results["A shop of 7 orders"]["parameters"]
    assert "parameters" not in results["One order is missing"]


def test_only_fixtures_of_the_suite_are_shown_as_set_up(folder):
    containers = [json.loads(file.read_text()) for file in folder.glob("*-container.json")]
    names = {part["name"] for one in containers for part in (*one.get("befores", []), *one.get("afters", []))}

    assert {"engine", "vault"} == names


def test_an_interrupted_scenario_does_not_count_as_passed(project, tmp_path):
    feature = """
        Feature: Interrupted
          Scenario: The operator loses patience
            Given a shop database
            When the operator presses Ctrl-C
            Then nothing else happens
    """
    project.feature(feature, "features/interrupted.feature")
    project.run("features", "--alluredir", str(tmp_path))
    [result] = written_in(tmp_path).values()

    assert "broken" == result["status"]
    assert "interrupted before the scenario had ended" == result["statusDetails"]["message"]
    assert [
        ("Given a shop database", "passed"),
        ("When the operator presses Ctrl-C", "broken"),
        ("Then nothing else happens", "skipped"),
    ] == steps_of(result)


def test_plain_tests_are_no_evidence(project, tmp_path):
    project.write(
        "checks/test_plain.py",
        "import allure\n\ndef test_plain():\n    with allure.step('look'):\n        allure.attach('x', 'note')\n",
    )
    project.run("checks", "--alluredir", str(tmp_path))

    assert {} == written_in(tmp_path)
    assert [] == list(tmp_path.glob("*-attachment*"))
