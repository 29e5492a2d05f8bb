"""Arbitrary writes that are lost: what did not come back once is told, be it that it comes back the next time."""

from __future__ import annotations

import pytest
from hypothesis.errors import FlakyFailure

from drill.arbitrary import machine
from drill.damage import forgetful
from drill.errors import DrillError
from drill.evidence.verdict import Disproof
from tests.procedures import SHIPPED


def surviving(monkeypatch, raised):
    def run(*_, **__):
        raise raised

    monkeypatch.setattr(machine, "run_state_machine_as_test", run)
    return machine.survive(None, runbook=None, seed=1)


LOST = Disproof("a key did not come back", remedy="see the restore")


@pytest.mark.parametrize(
    "raised", [LOST, FlakyFailure("not again", [LOST]), FlakyFailure("twice", [KeyError(1), LOST])]
)
def test_what_was_lost_is_told_also_where_it_is_not_lost_again(monkeypatch, raised):
    assert str(LOST) == surviving(monkeypatch, raised).lost


def test_what_fails_for_another_reason_and_not_again_is_no_loss(monkeypatch):
    with pytest.raises(FlakyFailure):
        surviving(monkeypatch, FlakyFailure("not again", [DrillError("no disk", remedy="add one")]))


def test_a_restore_that_forgets_a_key_forgets_one_that_would_have_lasted(blank_redis):
    script = forgetful(SHIPPED, "redis").procedures["redis"].restore.words[-1].split('EVAL "')[1].split('" 0')[0]
    with blank_redis.client() as client, blank_redis.client(1) as other:
        client.set("brief", 1, px=60_000)
        client.set("brief, too", 1, px=60_000)
        other.set("lasting", 1)
        forgotten = client.eval(script, 0)

        assert (1, 2, 0) == (forgotten, client.dbsize(), other.dbsize())
