"""Sealed evidence that was tampered with is caught, sealed evidence that was not is clean, and a miss is a miss."""

import pytest

from drill.damage.score import Outcome
from drill.damage.sealed import SEALED_FAULTS, SealedFault, try_sealed
from tests.procedures import SHIPPED


@pytest.fixture(scope="module")
def attempts(tmp_path_factory):
    idle = SealedFault("IDLE", "nothing is done to it", lambda _: None, frozenset({"CHANGED"}))
    wrongly_named = SealedFault(
        "WRONGLY-NAMED", "it is found as something else", SEALED_FAULTS[0].tamper, frozenset({"REORDERED"})
    )
    return try_sealed([*SEALED_FAULTS, idle, wrongly_named], SHIPPED, directory=tmp_path_factory.mktemp("sealed"))


def outcomes(attempts):
    return {each.id: each.outcome for each in attempts}


def test_runs_as_they_were_sealed_are_clean(attempts):
    assert Outcome.CLEAN == outcomes(attempts)["sealed runs"]


@pytest.mark.parametrize("fault", SEALED_FAULTS, ids=lambda fault: fault.id)
def test_every_fault_is_caught(attempts, fault):
    assert Outcome.CAUGHT == outcomes(attempts)[fault.id]


@pytest.mark.parametrize("name", ["IDLE", "WRONGLY-NAMED"])
def test_what_leaves_no_trace_or_another_one_is_missed(attempts, name):
    assert Outcome.MISSED == outcomes(attempts)[name]


def test_every_fault_changes_a_copy_alone(attempts):
    assert len(SEALED_FAULTS) + 3 == len(attempts)
    assert {"evidence", "healthy"} == {each.kind for each in attempts}
