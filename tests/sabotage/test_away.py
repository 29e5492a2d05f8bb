"""Faults at another site: what is found there and what is fetched tell, and what is sent and fetched whole is clean."""

from dataclasses import replace

import pytest

from drill.damage.away import FOUND_AWAY
from drill.damage.faults import CATALOGUE, Fault
from drill.damage.faults.sites import SITE
from drill.damage.rehearsed import Rehearsed
from drill.damage.score import Outcome
from drill.damage.stage import befallen, rehearsed
from drill.damage.trial import try_all
from tests.procedures import SHIPPED

AWAY = {fault.id: fault for fault in CATALOGUE if fault.kind == SITE}
CUT, OVERTAKEN = AWAY["SITE-OBJECT-CUT"], AWAY["SITE-OVERTAKEN"]
IDLE = Fault("IDLE", SITE, "nothing happens there", lambda _: None, frozenset({"FETCH-REFUSED", "CONTENT-DIFFERS"}))


@pytest.fixture(scope="module")
def scene(runtime, clusters, settings):
    with rehearsed(settings.policy, runtime, clusters, faults=[CUT], seed=1, scale=1) as scene:
        yield scene


def outcomes(score):
    return {each.id: each.outcome for each in score.attempts}


def test_faults_of_sites_befall_what_is_restored_fastest():
    assert {"redis"} == {procedure.engine for procedure in befallen(SHIPPED, AWAY.values())}


def test_what_came_back_whole_is_clean_and_what_did_not_is_noticed(scene):
    unseen_there = replace(OVERTAKEN, id="UNSEEN-THERE", demanded=CUT.demanded)
    score = try_all([CUT, OVERTAKEN, IDLE, unseen_there], scene)

    assert {
        "redis": Outcome.CLEAN,
        "redis at the other site": Outcome.CLEAN,
        "SITE-OBJECT-CUT": Outcome.REFUSED,
        "SITE-OVERTAKEN": Outcome.CAUGHT,
        "IDLE": Outcome.MISSED,
        "UNSEEN-THERE": Outcome.MISSED,
    } == outcomes(score)
    (cut,) = (each for each in score.attempts if each.id == CUT.id)
    assert {"COPY-REFUSED", "FETCH-REFUSED"} == FOUND_AWAY & set(cut.findings)


def test_without_another_site_none_of_it_is_tried(scene):
    sources = scene.sources
    sound, sources.policy = sources.policy, sources.policy.model_copy(update={"offsite": None})
    try:
        score = try_all([CUT], Rehearsed(sources, scene.stores, scene.record))
    finally:
        sources.policy = sound

    assert ["redis at the other site", "SITE-OBJECT-CUT"] == score.of(Outcome.NOT_TRIED)
