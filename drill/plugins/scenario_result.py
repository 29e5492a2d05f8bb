"""What an Allure result says of a scenario, and how the same scenario is recognised from run to run."""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections.abc import Sequence
from pathlib import PurePosixPath

import pytest
from allure_commons.model2 import Label, Parameter, Status, StatusDetails, TestResult, TestStepResult
from allure_commons.types import LabelType
from pytest_bdd.parser import Step

from drill.plugins.collection import EXAMPLE_ROW, Collected

# allure-pytest derives suites from file names; its host label names the machine, which is nobody's business.
REPLACED = {LabelType.PARENT_SUITE, LabelType.SUITE, LabelType.SUB_SUITE, LabelType.HOST}


def describe(result: TestResult, item: pytest.Item, collected: Collected) -> None:
    """Give the result the scenario's title, place, labels, parameters and history."""
    folders = PurePosixPath(item.nodeid.split("::")[0]).parent.parts
    headings = [heading for heading in (collected.feature, collected.rule) if heading]
    result.name = collected.name
    result.description = description(collected)
    result.titlePath = [*folders, *headings]
    result.labels = labels(result.labels, collected, epic=folders[-1] if folders else "")
    variant = _variant(item)
    result.parameters = [Parameter(name, value) for name, value in collected.row.items()]
    result.parameters += [Parameter("variant", variant)] if variant else []
    identity = json.dumps([result.fullName, sorted(collected.row.items()), variant])
    result.historyId = hashlib.md5(identity.encode(), usedforsecurity=False).hexdigest()


def description(collected: Collected) -> str:
    """Return what the feature, the Rule and the scenario say below their titles."""
    scenario = collected.scenario
    texts = (scenario.feature.description, scenario.rule.description if scenario.rule else "", scenario.description)
    return "\n\n".join(textwrap.dedent(text).strip() for text in texts if text.strip())


def labels(present: Sequence[Label], collected: Collected, *, epic: str) -> list[Label]:
    """Return the labels by which the result is grouped, found and counted: those it had, and the scenario's own."""
    title = epic.replace("_", " ")
    own = [
        (LabelType.EPIC, title),
        (LabelType.FEATURE, collected.feature),
        (LabelType.STORY, collected.rule or collected.template.name),
        (LabelType.PARENT_SUITE, title),
        (LabelType.SUITE, collected.feature),
        (LabelType.SUB_SUITE, collected.rule or ""),
        *((LabelType.TAG, tag) for tag in sorted(collected.tags)),
        *(("criterion", criterion) for criterion in collected.criteria),
    ]
    kept = [(label.name, label.value) for label in present if label.name not in REPLACED]
    return [Label(name, value) for name, value in dict.fromkeys(kept + own) if value]


def add_unrun_steps(result: TestResult, steps: Sequence[Step]) -> None:
    """Show the steps that did not run as skipped, so that nobody takes them for done."""
    for step in steps:
        details = StatusDetails(message="not run")
        result.steps.append(
            TestStepResult(
                name=f"{step.keyword} {step.name}",
                status=Status.SKIPPED,
                statusDetails=details,
                start=result.stop,
                stop=result.stop,
            )
        )


def judge_phases(result: TestResult, phases: set[str]) -> None:
    """Correct what allure-pytest makes of a scenario whose promise was never put to the test.

    A failed check while setting up disproves nothing. After Ctrl-C the phases that passed would count as a pass.
    """
    if "call" not in phases and result.status == Status.FAILED:
        result.status = Status.BROKEN
    if "teardown" not in phases and result.status in (Status.PASSED, Status.SKIPPED):
        result.status = Status.BROKEN
        result.statusDetails = StatusDetails(message="interrupted before the scenario had ended")


def _variant(item: pytest.Item) -> str | None:
    """Return the id that tells runs on several parameters of a fixture apart; their values may not be shown."""
    if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
        return item.callspec.id if set(item.callspec.params) - {EXAMPLE_ROW} else None
    return None
