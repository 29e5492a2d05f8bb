"""Placeholders, columns and rows of outlines: each fault is seen, with its line."""

import pytest
from example_faults import feature, problems_of

FAULTS = {
    "an outline without examples": (
        "Scenario Outline: One\n  Given a shop",
        '2: the outline "One" has no Examples | add "Examples:" and a table, or write "Scenario:"',
    ),
    "examples without a table": (
        "Scenario Outline: One\n  Given a shop\n  Examples:",
        "4: these Examples have no rows: nothing of them would run | "
        "add a heading and at least one row, or delete them",
    ),
    "examples with a heading only": (
        "Scenario Outline: <a>\n  Given a shop\n  Examples:\n    | a |",
        "4: these Examples have no rows: nothing of them would run | "
        "add a heading and at least one row, or delete them",
    ),
    "a placeholder without a column": (
        "Scenario Outline: <a>\n  Given a <size> shop\n  Examples:\n    | a |\n    | 1 |",
        '3: <size> has no column in the Examples of "<a>" | add a column size to each of its tables',
    ),
    "a placeholder that is nearly a column": (
        "Scenario Outline: <sizes>\n  Given a <size> shop\n  Examples:\n    | size |\n    | 1    |",
        '2: <sizes> has no column in the Examples of "<sizes>" | did you mean <size>?',
    ),
    "a placeholder without a column in the second table": (
        "Scenario Outline: <a>\n  Given <b>\n"
        "  Examples:\n    | a | b |\n    | 1 | 2 |\n  Examples:\n    | a |\n    | 1 |",
        '3: <b> has no column in the Examples of "<a>" | add a column b to each of its tables',
    ),
    "a placeholder without a column in a table": (
        "Scenario Outline: <a>\n  Given a shop\n    | <b> |\n  Examples:\n    | a |\n    | 1 |",
        '4: <b> has no column in the Examples of "<a>" | add a column b to each of its tables',
    ),
    "a placeholder without a column in a doc string": (
        'Scenario Outline: <a>\n  Given a shop\n    """\n    text\n    <b>\n    """\n  Examples:\n    | a |\n    | 1 |',
        '6: <b> has no column in the Examples of "<a>" | add a column b to each of its tables',
    ),
    "a placeholder in a background that one outline does not fill": (
        "Background:\n  Given a <size> shop\nScenario: One\n  Given a shop",
        '3: <size> stays as it is, since "One" has no Examples | '
        "add Examples with a column size, or remove the angle brackets",
    ),
    "a placeholder in a plain scenario": (
        "Scenario: One\n  Given a <size> shop",
        '3: <size> stays as it is, since "One" has no Examples | '
        "add Examples with a column size, or remove the angle brackets",
    ),
    "a column that nothing uses": (
        "Scenario Outline: <a>\n  Given a shop\n  Examples:\n    | a | why |\n    | 1 | so  |",
        "5: no step and no name uses the column <why> | use it in a step, or remove it",
    ),
    "two columns of one name": (
        "Scenario Outline: <a>\n  Given a shop\n  Examples:\n    | a | a |\n    | 1 | 2 |",
        "5: 2 columns are named <a>; only the last would be used | give every column a name of its own",
    ),
    "a row that repeats another": (
        "Scenario Outline: <a>\n  Given <b>\n"
        "  Examples:\n    | a | b |\n    | 1 | 2 |\n  Examples:\n    | b | a |\n    | 2 | 1 |",
        "9: this row repeats the one in line 6 | change it, or remove it",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_is_seen_in_its_line_and_is_one_problem(fault):
    body, problem = FAULTS[fault]

    assert [problem] == problems_of(feature(body))
