"""Incident assessment: which restore point can be trusted, judged by every byte and by when the attack began."""

from datetime import timedelta
from types import SimpleNamespace

import psycopg
import pytest
import redis

from drill.damage.mistakes import ATTACKS
from drill.disasters.assessment import State, assess
from tests.procedures import runbook_with
from tests.repositories import LAST_NIGHT, written

HOUR = timedelta(hours=1)


class System:
    """A system that answers so, or not at all."""

    def __init__(self, answer):
        self.store = SimpleNamespace(procedure="redis", health=self._answer)
        self.good = SimpleNamespace(healthy=("fine",))
        self._said = answer

    def _answer(self):
        if isinstance(self._said, Exception):
            raise self._said
        return self._said


def assessed(runbook, *, clean_until=None, answer=("fine",)):
    return assess("redis", System(answer), runbook=runbook, clean_until=clean_until)


@pytest.fixture
def runbook(tmp_path):
    return runbook_with(tmp_path)


@pytest.fixture
def taken(runbook):
    """Three backups, an hour apart, the newest last."""
    return [written(runbook.repository / "redis", finished=LAST_NIGHT + number * HOUR) for number in range(3)]


def test_the_newest_backup_is_the_restore_point(runbook, taken):
    impact = assessed(runbook)

    assert (taken[2].id, ()) == (impact.restore_point, impact.distrusted)


@pytest.mark.parametrize(("attack", "flaw"), [("encrypted", "checksum-differs"), ("deleted", "manifest-missing")])
def test_what_an_attacker_reached_is_distrusted(runbook, taken, attack, flaw):
    ATTACKS[attack](taken[2])

    impact = assessed(runbook)

    assert (taken[1].id, (f"{taken[2].id}: {flaw}",)) == (impact.restore_point, impact.distrusted)


def test_what_was_backed_up_after_the_attack_is_distrusted_however_sound(runbook, taken):
    impact = assessed(runbook, clean_until=LAST_NIGHT + HOUR / 2)

    assert taken[0].id == impact.restore_point
    assert [taken[2].id, taken[1].id] == [each.partition(":")[0] for each in impact.distrusted]


def test_where_nothing_can_be_trusted_there_is_no_restore_point(runbook, taken):
    assert None is assessed(runbook, clean_until=LAST_NIGHT - HOUR).restore_point


def test_where_nothing_was_backed_up_there_is_no_restore_point(runbook):
    assert None is assessed(runbook).restore_point


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (("fine",), State.AS_BEFORE),
        (("worthless",), State.WRONG),
        (psycopg.OperationalError("gone"), State.SILENT),
        (redis.ConnectionError("gone"), State.SILENT),
    ],
)
def test_the_impact_says_how_the_system_answers(runbook, taken, answer, state):
    assert state is assessed(runbook, answer=answer).state
