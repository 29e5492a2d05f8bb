"""Recovery execution: a blank target waits for nothing, and what is restored onto it for all that the policy says."""

import os
import signal
from dataclasses import replace

import pytest

from drill.commands.runbook import Runbook
from drill.damage import mistakes
from drill.disasters import estate as estates
from drill.disasters.plan import Disaster, handle
from drill.disasters.timeline import Milestone
from drill.errors import DrillError
from drill.evidence.journal import Journal
from drill.fingerprints import differences
from drill.notifications import Messenger
from drill.policy import Command
from drill.stores import HostStore
from tests.procedures import SHIPPED

FIRST, SECOND, APART = "configuration", "logs", "user-data"
"""The second waits for the first; nothing here waits for the third, nor it for anything."""


@pytest.fixture
def runbook(repository):
    return Runbook(SHIPPED, repository=repository, directory=SHIPPED.directory, journal=Journal())


@pytest.fixture
def estate(app_hosts, runbook):
    """Three hosts of their own, backed up, all as urgent as each other."""
    stores = {name: HostStore(app_hosts(), SHIPPED.procedures[name]) for name in (FIRST, SECOND, APART)}
    found = estates.back_up(SHIPPED, stores, runbook=runbook)
    return {name: replace(system, tier="critical") for name, system in found.items()}


def carried_out(disaster, estate, runbook, *, workers=4):
    with Messenger((), channels={}) as messenger:
        return handle(disaster, estate, runbook=runbook, messenger=messenger, workers=workers)


def failing(runbook, procedure, command="false"):
    """The runbook with another restore command in a procedure."""
    changed = SHIPPED.procedures[procedure].model_copy(update={"restore": Command.parse(command)})
    return runbook.with_policy(SHIPPED.model_copy(update={"procedures": {**SHIPPED.procedures, procedure: changed}}))


def provisioning(estate, name, action):
    """The estate with something else done where a target is provisioned."""
    store = estate[name].store

    class Other(type(store)):
        def provision(self):
            super().provision()
            action()

    return {**estate, name: replace(estate[name], store=Other(store.host, SHIPPED.procedures[name]))}


def is_there(estate, name):
    return estate[name].store.host.root.exists()


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_blank_target_is_there_before_what_its_system_waits_for_and_is_restored_onto_after_it(
    estate, runbook, workers
):
    handling = carried_out(Disaster.strike("all is lost", estate, estate), estate, runbook, workers=workers)
    came_before = handling.timeline.came_before

    assert set(estate) == set(handling.recovered)
    assert came_before((Milestone.PROVISIONED, SECOND), (Milestone.VERIFIED, FIRST))
    assert came_before((Milestone.VERIFIED, FIRST), (Milestone.RESTORING, SECOND))
    assert came_before((Milestone.RESTORING, SECOND), (Milestone.RESTORED, SECOND))
    assert {FIRST, SECOND, APART} == handling.timeline.systems_past(Milestone.RESTORING)


def test_the_recovery_time_of_what_waited_is_the_whole_time_and_its_phases_are_what_they_took(estate, runbook):
    handling = carried_out(Disaster.strike("all is lost", estate, estate), estate, runbook)
    waited = handling.recoveries[SECOND]
    verified = handling.timeline.moment(Milestone.VERIFIED, FIRST)

    assert waited.took > verified
    assert waited.took - verified > waited.phases["restore"]
    assert waited.phases["provision"] < handling.timeline.moment(Milestone.PROVISIONED, SECOND)


def test_nothing_is_begun_of_a_lesser_tier_while_a_more_critical_one_could_be(estate, runbook):
    tiers = {FIRST: "critical", APART: "important", SECOND: "non-critical"}
    tiered = {name: replace(system, tier=tiers[name]) for name, system in estate.items()}
    handling = carried_out(Disaster.strike("all is lost", tiered, tiered), tiered, runbook, workers=1)
    came_before = handling.timeline.came_before

    assert came_before((Milestone.VERIFIED, FIRST), (Milestone.PROVISIONED, APART))
    assert came_before((Milestone.VERIFIED, APART), (Milestone.PROVISIONED, SECOND))


def test_what_waits_for_a_system_that_fails_is_not_begun_and_its_target_is_put_away(estate, runbook):
    disaster = Disaster.strike("all is lost", estate, estate)
    handling = carried_out(disaster, estate, failing(runbook, FIRST))

    assert (APART,) == handling.recovered
    assert {FIRST, APART} == set(handling.recoveries) == handling.timeline.systems_past(Milestone.RESTORING)
    assert SECOND in handling.timeline.systems_past(Milestone.PROVISIONED)
    assert not is_there(estate, SECOND)
    assert handling.timeline.moment(Milestone.VERIFIED) is None


def test_what_still_answers_is_taken_away_only_when_its_turn_has_come(estate, runbook):
    mistakes.make_worthless(estate[SECOND].store)
    worthless = estate[SECOND].store.fingerprint()
    estate[FIRST].store.lose()
    handling = carried_out(Disaster("an attack", (FIRST, SECOND)), estate, failing(runbook, FIRST))

    assert () == handling.recovered
    assert SECOND not in handling.timeline.systems_past(Milestone.PROVISIONED)
    assert [] == differences(worthless, estate[SECOND].store.fingerprint())


def test_what_has_nothing_to_be_restored_from_is_left_alone(estate, runbook):
    estates.lose_backups(estate, APART, runbook=runbook)
    handling = carried_out(Disaster.strike("all is lost", estate, estate), estate, runbook)

    assert {FIRST, SECOND} == set(handling.recovered) == set(handling.recoveries)
    assert APART not in handling.timeline.systems_past(Milestone.PROVISIONED)
    assert not is_there(estate, APART)


def test_a_target_that_cannot_be_provisioned_leaves_no_other_one(estate, runbook):
    def fail():
        raise DrillError("no disk", remedy="add one")

    lame = provisioning(estate, APART, fail)
    with pytest.raises(DrillError, match="no disk"):
        carried_out(Disaster.strike("all is lost", lame, lame), lame, runbook, workers=1)

    assert [] == [name for name in estate if is_there(estate, name)]


def test_ctrl_c_begins_nothing_more_and_leaves_no_blank_target(estate, runbook):
    struck = provisioning(estate, APART, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        carried_out(Disaster.strike("all is lost", struck, struck), struck, runbook, workers=1)

    assert [] == [name for name in estate if is_there(estate, name)]
    assert [] == [each for each in runbook.journal.events if each["kind"] == "recovery"]
