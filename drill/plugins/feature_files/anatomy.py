"""The parts of a feature: who stands in what, and which steps a scenario inherits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_bdd.gherkin_parser import Background, Feature, Rule, Scenario, Step, Tag

Block = Feature | Rule | Background | Scenario


@dataclass(frozen=True, slots=True)
class PlacedScenario:
    """A scenario with the Background steps that run before its own."""

    scenario: Scenario
    inherited: tuple[Step, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in the order in which they run."""
        return (*self.inherited, *self.scenario.steps)


def rules(feature: Feature) -> list[Rule]:
    """Return the Rules of the feature."""
    return [child.rule for child in feature.children if child.rule]


def parents(feature: Feature) -> list[Feature | Rule]:
    """Return everything that may hold a Background and scenarios: the feature itself and its Rules."""
    return [feature, *rules(feature)]


def backgrounds(*owners: Feature | Rule) -> list[Background]:
    """Return the Backgrounds that belong to these themselves."""
    return [child.background for owner in owners for child in owner.children if child.background]


def scenarios(feature: Feature) -> list[PlacedScenario]:
    """Return every scenario of the feature, also those inside Rules."""
    found: list[PlacedScenario] = []
    for parent in parents(feature):
        ancestry = [feature] if parent is feature else [feature, parent]
        inherited = tuple(step for background in backgrounds(*ancestry) for step in background.steps)
        found += [PlacedScenario(child.scenario, inherited) for child in parent.children if child.scenario]
    return found


def blocks(feature: Feature) -> Iterator[Block]:
    """Yield everything that may have a description."""
    yield feature
    yield from rules(feature)
    yield from backgrounds(*parents(feature))
    yield from (placed.scenario for placed in scenarios(feature))


def tags(feature: Feature) -> Iterator[Tag]:
    """Yield every tag of the feature, its Rules, scenarios and Examples."""
    yield from feature.tags
    for rule in rules(feature):
        yield from rule.tags
    for placed in scenarios(feature):
        yield from placed.scenario.tags
        for examples in placed.scenario.examples:
            yield from examples.tags
