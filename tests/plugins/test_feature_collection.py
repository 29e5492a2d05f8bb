"""Feature files are collected, selected and placed like any other tests."""

import json
import re

import pytest

LOST = """
    @postgres
    Feature: A lost database comes back

      Background:
        Given a shop database

      Rule: A restore brings back everything

        @RTO-DB
        Scenario: The whole database is dropped
          When it is dropped and restored
          Then nothing is lost

      @slow
      Rule: Every size is restored

        Scenario Outline: A shop of <orders> orders
          Given a shop database holding <orders> orders
          When it is dropped and restored
          Then it holds <kept> orders

          Examples: It works
            | orders | kept |
            | 5      | 5    |

          @INT-PG-LOGICAL
          Examples: It does not
            | orders | kept |
            | 7      | 6    |
"""
LEFT_OUT = """
    Feature: Caches may be cold
      @skip
      Scenario: The cache is empty
        Given a shop database
"""
DUMP = """
import json

def pytest_collection_finish(session):
    from drill.plugins.collection import SCENARIO

    seen = {}
    for item in session.items:
        found = item.stash[SCENARIO]
        seen[item.nodeid] = {
            "location": item.location, "feature": found.feature, "rule": found.rule, "name": found.name,
            "line": found.line, "tags": sorted(found.tags), "criteria": found.criteria, "row": dict(found.row),
        }
    path = session.config.rootpath / "collected.json"
    path.write_text(json.dumps(seen))
"""
DROPPED = "features/database/lost.feature::test_the_whole_database_is_dropped"
FIVE = "features/database/lost.feature::test_a_shop_of_orders_orders[5-5]"
SEVEN = "features/database/lost.feature::test_a_shop_of_orders_orders[7-6]"
COLD = "features/cache/cold.feature::test_the_cache_is_empty"


@pytest.fixture(scope="module")
def shop(shared_project):
    shared_project.feature(LOST, "features/database/lost.feature")
    shared_project.feature(LEFT_OUT, "features/cache/cold.feature")
    return shared_project


@pytest.fixture(scope="module")
def collected(shop):
    shop.write("dump.py", DUMP)
    shop.run("--collect-only", "-q", "-p", "dump", "features")
    return json.loads((shop.root / "collected.json").read_text())


def ran(shop, *arguments):
    """The scenarios that ran, with their outcomes."""
    output = shop.run("-v", *arguments).stdout
    pairs = re.findall(r"^(features/\S+) (PASSED|FAILED|SKIPPED)|(PASSED|FAILED|SKIPPED) (features/\S+)", output, re.M)
    return {before or after: first or last for before, first, last, after in pairs}


def test_a_directory_holds_all_of_its_features(collected):
    assert [COLD, DROPPED, FIVE, SEVEN] == list(collected)


@pytest.mark.parametrize(
    ("arguments", "outcomes"),
    [
        (["features/database/lost.feature"], {DROPPED: "PASSED", FIVE: "PASSED", SEVEN: "FAILED"}),
        ([SEVEN], {SEVEN: "FAILED"}),
        (["features", "-k", "cold"], {COLD: "SKIPPED"}),
        (["features", "-k", "restore and everything"], {DROPPED: "PASSED"}),
        (["features", "-k", "size or Caches"], {COLD: "SKIPPED", FIVE: "PASSED", SEVEN: "FAILED"}),
        (["features", "-m", "RTO-DB"], {DROPPED: "PASSED"}),
        (["features", "-m", "slow and not INT-PG-LOGICAL"], {FIVE: "PASSED"}),
        (["features", "-n", "2"], {COLD: "SKIPPED", DROPPED: "PASSED", FIVE: "PASSED", SEVEN: "FAILED"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_scenarios_are_selected_as_tests_are(shop, arguments, outcomes):
    assert outcomes == ran(shop, *arguments)


def test_what_failed_last_can_be_run_alone(shop):
    shop.run("features")

    assert {SEVEN: "FAILED"} == ran(shop, "--lf", "features")


def test_features_are_found_from_any_directory(shop):
    output = shop.run("..", "-q", folder=shop.root / "features").stdout

    assert "1 failed, 2 passed, 1 skipped" in output


def test_an_item_is_placed_in_its_feature_file(collected):
    assert ["features/database/lost.feature", 9, "test_the_whole_database_is_dropped"] == collected[DROPPED]["location"]


def test_a_skipped_scenario_is_told_with_the_place_in_its_feature_file(shop):
    assert "SKIPPED [1] features/cache/cold.feature:3: unconditional skip" in shop.run("features/cache").stdout


def test_an_item_knows_what_it_proves(collected):
    expected = {
        "location": ["features/database/lost.feature", 16, "test_a_shop_of_orders_orders[7-6]"],
        "feature": "A lost database comes back",
        "rule": "Every size is restored",
        "name": "A shop of 7 orders",
        "line": 17,
        "tags": ["INT-PG-LOGICAL", "postgres", "slow"],
        "criteria": ["INT-PG-LOGICAL"],
        "row": {"orders": "7", "kept": "6"},
    }

    assert expected == collected[SEVEN]


def test_the_tags_of_one_row_do_not_hold_for_another(collected):
    assert ["postgres", "slow"] == collected[FIVE]["tags"]


def test_a_failure_shows_the_step_and_nothing_of_the_tools_that_ran_it(shop):
    output = shop.run(SEVEN).stdout

    assert "shop_steps.py" in output
    assert "site-packages" not in output


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "two workers"])
def test_one_faulty_file_stops_the_run_before_the_first_scenario(project, workers):
    project.feature(LOST, "features/database/lost.feature")
    project.feature("Feature: Empty\n", "features/database/empty.feature")

    done = project.run("features", *workers)

    assert "passed" not in done.stdout
    # A line of its own: in CI pytest's summary repeats it behind "ERROR".
    assert 1 == done.stdout.splitlines().count("features/database/empty.feature:1: the feature holds no scenario")
    assert done.returncode not in (0, 5)
