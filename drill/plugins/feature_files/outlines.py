"""Placeholders without a column, columns without a placeholder, Examples without rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from pytest_bdd.gherkin_parser import ExamplesTable, Feature, Scenario, Step

from drill.plugins.feature_files.anatomy import PlacedScenario, scenarios
from drill.plugins.feature_files.dialect import keywords
from drill.plugins.feature_files.problem import Problem, nearest

# Narrower than pytest-bdd's own <.+?>: "fewer than < 5 or > 7" holds no placeholder.
PLACEHOLDER = re.compile(r"<(\w[^<>]*(?<!\s))>")
Uses = Iterator[tuple[str, int]]
"""Names of placeholders with the lines that they stand in."""


def problems(feature: Feature) -> Iterator[Problem]:
    """Yield what would leave a placeholder unfilled, a column unread or an outline without a row."""
    outlines = keywords(feature.language).outlines
    for placed in scenarios(feature):
        scenario = placed.scenario
        if scenario.keyword in outlines and not scenario.examples:
            what = f'the outline "{scenario.name}" has no Examples'
            yield Problem(scenario.location.line, what, 'add "Examples:" and a table, or write "Scenario:"')
        for examples in scenario.examples:
            yield from _incomplete(examples)
        yield from _unfilled(placed) if scenario.examples else _unfillable(placed)
        yield from _unread(placed)
        yield from _repeated(scenario)


def _incomplete(examples: ExamplesTable) -> Iterator[Problem]:
    if not examples.table_header or not examples.table_body:
        what = "these Examples have no rows: nothing of them would run"
        yield Problem(examples.location.line, what, "add a heading and at least one row, or delete them")
    for column, count in Counter(_columns(examples)).items():
        if count > 1:
            what = f"{count} columns are named <{column}>; only the last would be used"
            yield Problem(_heading_line(examples), what, "give every column a name of its own")


def _unfillable(placed: PlacedScenario) -> Iterator[Problem]:
    for name, line in dict.fromkeys(_plain_uses(placed)):
        what = f'<{name}> stays as it is, since "{placed.scenario.name}" has no Examples'
        yield Problem(line, what, f"add Examples with a column {name}, or remove the angle brackets")


def _unfilled(placed: PlacedScenario) -> Iterator[Problem]:
    tables = [set(_columns(examples)) for examples in placed.scenario.examples if examples.table_header]
    for name, line in dict.fromkeys((*_plain_uses(placed), *_doc_string_uses(placed))):
        if any(name not in columns for columns in tables):
            alike = nearest(name, set().union(*tables) - {name})
            remedy = f"did you mean <{alike}>?" if alike else f"add a column {name} to each of its tables"
            yield Problem(line, f'<{name}> has no column in the Examples of "{placed.scenario.name}"', remedy)


def _unread(placed: PlacedScenario) -> Iterator[Problem]:
    used = {name for name, _ in (*_plain_uses(placed), *_doc_string_uses(placed))}
    for examples in placed.scenario.examples:
        for column in dict.fromkeys(_columns(examples)):
            if column not in used:
                what = f"no step and no name uses the column <{column}>"
                yield Problem(_heading_line(examples), what, "use it in a step, or remove it")


def _repeated(scenario: Scenario) -> Iterator[Problem]:
    """The same values twice prove nothing twice, and would share one history."""
    seen: dict[frozenset[tuple[str, str]], int] = {}
    for examples in scenario.examples:
        for row in examples.table_body or []:
            values = frozenset(zip(_columns(examples), (cell.value for cell in row.cells), strict=True))
            earlier = seen.setdefault(values, row.location.line)
            if earlier != row.location.line:
                what = f"this row repeats the one in line {earlier}"
                yield Problem(row.location.line, what, "change it, or remove it")


def _plain_uses(placed: PlacedScenario) -> Uses:
    yield from _found(placed.scenario.name, placed.scenario.location.line)
    for step in placed.steps:
        yield from _found(step.text, step.location.line)
        yield from _table_uses(step)


def _table_uses(step: Step) -> Uses:
    for row in step.datatable.rows if step.datatable else []:
        for cell in row.cells:
            yield from _found(cell.value, row.location.line)


def _doc_string_uses(placed: PlacedScenario) -> Uses:
    """Apart from the others: in a scenario without Examples a doc string may well hold markup."""
    for docstring in (step.docstring for step in placed.steps if step.docstring):
        for number, line in enumerate(docstring.content.splitlines(), docstring.location.line + 1):
            yield from _found(line, number)


def _found(text: str, line: int) -> Uses:
    return ((name, line) for name in PLACEHOLDER.findall(text))


def _columns(examples: ExamplesTable) -> list[str]:
    return [cell.value for cell in examples.table_header.cells] if examples.table_header else []


def _heading_line(examples: ExamplesTable) -> int:
    return examples.table_header.location.line if examples.table_header else examples.location.line
