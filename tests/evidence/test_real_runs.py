"""Features as they ship, run on real servers: what cannot be had is told, and nothing is left however a run ends."""

from __future__ import annotations

from signal import SIGINT, SIGTERM

import pytest

from drill.plugins.session import Settings
from tests.evidence.real_runs import real_run

OLD_SERVER = """
from dataclasses import replace

from drill.runtimes.containers import ContainerRuntime
from drill.runtimes.embedded import EmbeddedRuntime


def old(version):
    return lambda runtime, engine: replace(version(runtime, engine), product="PostgreSQL 16.9")


for runtime in (ContainerRuntime, EmbeddedRuntime):
    runtime.version = old(runtime.version)
"""
ANOTHER_ANSWER = """
import time

from drill.stores import DatabaseStore

DatabaseStore.health = lambda store: (time.monotonic_ns(),)
"""
INCREMENTS = (
    "test_the_server_is_recovered_from_link[the full backup]",
    "test_little_has_changed_since_the_full_backup",
)
RECOVERY = ("features/database/recovery_time.feature", "-k", "the_server_is_killed")


@pytest.fixture
def run(settings: Settings):
    with real_run(settings.resolution.name) as run:
        yield run


@pytest.mark.postgres
def test_increments_of_a_server_that_makes_none_are_unproven_and_the_reason_is_told(run):
    ran = run.ran(*(f"features/database/incremental_chain.feature::{name}" for name in INCREMENTS), plugin=OLD_SERVER)
    reasons = {scenario.name: scenario.reason for scenario in ran.record.scenarios}

    assert (3, 3, "unproven") == (ran.status, ran.record.exit_status, ran.record.verdict), ran.output
    assert {"INC-DB": "unproven"} == {one.id: one.verdict for one in ran.record.criteria}
    assert [] == [name for name, told in reasons.items() if "is older than 17: it makes no incremental" not in told]
    assert 2 == len(reasons)


@pytest.mark.postgres
def test_a_scenario_that_fails_leaves_nothing_but_its_evidence(run):
    ran = run.ran(*RECOVERY, plugin=ANOTHER_ANSWER)

    assert (1, "disproven") == (ran.status, ran.record.verdict), ran.output
    assert [] == run.left()


@pytest.mark.postgres
@pytest.mark.parametrize("order", [SIGINT, SIGTERM])
def test_a_run_that_is_told_to_end_leaves_nothing_but_its_evidence(run, order):
    with run.started(*RECOVERY) as process:
        run.await_server(process)
        process.send_signal(order)
        ran = run.ended(process)

    assert (2, "unproven") == (ran.status, ran.record.verdict), ran.output
    assert [] == run.left()
