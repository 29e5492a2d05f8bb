"""Steps that nobody defined, that two define, or whose function would not get what it asks for."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_bdd.parser import Feature, Scenario, ScenarioTemplate, Step
from pytest_bdd.scenario import STEP_ARGUMENT_DATATABLE, STEP_ARGUMENT_DOCSTRING

from drill.plugins.feature_files.problem import Problem, nearest
from drill.plugins.feature_files.vocabulary import Definition, Vocabulary

UNDEFINED_LIKENESS = 0.7


def problems(feature: Feature, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Yield the first problem of every step line, over all scenarios and rows that run it."""
    found: dict[int, Problem] = {}
    for template in feature.scenarios.values():
        for scenario in _rendered(template):
            for problem in _in_scenario(scenario, vocabulary):
                found.setdefault(problem.line, problem)
    yield from found.values()


def _rendered(template: ScenarioTemplate) -> Iterator[Scenario]:
    rows = [row for examples in template.examples for row in examples.as_contexts()]
    return (template.render(row) for row in rows or [{}])


def _in_scenario(scenario: Scenario, vocabulary: Vocabulary) -> Iterator[Problem]:
    provided: set[str] = set()
    certain = True  # an undefined step may be the one that would have provided what a later one needs
    for step in scenario.steps:
        definitions = [definition for definition in vocabulary.definitions if definition.serves(step)]
        if len(definitions) != 1:
            certain = False
            yield _ambiguous(step, definitions) if definitions else _undefined(step, vocabulary)
            continue
        [definition] = definitions
        yield from _mismatched_arguments(step, definition)
        if certain:
            yield from _unprovided(step, definition, provided, vocabulary)
        provided |= {definition.provides} if definition.provides else set()


def _undefined(step: Step, vocabulary: Vocabulary) -> Problem:
    what = f"no step definition matches {_quoted(step)}"
    for definition in vocabulary.definitions:
        if definition.matches(step):
            kind = str(definition.context.type).capitalize()
            return Problem(step.line_number, what, f"{definition.place} defines it for {kind} only: use that keyword")
    sentences = {definition.sentence: definition.place for definition in vocabulary.definitions}
    alike = nearest(step.name, sentences, likeness=UNDEFINED_LIKENESS)
    hint = f'did you mean "{alike}" ({sentences[alike]})?' if alike else "define it in steps/, or say it in other words"
    return Problem(step.line_number, what, hint)


def _ambiguous(step: Step, definitions: list[Definition]) -> Problem:
    places = " and ".join(definition.place for definition in definitions)
    what = f"{len(definitions)} step definitions match {_quoted(step)}: {places}"
    return Problem(step.line_number, what, "keep one of them, or make their sentences differ")


def _mismatched_arguments(step: Step, definition: Definition) -> Iterator[Problem]:
    arguments = (
        ("data table", STEP_ARGUMENT_DATATABLE, step.datatable is not None),
        ("doc string", STEP_ARGUMENT_DOCSTRING, step.docstring is not None),
    )
    for kind, argument, given in arguments:
        if given and not definition.takes(argument):
            what = f"the {kind} of {_quoted(step)} would never be read"
            remedy = f"give the function at {definition.place} a parameter {argument}, or remove the {kind}"
            yield Problem(step.line_number, what, remedy)
        if not given and definition.requires(argument):
            what = f"{_quoted(step)} has no {kind}, and {definition.place} cannot do without"
            yield Problem(step.line_number, what, f"write the {kind} below the step")


def _unprovided(step: Step, definition: Definition, provided: set[str], vocabulary: Vocabulary) -> Iterator[Problem]:
    for name in definition.needs(step):
        if name not in provided and not vocabulary.has_fixture(name):
            what = f"{_quoted(step)} needs {name} ({definition.place}), which no fixture and no earlier step provides"
            sources = [f'"{other.sentence}"' for other in vocabulary.definitions if other.provides == name]
            remedy = f"say one of these before it: {', '.join(sources)}" if sources else f"write a fixture {name}"
            yield Problem(step.line_number, what, remedy)


def _quoted(step: Step) -> str:
    return f'"{step.keyword} {step.name}"'
