"""Collects ``.feature`` files as pytest modules: ``pytest features/``, ``pytest features/x.feature::test_y``.

A scenario is an ordinary test function of its file, so that fixtures, ``-k`` (feature, Rule and scenario words too),
``-m``, ``--lf`` and ``-n 2`` work as everywhere. A file in which anything is wrong is a collection error that lists all
of it, and stops the run before the first scenario.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from pytest_bdd.feature import get_feature
from pytest_bdd.parser import Scenario, ScenarioTemplate
from pytest_bdd.scenario import make_python_name, scenario, scenario_wrapper_template_registry

from drill.plugins.feature_files import judgement
from drill.plugins.feature_files.tags import names_criterion
from drill.plugins.feature_files.vocabulary import Vocabulary

EXAMPLE_ROW = "_pytest_bdd_example"


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collected test item proves.

    Attributes:
        template: The scenario as written, placeholders and all.
        scenario: The scenario as it runs, filled in from its row.
        tags: Every tag that holds for it: of the feature, the Rule, the scenario and its Examples.
        row: The outline's columns and this row's values; empty for a plain scenario.
    """

    template: ScenarioTemplate
    scenario: Scenario
    tags: frozenset[str]
    row: Mapping[str, str]

    @property
    def feature(self) -> str:
        """The promise of the feature."""
        return self.scenario.feature.name

    @property
    def rule(self) -> str | None:
        """The Rule that the scenario stands under."""
        return self.scenario.rule.name if self.scenario.rule else None

    @property
    def name(self) -> str:
        """The scenario's name with its placeholders filled in."""
        return self.scenario.name

    @property
    def line(self) -> int:
        """The line of the scenario in its file, counted from one."""
        return self.scenario.line_number

    @property
    def criteria(self) -> tuple[str, ...]:
        """The tags that have the form of a criterion's id, sorted."""
        return tuple(sorted(filter(names_criterion, self.tags)))


SCENARIO = pytest.StashKey[Collected]()


class FeatureModule(pytest.Module):
    """A feature file; its scenarios are its test functions."""

    def _getobj(self) -> ModuleType:
        problems = judgement.problems(
            self.path, known_tags=registered_markers(self.config), vocabulary=Vocabulary(self)
        )
        if problems:
            raise self.CollectError("\n".join(problem.described(self.nodeid) for problem in problems))
        return _bound(self.path)

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Yield the scenarios, each knowing what it proves and where it is written."""
        for item in super().collect():
            if isinstance(item, pytest.Function):
                collected = _collected(item)
                item.stash[SCENARIO] = collected
                item.extra_keyword_matches |= {collected.feature, collected.rule or "", collected.name}
                # pytest offers no other way to place a generated function: it would point into pytest-bdd.
                item.reportinfo = partial(_place, self.path, collected.line, item.name)  # type: ignore[method-assign]
            yield item


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take every ``.feature`` file for a module."""
    return FeatureModule.from_parent(parent, path=file_path) if file_path.suffix == ".feature" else None


class WorkerErrors:
    """Stops the run when pytest-xdist's workers could not collect everything; xdist itself would run the rest."""

    def __init__(self) -> None:
        self._errors = 0

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count what the workers could not collect; xdist tells each error once."""
        self._errors += report.failed

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self) -> None:
        """Stop before anything is handed out, when the first worker has told all its errors."""
        if self._errors:
            plural = "s" if self._errors > 1 else ""
            raise pytest.Session.Interrupted(f"{self._errors} error{plural} during collection")


def pytest_configure(config: pytest.Config) -> None:
    """Watch over the workers, should there be any."""
    if not config.option.continue_on_collection_errors:
        config.pluginmanager.register(WorkerErrors(), "worker_errors")


def registered_markers(config: pytest.Config) -> frozenset[str]:
    """Return the markers that pytest knows: a name ends at the first colon or bracket."""
    return frozenset(re.split("[:(]", line)[0].strip() for line in config.getini("markers"))


def _bound(path: Path) -> ModuleType:
    """Return a module that holds a test function for each scenario of the file."""
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    for name in get_feature(str(path.parent), path.name).scenarios:
        bind = scenario(path.name, name, features_base_dir=str(path.parent))
        setattr(module, f"test_{make_python_name(name)}", bind(lambda: None))
    return module


def _collected(item: pytest.Function) -> Collected:
    template = scenario_wrapper_template_registry[item.obj]
    row: Mapping[str, str] = item.callspec.params.get(EXAMPLE_ROW, {}) if hasattr(item, "callspec") else {}  # type: ignore[assignment]
    written = template.tags | template.feature.tags | (template.rule.tags if template.rule else set())
    written = written.union(*(examples.tags for examples in template.examples))
    tags = written & {mark.name for mark in item.iter_markers()}
    return Collected(template, template.render(row), frozenset(tags), row)


def _place(path: Path, line: int, name: str) -> tuple[os.PathLike[str], int, str]:
    """Return what pytest's ``reportinfo`` does; its lines count from zero."""
    return path, line - 1, name
