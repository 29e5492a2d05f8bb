"""Whether people were told in time is judged by when messages arrived where they are read, not by when they left."""

import pytest

from drill.commands.runbook import Runbook
from drill.disasters import estate as estates
from drill.disasters.adherence import COMMUNICATION, NOTIFICATION, adherence
from drill.disasters.plan import Disaster, handle
from drill.evidence.journal import Journal
from drill.notifications import Messenger
from drill.notifications.receivers import mailbox, webhook
from drill.stores import HostStore
from drill.waiting import Patience, eventually
from tests.procedures import SHIPPED

HOST = "user-data"
TEAM, USERS = "DR_DRILL_TEAM_CHANNEL", "DR_DRILL_USERS_CHANNEL"


@pytest.fixture
def runbook(repository):
    return Runbook(SHIPPED, repository=repository, directory=SHIPPED.directory, journal=Journal())


@pytest.fixture
def estate(app_hosts, runbook):
    return estates.back_up(SHIPPED, {HOST: HostStore(app_hosts(), SHIPPED.procedures[HOST])}, runbook=runbook)


class Impatient(Messenger):
    """Does something as soon as the recovery has ended, or before it begins."""

    def __init__(self, *args, when, action, **further):
        super().__init__(*args, **further)
        self._when, self._action = when, action

    def tell(self, when, facts, **further):
        super().tell(when, facts, **further)
        if when == self._when:
            self._action()


def told(estate, runbook, *, when, act, answering):
    """What is found of both steps, and whether the sender believes all messages to have got there."""
    with webhook() as team, mailbox() as users:
        if not answering:
            team.answering.clear()
        channels = {TEAM: team.address, USERS: users.address}

        def action():
            act(team, users)

        with Impatient(SHIPPED.notifications, channels=channels, when=when, action=action) as messenger:
            disaster = Disaster.strike("the files are lost", estate, [HOST])
            handling = handle(disaster, estate, runbook=runbook, messenger=messenger)
        received = {"team": team.received, "users": users.received}
        judged = adherence(handling, estate, policy=SHIPPED, received=received)
    return judged, all(each.delivered for each in handling.deliveries)


def both_have_it(team, users):
    eventually("both to be told", lambda: team.received and users.received, Patience.SERVER_READY)


def test_messages_that_arrive_while_it_is_recovered_are_in_time(estate, runbook):
    judged, delivered = told(estate, runbook, when="assessed", act=both_have_it, answering=True)

    assert delivered
    assert ((), ()) == (judged[NOTIFICATION].missed, judged[COMMUNICATION].missed)


def test_a_receiver_that_answers_when_all_is_over_has_notified_nobody(estate, runbook):
    def answer(team, users):
        eventually("the users to be told", lambda: users.received, Patience.SERVER_READY)
        team.answering.set()

    judged, delivered = told(estate, runbook, when="ended", act=answer, answering=False)
    [late] = judged[NOTIFICATION].missed

    assert delivered
    assert late.startswith("Disaster: the files are lost: it arrived after ")
    assert ", and the recovery was over after " in late
