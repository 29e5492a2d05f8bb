"""Healthy backups of many estates: one alarm is one too many, and nothing verified is nothing proven."""

import pytest
from typer.testing import CliRunner

from drill.cli import app
from drill.damage.health import Estate, Health, examine
from drill.damage.score import HEALTHY, Attempt, Outcome
from drill.evidence.verdict import Verdict
from tests.procedures import SHIPPED

CLEAN = Attempt("redis", HEALTHY, "", Outcome.CLEAN, (), "", 1.0)
ACCUSED = Attempt("postgres", HEALTHY, "", Outcome.FALSE_ALARM, ("EXPOSED",), "EXPOSED: all can read it", 1.0)


@pytest.mark.parametrize(
    ("attempts", "verdict"),
    [((CLEAN,), Verdict.PROVEN), ((CLEAN, ACCUSED), Verdict.DISPROVEN), ((), Verdict.UNPROVEN)],
)
def test_one_alarm_is_one_too_many(attempts, verdict):
    health = Health((Estate(1, 1, attempts, 1.0),), 1.0)

    assert verdict == health.verdict
    assert str(verdict) == health.as_json()["verdict"]


def test_estates_differ_in_seed_and_scale_and_all_their_sets_are_verified(runtime):
    cache_alone = SHIPPED.model_copy(update={"procedures": {"redis": SHIPPED.procedures["redis"]}})
    told = []
    health = examine(cache_alone, runtime, number=2, seed=7, workers=1, tell=told.append)

    assert [(7, 1), (8, 2)] == [(estate.seed, estate.scale) for estate in health.estates]
    assert [["redis"], ["redis"]] == [[each.id for each in estate.attempts] for estate in health.estates]
    assert (Verdict.PROVEN, 2) == (health.verdict, len(told))


def test_who_breaks_nothing_names_no_fault():
    ran = CliRunner().invoke(app, ["sabotage", "--healthy", "2", "--quick"])

    assert 2 == ran.exit_code
    assert "--healthy breaks nothing" in ran.stderr
