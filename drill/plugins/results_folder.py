"""Where Allure results go when nobody says: ``reports/allure-results``, emptied once per run.

Only a run of features and nothing else writes there: not one of ``tests/``, nor one that lists things.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drill.evidence import allure_results

FOLDER = "allure-results"
LISTINGS = (
    "help",
    "version",
    "markers",
    "collectonly",
    "showfixtures",
    "show_fixtures_per_test",
    "cacheshow",
    # Neither runs a test, and allure-pytest would record all of them as passed.
    "setuponly",
    "setupplan",
)
_CHOSEN_HERE = pytest.StashKey[Path]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the folder before allure-pytest looks for one; a worker takes its controller's, and never cleans it."""
    chosen: dict[str, str | None] | None = getattr(config, "workerinput", None)
    if chosen is not None:
        config.option.allure_report_dir = chosen[FOLDER]
        config.option.clean_alluredir = False
    elif results_folder(config) is None and _runs_features(config):
        reports = config.getoption("--reports", None) or config.rootpath / "reports"
        config.stash[_CHOSEN_HERE] = Path(reports).absolute() / FOLDER
        config.option.allure_report_dir = str(config.stash[_CHOSEN_HERE])
        try:
            config.stash[_CHOSEN_HERE].mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise pytest.UsageError(
                f"evidence cannot be written: {error.filename}: {error.strerror}; "
                "make that place writable, or name another with --reports"
            ) from None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Empty the folder before any worker starts."""
    if _CHOSEN_HERE in session.config.stash:
        allure_results.empty(session.config.stash[_CHOSEN_HERE])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist, which sees nothing but the command line, where the results go."""
    folder = results_folder(node.config)
    node.workerinput[FOLDER] = str(folder) if folder else None


def results_folder(config: pytest.Config) -> Path | None:
    """Return where this run's Allure results are; None if it writes none."""
    chosen = config.getoption("allure_report_dir", None)
    return Path(chosen).absolute() if chosen else None


def _runs_features(config: pytest.Config) -> bool:
    if not config.pluginmanager.hasplugin("allure_pytest"):
        return False
    if any(config.getoption(listing, default=False) for listing in LISTINGS):
        return False
    home = config.rootpath / (config.getini("bdd_features_base_dir") or "features")
    selected = [(config.invocation_params.dir / argument.split("::")[0]).resolve() for argument in config.args]
    return all(path.suffix == ".feature" or path.is_relative_to(home) for path in selected)
