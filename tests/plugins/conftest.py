"""Fixtures of the small project in which the plugins are tried out, and of the evidence that they write."""

import example_project
import example_shop
import pytest
from allure_commons._hooks import AllureDeveloperHooks, AllureUserHooks
from example_project import Project
from pluggy import PluginManager


@pytest.fixture
def project(tmp_path) -> Project:
    """A project with the shop's steps, and no feature yet."""
    return example_project.created(tmp_path / "project")


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory) -> Project:
    """The same for all tests of a module."""
    return example_project.created(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def shop(tmp_path_factory) -> Project:
    """A project with the shop's features too; not to be written to."""
    shop = example_project.created(tmp_path_factory.mktemp("shop"), vault_steps=example_shop.VAULT_STEPS)
    shop.feature(example_shop.LOST_SHOP, "features/database/shop.feature")
    shop.feature(example_shop.VAULT, "features/disaster_recovery/vault.feature")
    return shop


@pytest.fixture(scope="session")
def run(shop):
    """The shop's features, run once."""
    return shop.run("features")


@pytest.fixture(scope="session")
def folder(shop, run):
    """What that run has left for Allure."""
    return shop.root / example_project.RESULTS


@pytest.fixture(scope="session")
def results(folder):
    return example_project.written_in(folder)


@pytest.fixture
def allure_hooks(monkeypatch) -> PluginManager:
    """Allure's hooks, apart from those of the run that these tests are part of: it may write results too."""
    hooks = PluginManager("allure")
    hooks.add_hookspecs(AllureUserHooks)
    hooks.add_hookspecs(AllureDeveloperHooks)
    monkeypatch.setattr("allure_commons._allure.plugin_manager", hooks)
    monkeypatch.setattr("allure_commons.reporter.plugin_manager", hooks)
    return hooks
