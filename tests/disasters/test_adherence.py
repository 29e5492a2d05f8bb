"""Each step of the plan, missed once: no step is taken for done because the sender or the scheduler says so."""

import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from drill.commands.runbook import DONE, FAILED
from drill.disasters.adherence import (
    ASSESSMENT,
    COMMUNICATION,
    EXECUTION,
    NOTIFICATION,
    STEPS,
    VERIFICATION,
    adherence,
    unpassed,
)
from drill.disasters.plan import Disaster, Handling
from drill.disasters.timeline import Milestone, Timeline
from drill.evidence.journal import Journal
from drill.notifications import Delivery
from drill.notifications.receivers import Received
from drill.policy.recovery import RecoveryStep
from tests.procedures import SHIPPED

DATABASE, CACHE = "postgres-physical", "redis"
POLICY = SHIPPED.model_copy(
    update={
        "recovery": (
            RecoveryStep(procedure=DATABASE, tier="critical"),
            RecoveryStep(procedure=CACHE, after=(DATABASE,), tier="critical"),
        )
    }
)
IN_ORDER = (
    (Milestone.ASSESSED, DATABASE),
    (Milestone.ASSESSED, CACHE),
    (Milestone.PROVISIONED, DATABASE),
    (Milestone.PROVISIONED, CACHE),
    (Milestone.RESTORING, DATABASE),
    (Milestone.RESTORED, DATABASE),
    (Milestone.VERIFIED, DATABASE),
    (Milestone.RESTORING, CACHE),
    (Milestone.RESTORED, CACHE),
    (Milestone.VERIFIED, CACHE),
    (Milestone.COMMUNICATED, None),
)
ESTATE = {name: SimpleNamespace(store=SimpleNamespace(environment=dict)) for name in (DATABASE, CACHE)}


def handled(*, order=IN_ORDER, status=DONE, command=None):
    """A disaster handled by the book, but for what is said."""
    timeline = Timeline("all of it is lost", journal=Journal())
    for milestone, system in order:
        timeline.pass_(milestone, system)
    outcomes = {
        name: SimpleNamespace(
            status=status, command=tuple(command or POLICY.procedures[name].argv("restore", {"backup_id": "1"}))
        )
        for name in (DATABASE, CACHE)
    }
    return Handling(
        disaster=Disaster("all of it is lost", (DATABASE, CACHE)),
        timeline=timeline,
        impacts={name: SimpleNamespace(restore_point="1", reach=None) for name in (DATABASE, CACHE)},
        recoveries={name: SimpleNamespace(outcome=outcome) for name, outcome in outcomes.items()},
        deliveries=tuple(
            Delivery(each.audience, each.when, each.channel, f"{each.audience} {each.when}", delivered=True)
            for each in POLICY.notifications
        ),
        ended=timedelta(minutes=1),
    )


def inboxes(handling):
    return {
        audience: [Received(each.subject, "") for each in handling.deliveries if each.audience == audience]
        for audience in ("team", "users")
    }


def missed(handling, received=None):
    judged = adherence(handling, ESTATE, policy=POLICY, received=received or inboxes(handling))
    return {step for step, found in judged.items() if found.share < 1}


def without(milestone):
    return [each for each in IN_ORDER if each != milestone]


def moved(milestone, *, to):
    others = without(milestone)
    return [*others[:to], milestone, *others[to:]]


def test_by_the_book_every_step_is_taken():
    handling = handled()

    assert set() == missed(handling)
    assert set(STEPS) == set(adherence(handling, ESTATE, policy=POLICY, received=inboxes(handling)))


@pytest.mark.parametrize(
    ("how", "step"),
    [
        ({"order": moved((Milestone.ASSESSED, CACHE), to=9)}, ASSESSMENT),
        ({"order": without((Milestone.ASSESSED, CACHE))}, ASSESSMENT),
        ({"order": moved((Milestone.RESTORING, CACHE), to=6)}, EXECUTION),
        ({"order": without((Milestone.RESTORING, CACHE))}, EXECUTION),
        ({"order": moved((Milestone.PROVISIONED, CACHE), to=7)}, EXECUTION),
        ({"order": moved((Milestone.RESTORED, CACHE), to=1)}, EXECUTION),
        ({"order": without((Milestone.RESTORED, DATABASE))}, EXECUTION),
        ({"status": FAILED}, EXECUTION),
        ({"command": ["restore", "by", "hand"]}, EXECUTION),
        ({"order": moved((Milestone.COMMUNICATED, None), to=8)}, VERIFICATION),
        ({"order": without((Milestone.COMMUNICATED, None))}, VERIFICATION),
    ],
)
def test_a_step_that_was_missed_is_seen(how, step):
    assert {step} == missed(handled(**how))


@pytest.mark.parametrize(("audience", "step"), [("team", NOTIFICATION), ("users", COMMUNICATION)])
def test_what_was_sent_and_never_arrived_is_seen(audience, step):
    handling = handled()

    assert {step} == missed(handling, inboxes(handling) | {audience: []})


@pytest.mark.parametrize(("audience", "step"), [("team", NOTIFICATION), ("users", COMMUNICATION)])
def test_a_message_that_was_never_sent_is_seen(audience, step):
    handling = handled()
    kept = tuple(each for each in handling.deliveries if (each.audience, each.when) != (audience, "ended"))

    assert {step} == missed(replace(handling, deliveries=kept))


def late(handling, audience, when, *, arrived):
    """What the receivers hold where one message arrived so long after the disaster was declared."""
    [subject] = [each.subject for each in handling.deliveries if (each.audience, each.when) == (audience, when)]
    begun = time.monotonic() - handling.timeline.so_far.total_seconds()
    received = inboxes(handling)
    received[audience] = [
        replace(each, arrived=begun + arrived.total_seconds()) if each.subject == subject else each
        for each in received[audience]
    ]
    return received


def test_a_team_that_is_told_of_a_disaster_when_it_is_over_was_not_notified():
    handling = handled()
    received = late(handling, "team", "assessed", arrived=timedelta(seconds=90))
    found = adherence(handling, ESTATE, policy=POLICY, received=received)[NOTIFICATION]

    assert {NOTIFICATION} == missed(handling, received)
    assert ("team assessed: it arrived after 1.5 min, and the recovery was over after 1 min",) == found.missed


def test_a_message_during_the_recovery_is_in_time_and_one_of_its_end_or_for_users_after_it():
    handling = handled()

    assert set() == missed(handling, late(handling, "team", "assessed", arrived=timedelta(seconds=59)))
    assert set() == missed(handling, late(handling, "team", "ended", arrived=timedelta(seconds=90)))
    assert set() == missed(handling, late(handling, "users", "assessed", arrived=timedelta(seconds=90)))


def test_where_nothing_was_demanded_nothing_was_done():
    policy = POLICY.model_copy(update={"notifications": ()})
    handling = replace(handled(), deliveries=())
    judged = adherence(handling, ESTATE, policy=policy, received={"team": [], "users": []})

    assert 0.0 == judged[NOTIFICATION].share


def test_a_timeline_is_in_the_incident_log_and_says_how_long_it_took():
    journal = Journal()
    timeline = Timeline("the cache is lost", journal=journal)
    timeline.pass_(Milestone.VERIFIED, CACHE, took=timedelta(seconds=2))

    assert [("incident", "declared", None), ("incident", "verified", CACHE)] == [
        (event["kind"], event["milestone"], event["system"]) for event in journal.events
    ]
    assert 2.0 == journal.events[1]["took"]
    assert timeline.came_before((Milestone.DECLARED, None), (Milestone.VERIFIED, CACHE))
    assert not timeline.came_before((Milestone.VERIFIED, CACHE), (Milestone.DECLARED, None))
    assert not timeline.came_before((Milestone.DECLARED, None), (Milestone.NOTIFIED, None))


WHOLE = (*IN_ORDER, (Milestone.ASSESSED, None), (Milestone.NOTIFIED, None), (Milestone.VERIFIED, None))


def moments_missed(*, away=(), replaying=(), order=WHOLE):
    handling = handled(order=order)
    impacts = {name: SimpleNamespace(restore_point="1", is_away=name in away) for name in ESTATE}
    estate = {name: SimpleNamespace(store=SimpleNamespace(replays=name in replaying)) for name in ESTATE}
    return unpassed(replace(handling, impacts=impacts), estate)


def test_a_timeline_by_the_book_lacks_nothing():
    assert [] == moments_missed()


@pytest.mark.parametrize("left_out", WHOLE)
def test_every_moment_that_a_timeline_lacks_is_named(left_out):
    milestone, system = left_out

    assert [f"{system or 'all'} {milestone}"] == moments_missed(order=[each for each in WHOLE if each != left_out])


def test_what_was_fetched_or_has_a_log_has_a_moment_more():
    assert [f"{CACHE} fetched"] == moments_missed(away=[CACHE])
    assert [f"{DATABASE} replayed"] == moments_missed(replaying=[DATABASE])
