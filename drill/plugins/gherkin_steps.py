"""Shows scenarios in Allure as they are written: Gherkin steps, Rules, criteria, outline columns.

allure-pytest alone knows nothing of Gherkin, and allure-pytest-bdd loses scenarios whose setup fails; this builds on
the former. Fixture values never appear: what a step attaches is all that shows of its data.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import ExitStack

import allure
import pytest
from allure_commons.model2 import TestResult
from pytest_bdd.parser import Step

from drill.evidence.allure_reporter import PRIVATE, EvidenceReporter
from drill.evidence.attachments import attach_csv, attach_text
from drill.plugins import scenario_result
from drill.plugins.collection import SCENARIO
from drill.plugins.foreign_frames import from_own_frame, is_foreign

pytest_plugins = ["drill.plugins.reports", "drill.plugins.results_folder"]


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Join allure-pytest where it writes results."""
    listener = config.pluginmanager.get_plugin("allure_listener")
    if listener is not None:
        steps = GherkinSteps()
        listener.allure_logger = EvidenceReporter(
            listener.allure_logger, is_evidence=steps.is_scenario, complete=steps.complete
        )
        config.pluginmanager.register(steps, "gherkin_steps")


class GherkinSteps:
    """Follows the one scenario that runs in this process at a time."""

    def __init__(self) -> None:
        self._item: pytest.Item | None = None
        self._phases: set[str] = set()
        self._begun = 0
        self._open: ExitStack | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Turn to the next test."""
        self._item, self._phases, self._begun, self._open = item, set(), 0, None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """Keep the tools' own fixtures from showing, and the values that steps hand on (``target_fixture``)."""
        if is_foreign(fixturedef.func.__module__):
            vars(fixturedef.func)["__allure_display_name__"] = PRIVATE
        return (yield)

    def pytest_bdd_before_step(self, step: Step) -> None:
        """Open the step, with its table and doc string attached."""
        self._begun += 1
        self._open = ExitStack()
        self._open.enter_context(allure.step(f"{step.keyword} {step.name}"))
        if step.datatable is not None:
            attach_csv("Data table", step.datatable.raw())
        if step.docstring is not None:
            attach_text("Doc string", step.docstring)

    def pytest_bdd_after_step(self) -> None:
        """Close a step that passed."""
        self._close(None)

    def pytest_bdd_step_error(self, exception: Exception) -> None:
        """Close a step that failed."""
        self._close(exception)

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_after_scenario(self) -> None:
        """Close a step that was left by a skip or by Ctrl-C, of which pytest-bdd does not tell."""
        if self._open is not None:
            self._close(sys.exc_info()[1])

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Remember how far the test came."""
        report = yield
        self._phases.add(report.when)
        return report

    def is_scenario(self) -> bool:
        """Whether what runs now is a scenario, and no plain test."""
        return self._item is not None and SCENARIO in self._item.stash

    def complete(self, result: TestResult) -> None:
        """Say what allure-pytest cannot know about the scenario's result."""
        if self._item is not None:
            collected = self._item.stash[SCENARIO]
            scenario_result.describe(result, self._item, collected)
            scenario_result.add_unrun_steps(result, collected.scenario.steps[self._begun :])
            scenario_result.judge_phases(result, self._phases)

    def _close(self, exception: BaseException | None) -> None:
        step, self._open = self._open, None
        if step is not None and exception is not None:
            step.__exit__(type(exception), exception, from_own_frame(exception.__traceback__))
        elif step is not None:
            step.close()
