"""What Allure shows of a run: scenarios as they are written, what did not run, and no secret."""

import json
import shutil
from pathlib import Path

import pytest

SECRET = 'pass"w0rd/of the shop'
RESULTS = "reports/allure-results"
MORE_STEPS = f"""
import logging
import os

import allure
import pytest
from drill.evidence.attachments import attach_file, attach_json, attach_text
from drill.evidence.redaction import conceal
from pytest_bdd import given, parsers, then, when

SECRET = {SECRET!r}

@pytest.fixture(autouse=True)
def engine(request):
    if request.node.get_closest_marker("slow"):
        raise RuntimeError("no engine answers as " + SECRET)
    if request.node.get_closest_marker("unsound"):
        assert "engine" == "none"

@pytest.fixture
def vault(tmp_path):
    conceal(SECRET)
    print("the vault is opened with", SECRET)
    logging.getLogger("vault").warning("opened with %s", SECRET)
    yield {{"dsn": "postgresql://shop:" + SECRET + "@localhost/shop"}}

conceal(SECRET)

@given("a vault")
def a_vault(vault):
    pass

@given("nobody can check")
def unchecked():
    pytest.skip("no engine answers")

@when(parsers.parse("it is opened with {{word}}"))
def opened(vault, word, tmp_path):
    with allure.step("turn the key"):
        with allure.step("to the left"):
            attach_text("sound", "click " + SECRET)
    log = tmp_path / "vault.log"
    log.write_text("opened: " + SECRET)
    attach_file("log", log)
    attach_json("facts", {{"dsn": vault["dsn"], "turns": 1}})
    allure.attach(SECRET, "raw " + SECRET)

@then("it holds gold")
def holds_gold(vault):
    assert vault["dsn"] == "gold"

@when("the operator presses Ctrl-C")
def interrupted():
    raise KeyboardInterrupt
"""
SHOP = """
    @postgres
    Feature: A lost shop comes back

      Losing it costs no more
      than the work since the last backup.

      Background:
        Given a shop database

      Rule: A restore brings back everything
        Whatever was there.

        @RTO-DB
        Scenario: The whole database is dropped
          It happened twice.
          Given the tables
            | orders | 3        |
            | note   | "a", "b" |
          And the note
            \"\"\"
            Open at nine.
            \"\"\"
          When it is dropped and restored
          Then nothing is lost

        @INT-PG-LOGICAL
        Scenario: One order is missing
          When it is dropped and restored
          Then it holds 4 orders
          And nothing is lost
          And nothing else happens

      Scenario Outline: A shop of <orders> orders
        Given a shop database holding <orders> orders
        When it is dropped and restored
        Then it holds <kept> orders

        Examples:
          | orders | kept |
          | 5      | 5    |
          | 7      | 6    |
"""
VAULT = f"""
    Feature: A vault keeps its secrets

      Scenario: It is opened
        Given a vault
        When it is opened with {SECRET}
        Then it holds gold

      Scenario: Nobody looks
        Given a vault
        And nobody can check
        Then it holds gold

      @skip
      Scenario: It is left out
        Given a vault

      @slow
      Scenario: The engine does not answer
        Given a vault

      @unsound
      Scenario: The engine is not the one
        Given a vault
"""


def written_in(folder: Path) -> dict[str, dict]:
    """The results of a folder by the scenarios' names."""
    files = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*-result.json")]
    return {result["name"]: result for result in files}


@pytest.fixture(scope="module")
def shop(shared_project):
    shared_project.write("vault_steps.py", MORE_STEPS)
    conftest = shared_project.root / "conftest.py"
    conftest.write_text(conftest.read_text().replace("'shop_steps'", "'shop_steps', 'vault_steps'"))
    settings = shared_project.root / "pyproject.toml"
    settings.write_text(settings.read_text().replace('markers = ["', 'markers = ["unsound: setup fails", "'))
    shared_project.feature(SHOP, "features/database/shop.feature")
    shared_project.feature(VAULT, "features/disaster_recovery/vault.feature")
    return shared_project


@pytest.fixture(scope="module")
def run(shop):
    return shop.run("features")


@pytest.fixture(scope="module")
def results(shop, run):
    return written_in(shop.root / RESULTS)


@pytest.fixture(scope="module")
def dropped(results):
    return results["The whole database is dropped"]


def steps(result):
    return [(step["name"], step["status"]) for step in result["steps"]]


def labelled(result, name):
    return [label["value"] for label in result["labels"] if label["name"] == name]


def attached(shop, step):
    folder = shop.root / RESULTS
    return {one["name"]: (one.get("type"), (folder / one["source"]).read_text()) for one in step["attachments"]}


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


def test_gherkin_steps_are_steps(dropped):
    expected = [
        ("Given a shop database", "passed"),
        ("Given the tables", "passed"),
        ("And the note", "passed"),
        ("When it is dropped and restored", "passed"),
        ("Then nothing is lost", "passed"),
    ]

    assert expected == steps(dropped)


def test_steps_after_a_failure_are_shown_as_not_run(results):
    expected = [
        ("Given a shop database", "passed"),
        ("When it is dropped and restored", "passed"),
        ("Then it holds 4 orders", "failed"),
        ("And nothing is lost", "skipped"),
        ("And nothing else happens", "skipped"),
    ]
    result = results["One order is missing"]

    assert expected == steps(result)
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
    ] == steps(skipped)
    assert "no engine answers" in skipped["steps"][1]["statusDetails"]["message"]
    assert "not run" == skipped["steps"][2]["statusDetails"]["message"]


@pytest.mark.parametrize("name", ["It is left out", "The engine does not answer"])
def test_a_scenario_that_never_began_shows_its_steps_as_not_run(results, name):
    assert [("Given a vault", "skipped")] == steps(results[name])
    assert ["A vault keeps its secrets"] == labelled(results[name], "feature")


def test_a_check_that_fails_while_setting_up_disproves_nothing(results):
    assert "broken" == results["The engine is not the one"]["status"]


def test_steps_within_a_step_are_nested(results):
    opened = results["It is opened"]["steps"][1]

    assert ["turn the key"] == [step["name"] for step in opened["steps"]]
    assert ["to the left"] == [step["name"] for step in opened["steps"][0]["steps"]]


def test_data_tables_and_doc_strings_are_attached_to_their_step(shop, dropped):
    table, note = dropped["steps"][1], dropped["steps"][2]

    assert {"Data table": ("text/csv", 'orders,3\nnote,"""a"", ""b"""\n')} == attached(shop, table)
    assert {"Doc string": ("text/plain", "Open at nine.")} == attached(shop, note)


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


def test_only_fixtures_of_the_suite_are_shown_as_set_up(shop, run):
    containers = [json.loads(file.read_text()) for file in (shop.root / RESULTS).glob("*-container.json")]
    names = {part["name"] for one in containers for part in (*one.get("befores", []), *one.get("afters", []))}

    assert {"engine", "vault"} == names


def test_a_concealed_secret_is_nowhere_in_the_results(shop, run):
    files = [file for file in (shop.root / RESULTS).iterdir() if file.is_file()]
    forms = [SECRET, json.dumps(SECRET)[1:-1], repr(SECRET)[1:-1]]

    assert [] == [file.name for file in files if any(form in file.read_text() for form in forms)]


def test_a_concealed_secret_is_nowhere_on_the_terminal(run):
    assert SECRET not in run.stdout + run.stderr
    assert "postgresql://shop:•••@localhost/shop" in run.stdout


def test_what_was_concealed_is_masked_where_it_was(shop, results):
    opened = results["It is opened"]
    step = opened["steps"][1]

    assert "When it is opened with •••" == step["name"]
    assert "+ postgresql://shop:•••@localhost/shop" in opened["statusDetails"]["message"]
    assert "•••" in opened["statusDetails"]["trace"]
    assert ("text/plain", "click •••") == attached(shop, step["steps"][0]["steps"][0])["sound"]
    assert ("text/plain", "opened: •••") == attached(shop, step)["log"]
    assert "the vault is opened with •••\n" == attached(shop, opened)["stdout"][1]
    assert "no engine answers as •••" in results["The engine does not answer"]["statusDetails"]["message"]


def identities(results):
    return {name: (one["historyId"], one["testCaseId"]) for name, one in results.items()}


def test_every_row_has_a_history_of_its_own(results):
    assert len(results) == len({result["historyId"] for result in results.values()})
    assert results["A shop of 5 orders"]["testCaseId"] == results["A shop of 7 orders"]["testCaseId"]


def test_histories_outlive_moved_lines_other_checkouts_other_directories_and_workers(shop, results, tmp_path):
    checkout = tmp_path / "elsewhere"
    shutil.copytree(shop.root, checkout, ignore=shutil.ignore_patterns("reports", "__pycache__"))
    feature = checkout / "features" / "database" / "shop.feature"
    moved = "# moved\n\n" + feature.read_text().replace("| orders | kept |", "| kept | orders |")
    feature.write_text(moved.replace("| 7      | 6    |", "| 6 | 7 |"))

    shop.run("-n", "2", "../features", folder=checkout / "features")

    assert identities(results) == identities(written_in(checkout / RESULTS))


def test_two_workers_record_what_one_process_does(shop, results):
    folder = shop.root / "two-workers"
    shop.run("-n", "2", "features", "--alluredir", str(folder))
    parallel = written_in(folder)

    assert {name: (one["status"], steps(one)) for name, one in results.items()} == {
        name: (one["status"], steps(one)) for name, one in parallel.items()
    }


def test_an_interrupted_scenario_does_not_count_as_passed(shop, tmp_path):
    feature = """
        Feature: Interrupted
          Scenario: The operator loses patience
            Given a shop database
            When the operator presses Ctrl-C
            Then nothing else happens
    """
    shop.feature(feature, "interrupted/interrupted.feature")
    shop.run("interrupted", "--alluredir", str(tmp_path))
    [result] = written_in(tmp_path).values()

    assert "broken" == result["status"]
    assert "interrupted before the scenario had ended" == result["statusDetails"]["message"]
    assert [
        ("Given a shop database", "passed"),
        ("When the operator presses Ctrl-C", "broken"),
        ("Then nothing else happens", "skipped"),
    ] == steps(result)


def test_plain_tests_are_recorded_as_ever(shop, tmp_path):
    shop.write(
        "checks/test_plain.py", "import allure\n\ndef test_plain():\n    with allure.step('look'):\n        pass\n"
    )
    shop.run("checks", "--alluredir", str(tmp_path))
    [result] = written_in(tmp_path).values()

    assert ("test_plain", "passed", [("look", "passed")]) == (result["name"], result["status"], steps(result))
