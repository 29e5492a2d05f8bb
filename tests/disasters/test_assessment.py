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


class Elsewhere:
    """Another site that has had one copy since a moment, and another one since later."""

    def __init__(self, since):
        self._since = since

    def objects(self):
        return {f"copies/redis/{name}/manifest.json": 1 for name in ("first", "later")}

    def objects_at(self, moment):
        return {"copies/redis/first/manifest.json": 1} if moment >= self._since else {}


def assessed(runbook, *, clean_until=None, answer=("fine",), site=None):
    return assess("redis", System(answer), runbook=runbook, clean_until=clean_until, site=site)


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


def test_where_nothing_here_can_be_trusted_the_other_site_is_asked_for_what_it_held_then(runbook, taken):
    clean = LAST_NIGHT - HOUR
    found = assessed(runbook, clean_until=clean, site=Elsewhere(since=clean - timedelta(seconds=1)))
    too_late = assessed(runbook, clean_until=clean, site=Elsewhere(since=clean - timedelta(milliseconds=999)))

    assert ("first", True, clean - timedelta(seconds=1)) == (found.restore_point, found.is_away, found.as_of)
    assert "at the other site as it was at" in str(found)
    assert (None, False, None) == (too_late.restore_point, too_late.is_away, too_late.as_of)


def test_where_all_is_lost_and_nobody_is_suspected_the_other_sites_newest_is_the_restore_point(runbook):
    impact = assessed(runbook, site=Elsewhere(since=LAST_NIGHT))

    assert ("later", True, None) == (impact.restore_point, impact.is_away, impact.as_of)


def test_what_can_be_trusted_here_is_not_fetched(runbook, taken):
    impact = assessed(runbook, clean_until=LAST_NIGHT + HOUR / 2, site=Elsewhere(since=LAST_NIGHT - HOUR))

    assert (taken[0].id, False) == (impact.restore_point, impact.is_away)


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
