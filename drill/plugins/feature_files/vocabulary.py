"""The step definitions and fixtures that one feature file can see."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_bdd.compat import get_fixture_names, getfixturedefs
from pytest_bdd.parser import Step
from pytest_bdd.scenario import STEP_ARGUMENTS_RESERVED_NAMES
from pytest_bdd.steps import StepFunctionContext, step_function_context_registry
from pytest_bdd.utils import get_required_args


@dataclass(frozen=True, slots=True)
class Definition:
    """One step definition: the sentence it matches, the function behind it and where that stands."""

    context: StepFunctionContext
    place: str

    @property
    def sentence(self) -> str:
        """The sentence as the definition writes it, with its arguments in braces."""
        return str(self.context.parser.name)

    @property
    def provides(self) -> str | None:
        """The fixture that the step fills for later steps."""
        return self.context.target_fixture

    def matches(self, step: Step) -> bool:
        """Say whether the sentence matches, whatever the keyword."""
        return self.context.parser.is_matching(step.name)

    def serves(self, step: Step) -> bool:
        """Say whether keyword and sentence match."""
        return self.context.type in (None, step.type) and self.matches(step)

    def takes(self, argument: str) -> bool:
        """Say whether the function has a parameter of this name."""
        return argument in inspect.signature(self.context.step_func).parameters

    def requires(self, argument: str) -> bool:
        """Say whether the function has such a parameter without a default."""
        return argument in get_required_args(self.context.step_func)

    def needs(self, step: Step) -> list[str]:
        """Return the fixtures that the function asks for when it runs this step."""
        given = {*(self.context.parser.parse_arguments(step.name) or {}), *STEP_ARGUMENTS_RESERVED_NAMES, "request"}
        return [argument for argument in get_required_args(self.context.step_func) if argument not in given]


class Vocabulary:
    """What the steps of one feature file may say, and which fixtures they may ask for."""

    def __init__(self, module: pytest.Module) -> None:
        self._module = module
        self._fixtures = module.session._fixturemanager
        self.definitions: Sequence[Definition] = self._visible()

    def has_fixture(self, name: str) -> bool:
        """Say whether a fixture of this name can be seen from the feature file."""
        return bool(getfixturedefs(self._fixtures, name, self._module))

    def _visible(self) -> list[Definition]:
        """Ask pytest, as pytest-bdd does when a step runs: both look at fixtures, for want of a public list."""
        functions = (
            definition.func
            for name in get_fixture_names(self._fixtures)
            for definition in getfixturedefs(self._fixtures, name, self._module) or ()
        )
        contexts = (step_function_context_registry.get(function) for function in functions)
        return [Definition(context, self._place(context)) for context in contexts if context is not None]

    def _place(self, context: StepFunctionContext) -> str:
        code = inspect.unwrap(context.step_func).__code__
        file, root = Path(code.co_filename), self._module.config.rootpath
        name = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name
        return f"{name}:{code.co_firstlineno}"
