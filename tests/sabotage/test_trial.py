"""Trials on real backups: what leaves no trace is missed, what cannot be done is not tried, the healthy stay clean."""

import pytest

from drill.damage import rehearsed as rehearsing
from drill.damage import stage
from drill.damage.faults import CATALOGUE, Fault
from drill.damage.procedures import forgetful
from drill.damage.rehearsed import Rehearsed
from drill.damage.score import HEALTHY, Outcome
from drill.damage.stage import befallen, rehearsed
from drill.damage.trial import KNOWN, try_all
from drill.errors import DrillError
from drill.verification import Targets
from tests.procedures import SHIPPED

DUMPS = [fault for fault in CATALOGUE if fault.kind == "dump"]


def impossible(scene):
    raise DrillError("there is no such thing here", remedy="try another one")


def made(inject, named_by=("CONTENT-DIFFERS",)):
    return Fault("FAULT", "snapshot", "something happens", inject, frozenset(named_by))


@pytest.fixture(scope="module")
def scene(runtime, clusters, settings):
    with rehearsed(settings.policy, runtime, clusters, faults=[made(impossible)], seed=1, scale=1) as scene:
        yield scene


def outcomes(score):
    return {each.id: each.outcome for each in score.attempts if each.kind != HEALTHY}


@pytest.mark.parametrize("lacking", [None, "no QEMU: install it"])
def test_what_cannot_be_made_here_is_left_out(monkeypatch, lacking):
    monkeypatch.setattr(stage, "obstacle", lambda procedure: lacking if procedure.engine == "machine" else None)
    engines = {"postgres", "redis", "files", "git"} | (set() if lacking else {"machine"})

    assert engines == {procedure.engine for procedure in befallen(SHIPPED, CATALOGUE)}
    assert {"postgres"} == {procedure.name for procedure in befallen(SHIPPED, DUMPS)}


def test_a_fault_that_leaves_no_trace_is_missed_and_its_victim_clean(scene):
    score = try_all([made(lambda _: None)], scene)

    assert {"FAULT": Outcome.MISSED} == outcomes(score)
    assert ["redis"] == score.of(Outcome.CLEAN)


def test_a_fault_that_is_noticed_as_something_else_is_missed(scene):
    cut = next(fault for fault in CATALOGUE if fault.id == "SNAPSHOT-CUT")

    assert {"FAULT": Outcome.MISSED} == outcomes(try_all([made(cut.inject, ["EXPOSED"])], scene))
    assert {"SNAPSHOT-CUT": Outcome.REFUSED} == outcomes(try_all([cut], scene))


def test_usual_checks_are_asked_of_what_they_can_look_at(scene):
    cut = next(fault for fault in CATALOGUE if fault.id == "SNAPSHOT-CUT")
    score = try_all([cut, made(lambda _: None)], scene, comparing=True)
    said = {check.name: (check.noticed, check.missed) for check in score.usual_checks}

    assert (("SNAPSHOT-CUT",), ("FAULT",)) == said["redis-check-rdb"] == said["checksum"]
    assert ((), ("SNAPSHOT-CUT", "FAULT")) == said["age"]
    assert not {"pg_restore", "pg_verifybackup", "git fsck"} & said.keys()
    assert len(KNOWN) == score.known


def test_a_fault_that_cannot_be_injected_is_not_tried(scene):
    score = try_all([made(impossible)], scene)

    assert {"FAULT": Outcome.NOT_TRIED} == outcomes(score)
    assert "there is no such thing here" in score.attempts[-1].said


def test_a_fault_of_machines_that_cannot_be_made_here_is_not_tried(scene, monkeypatch):
    monkeypatch.setattr(rehearsing, "obstacle", lambda procedure: "no QEMU" if procedure.engine == "machine" else None)
    lost = next(fault for fault in CATALOGUE if fault.id == "KERNEL-LOST")
    score = try_all([lost], scene)

    assert {"KERNEL-LOST": Outcome.NOT_TRIED} == outcomes(score)
    assert "no QEMU" == score.attempts[-1].said


def test_a_healthy_set_that_is_accused_is_a_false_alarm(scene):
    # A restore that forgets a key accuses every healthy backup.
    sources = scene.sources
    sound, sources.policy = sources.policy, forgetful(sources.policy, "redis")
    try:
        score = try_all([made(lambda _: None)], Rehearsed(sources, scene.stores, scene.record))
    finally:
        sources.policy = sound

    assert ["redis"] == score.of(Outcome.FALSE_ALARM)


def test_a_healthy_set_that_cannot_be_judged_here_is_neither_clean_nor_accused(scene, monkeypatch):
    monkeypatch.setattr(Targets, "obstacle", lambda *_: "no server to restore to")
    score = try_all([made(lambda _: None)], scene)

    assert ("FAULT", "redis") == tuple(sorted(score.of(Outcome.MISSED, Outcome.NOT_TRIED)))
    assert not score.of(Outcome.CLEAN, Outcome.FALSE_ALARM)
