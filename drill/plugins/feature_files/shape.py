"""Features that say nothing, scenarios that check nothing, names that hide one another."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_bdd.gherkin_parser import Background, Feature, Scenario
from pytest_bdd.scenario import make_python_name
from pytest_bdd.types import STEP_TYPE_BY_PARSER_KEYWORD

from drill.plugins.feature_files.anatomy import backgrounds, blocks, parents, rules, scenarios
from drill.plugins.feature_files.problem import Problem


def problems(feature: Feature) -> Iterator[Problem]:
    """Yield what is empty, nameless or doubled."""
    yield from _nameless(feature)
    yield from _doubled(feature)
    yield from _empty(feature)


def unordered(feature: Feature) -> Iterator[Problem]:
    """Yield every first step that continues a step which is not there; pytest-bdd cannot read such a file."""
    for block in blocks(feature):
        first = block.steps[0] if isinstance(block, Background | Scenario) and block.steps else None
        if first and first.keyword_type not in STEP_TYPE_BY_PARSER_KEYWORD:
            what = f'"{first.keyword} {first.text}" comes first and continues nothing'
            yield Problem(first.location.line, what, 'begin with "Given", "When" or "Then"')


def _nameless(feature: Feature) -> Iterator[Problem]:
    for block in blocks(feature):
        if not isinstance(block, Background) and not block.name.strip():
            kind = type(block).__name__
            yield Problem(block.location.line, f"this {kind} has no name", "state what it promises, as a fact")


def _doubled(feature: Feature) -> Iterator[Problem]:
    """Scenarios are found by a name in which only letters, digits and underscores count."""
    first: dict[str, int] = {}
    for scenario in (placed.scenario for placed in scenarios(feature)):
        earlier = first.setdefault(make_python_name(scenario.name), scenario.location.line)
        if scenario.name.strip() and earlier != scenario.location.line:
            yield Problem(
                scenario.location.line,
                f'a scenario with the name "{scenario.name}" stands in line {earlier} already',
                "give it a name of its own; only one of the two would run, also in different Rules",
            )


def _empty(feature: Feature) -> Iterator[Problem]:
    placed = scenarios(feature)
    if not placed:
        yield Problem(feature.location.line, "the feature holds no scenario", "add one, or delete the file")
    for rule in rules(feature):
        if placed and not any(child.scenario for child in rule.children):
            yield Problem(
                rule.location.line, f'the Rule "{rule.name}" holds no scenario', "add one, or delete the Rule"
            )
    for background in backgrounds(*parents(feature)):
        if not background.steps:
            yield Problem(background.location.line, "the Background holds no step", "add one, or delete it")
    for scenario in (one.scenario for one in placed):
        if not scenario.steps:
            yield Problem(
                scenario.location.line,
                f'the scenario "{scenario.name}" holds no step of its own and would pass',
                "add its steps, or delete it",
            )
