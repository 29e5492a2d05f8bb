"""Trials of defects on real scripts: what is wrong turns its scenario red, what is not survives, nothing is hidden."""

import shutil
from dataclasses import replace

import pytest

from drill.damage.defects import DEFECTS, Defect, Edit
from drill.damage.defects.defect import Scenario
from drill.damage.defects.score import Ending
from drill.damage.defects.trial import FEATURES, SCRIPTS, try_all
from drill.evidence.verdict import Verdict
from tests.procedures import SHIPPED

FORGETTING = next(defect for defect in DEFECTS if defect.id == "USERS-FORGOTTEN")
IDLE = Defect("IDLE", "nothing is wrong", FORGETTING.scenario, (Edit("rdb.py", "END = 0xFF", "END = 255"),))
NOWHERE = replace(IDLE, id="NOWHERE", scenario=Scenario("cache/settings", "No such scenario"))


def endings(score):
    return {each.id: each.ending for each in score.attempts}


def test_a_defect_turns_its_scenario_red_an_idle_one_survives_and_sound_scripts_are_not_accused():
    before = {path: path.read_bytes() for path in (SHIPPED.directory / SCRIPTS).glob("*.py")}
    told = []
    score = try_all([FORGETTING, IDLE], SHIPPED, runtime="embedded", tell=told.append)

    assert {"USERS-FORGOTTEN": Ending.NOTICED, "IDLE": Ending.SURVIVED} == endings(score)
    assert ({}, 1, Verdict.DISPROVEN) == (score.accused, score.sound, score.verdict)
    assert 3 == len(told)
    assert before == {path: path.read_bytes() for path in (SHIPPED.directory / SCRIPTS).glob("*.py")}


@pytest.fixture
def broken_checkout(tmp_path):
    """A policy in a checkout whose own scripts have a defect."""
    for each in SHIPPED.directory.iterdir():
        if each.name == SCRIPTS:
            shutil.copytree(each, tmp_path / SCRIPTS, ignore=shutil.ignore_patterns("__pycache__"))
        elif not each.name.startswith("."):
            (tmp_path / each.name).symlink_to(each)
    FORGETTING.put_into(tmp_path / SCRIPTS)
    policy = SHIPPED.model_copy()
    policy.model_post_init({"file": tmp_path / SHIPPED.file.name})
    return policy


def test_where_the_scripts_themselves_turn_a_scenario_red_that_is_told_and_its_defects_count_as_not_tried(
    broken_checkout,
):
    score = try_all([IDLE, NOWHERE], broken_checkout, runtime="embedded")

    assert (broken_checkout.directory / FEATURES).is_dir()
    assert {FORGETTING.scenario.node} == score.accused.keys()
    assert {"IDLE": Ending.NOT_TRIED, "NOWHERE": Ending.NOT_TRIED} == endings(score)
    assert Verdict.DISPROVEN == score.verdict
