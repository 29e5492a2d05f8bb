"""The shipped policy and copies of it with one thing changed."""

from pathlib import Path

import pytest

from drill.policy import load

SHIPPED = Path(__file__).parents[2] / "policy.toml"


@pytest.fixture(scope="session")
def policy_file():
    return SHIPPED


@pytest.fixture(scope="session")
def shipped_text():
    return SHIPPED.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def shipped_policy():
    return load(SHIPPED)
