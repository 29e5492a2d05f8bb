"""The shipped policy with other gates, and an empty directory of reports."""

import pytest

from drill.policy import Gate, load
from tests.evidence.rehearsal import REPOSITORY


@pytest.fixture(scope="session")
def shipped():
    return load(REPOSITORY / "policy.toml")


@pytest.fixture
def gated(shipped):
    """The shipped policy with another gate, for two criteria unless it says otherwise."""

    def made(**demands):
        return shipped.model_copy(update={"gate": Gate(**({"require": ("INT-DB", "RTO-DB")} | demands))})

    return made


@pytest.fixture
def reports(tmp_path):
    return tmp_path / "reports"
