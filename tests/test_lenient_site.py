"""A storage that says that it locks, and does not mean it, makes IMMUTABLE disproven: in the terminal and on record."""

from __future__ import annotations

from pathlib import Path

import pytest

from drill.evidence.record import RunRecord
from tests.drills import drilled

SCENARIO = "account_tries_everything and backup"
WORKED = ("its term was shortened, as backup", "its bucket was told to keep versions no longer, as backup")


class Lenient:
    """Puts such a storage in the place of the other site."""

    @pytest.fixture
    def site(self, lenient_site):
        return lenient_site


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    """Where this file is given as a plugin: the last fixture of a name is the one that counts."""
    config.pluginmanager.register(Lenient())


def attacked(reports: Path, runtime: str, *options: str) -> tuple[int, str, RunRecord]:
    """Run the attack by the account that makes the copies."""
    return drilled("features/policy/immutability.feature", SCENARIO, *options, reports=reports, runtime=runtime)


@pytest.fixture
def runtime_name(settings):
    return settings.resolution.name


@pytest.mark.postgres
def test_whoever_can_weaken_a_lock_disproves_that_copies_cannot_be_altered(tmp_path, runtime_name):
    status, said, record = attacked(tmp_path, runtime_name, "-p", "tests.test_lenient_site")
    (scenario,) = record.scenarios
    (criterion,) = record.criteria

    assert (1, "disproven", "disproven") == (status, record.verdict, scenario.verdict), said
    assert ("IMMUTABLE", "disproven") == (criterion.id, criterion.verdict)
    assert criterion.measured >= len(WORKED)
    assert [] == [what for what in WORKED if what not in scenario.reason or what not in said]


@pytest.mark.postgres
def test_the_same_attack_on_a_storage_that_means_its_locks_proves_it(tmp_path, runtime_name):
    status, said, record = attacked(tmp_path, runtime_name)
    (criterion,) = record.criteria

    assert (0, "proven") == (status, record.verdict), said
    assert ("IMMUTABLE", "proven", 0) == (criterion.id, criterion.verdict, criterion.measured)
