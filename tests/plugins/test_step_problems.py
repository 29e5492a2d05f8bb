"""What steps may not say: each fault stops the run before anything has run, and is told with its remedy."""

import re
from textwrap import dedent

import example_project
import pytest

MORE_STEPS = """
from pytest_bdd import given, parsers, step, then, when

@given("a backup", target_fixture="backup")
def backup(shop):
    return shop

@given("two of a kind")
def first():
    pass

@given(parsers.parse("two of a {kind}"))
def second(kind):
    pass

@given("notes that may have a table")
def optional(datatable=()):
    pass

@step("anything")
def anything():
    pass

@then("the backup is found")
def found(backup, catalogue):
    pass
"""
FAULTS = {
    "undefined": (
        "Given a planet",
        'no step definition matches "Given a planet"',
        "define it in steps/, or say it in other words",
    ),
    "nearly defined": (
        "Given a shops database",
        'no step definition matches "Given a shops database"',
        'did you mean "a shop database" (shop_steps.py:3)?',
    ),
    "defined for another keyword": (
        "When a shop database",
        'no step definition matches "When a shop database"',
        "shop_steps.py:3 defines it for Given only: use that keyword",
    ),
    "ambiguous": (
        "Given two of a kind",
        '2 step definitions match "Given two of a kind": more_steps.py:7 and more_steps.py:11',
        "keep one of them, or make their sentences differ",
    ),
    "unread table": (
        "Given a shop database\n      | a |",
        'the data table of "Given a shop database" would never be read',
        "give the function at shop_steps.py:3 a parameter datatable, or remove the data table",
    ),
    "unread doc string": (
        'Given a shop database\n      """\n      text\n      """',
        'the doc string of "Given a shop database" would never be read',
        "give the function at shop_steps.py:3 a parameter docstring, or remove the doc string",
    ),
    "missing table": (
        "Given the tables",
        '"Given the tables" has no data table, and shop_steps.py:11 cannot do without',
        "write the data table below the step",
    ),
    "missing doc string": (
        "Given the note",
        '"Given the note" has no doc string, and shop_steps.py:15 cannot do without',
        "write the doc string below the step",
    ),
    "unprovided": (
        "Given a backup",
        '"Given a backup" needs shop (more_steps.py:3), which no fixture and no earlier step provides',
        'say one of these before it: "a shop database", "a shop database holding {orders:d} orders", '
        '"the note", "the tables"',
    ),
    "provided by nothing": (
        "Given a shop database\n    And a backup\n    Then the backup is found",
        '"Then the backup is found" needs catalogue (more_steps.py:23), which no fixture and no earlier step provides',
        "write a fixture catalogue",
    ),
}
SOUND = """
    Given a shop database
    And a backup
    And notes that may have a table
    And anything
    And the tables
      | orders | 3 |
    When anything
    Then nothing else happens
"""


def written(steps: str) -> str:
    return f"Feature: Shop\n  Scenario: One\n    {steps.strip()}\n"


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    project = example_project.created(tmp_path_factory.mktemp("project"), more_steps=MORE_STEPS)
    for fault, (steps, _, _) in FAULTS.items():
        project.feature(written(steps), f"features/{fault.replace(' ', '_')}.feature")
    project.feature(written(SOUND), "features/sound.feature")
    project.feature(
        dedent("""
            Feature: Shop
              Background:
                Given a planet
              Scenario Outline: <size>
                Given a <size> shop
                Then the backup is found
                Examples:
                  | size |
                  | big  |
                  | tiny |
              Scenario: Plain
                Given a shop database
        """).lstrip("\n"),
        "features/outline.feature",
    )
    return project.run("features").stdout


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_is_told_with_its_line_and_its_remedy(fault, output):
    steps, what, remedy = FAULTS[fault]
    line = 3 + [text.strip() for text in steps.splitlines()].index(faulty_step(what))

    assert f"features/{fault.replace(' ', '_')}.feature:{line}: {what}\n    {remedy}\n" in output


def faulty_step(what: str) -> str:
    return re.search(r'"((?:Given|When|Then) .*?)"', what)[1]


def test_a_sound_feature_is_collected(output):
    assert "sound.feature" not in output


def test_nothing_runs_while_any_feature_is_at_fault(output):
    assert f"{len(FAULTS) + 1} errors in" in output
    assert "passed" not in output


def test_a_step_of_a_background_or_an_outline_is_told_once(output):
    told = re.findall(r"features/outline.feature:(\d+): (.*)", output)

    assert [
        ("3", 'no step definition matches "Given a planet"'),
        ("5", 'no step definition matches "Given a big shop"'),
    ] == told
