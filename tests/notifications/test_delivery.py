"""Telling people: against real receivers, and against receivers that are down or slow."""

import subprocess
import sys
from datetime import timedelta

import pytest

from drill.evidence.redaction import MASK, redacted
from drill.notifications import Messenger
from drill.notifications.delivery import send
from drill.notifications.receivers import NOBODY, chat, mailbox, webhook
from drill.policy import Notification
from tests.evidence.rehearsal import REPOSITORY

FACTS = {
    "disaster": "Đĩa mất",
    "systems": "redis",
    "declared": "now",
    "impact": "all",
    "outcome": "Recovered",
    "took": "1 s",
}


def notification(channel="TEAM", audience="team", when="assessed"):
    return Notification(
        audience=audience, when=when, channel=channel, subject="{disaster}: {systems}", message="{impact}, {declared}"
    )


@pytest.mark.parametrize("receiver", [mailbox, webhook, chat])
def test_a_message_arrives(receiver):
    with receiver() as inbox:
        assert "" == send(inbox.address, subject="Đĩa: mất", body="xin chào")

        assert [("Đĩa: mất", "xin chào")] == [(each.subject, each.body.strip()) for each in inbox.received]


@pytest.mark.parametrize("address", [NOBODY, NOBODY.replace("json", "mailto") + "?from=a@b.invalid&to=a@b.invalid"])
def test_a_receiver_that_is_down_is_an_answer(address):
    assert "onnection error" in send(address, subject="a", body="b")


def test_an_address_that_is_none_is_an_answer():
    assert "Apprise does not know such an address" == send("no address", subject="a", body="b")


def test_the_address_is_masked_wherever_it_would_be_written():
    address = "json://drill:canary-password@127.0.0.1:9/"
    send(address, subject="a", body="b")

    assert f"see {MASK}" == redacted(f"see {address}")


def test_the_placeholders_are_filled_in_and_each_audience_is_told_apart():
    told = []
    with webhook() as team, mailbox() as users:
        messages = [notification(), notification("USERS", "users"), notification(when="ended")]
        with Messenger(messages, channels={"TEAM": team.address, "USERS": users.address}) as messenger:
            messenger.tell("assessed", FACTS, told=told.append)
            deliveries = messenger.deliveries()

        assert ["Đĩa mất: redis"] == [each.subject for each in team.received]
        assert ["all, now"] == [each.body.strip() for each in users.received]
    assert {"team", "users"} == set(told)
    assert [True, True] == [each.delivered for each in deliveries]


def test_one_receiver_that_is_down_is_told_and_keeps_nobody_else_from_being_told():
    told = []
    with webhook() as users:
        messages = [notification(), notification("USERS", "users"), notification("UNSET")]
        with Messenger(messages, channels={"TEAM": NOBODY, "USERS": users.address}) as messenger:
            messenger.tell("assessed", FACTS, told=told.append)
            deliveries = messenger.deliveries()

    assert ["users"] == told
    assert {"TEAM": False, "USERS": True, "UNSET": False} == {each.channel: each.delivered for each in deliveries}
    assert "UNSET is not set" in [each.reason for each in deliveries]


def test_nobody_waits_for_a_receiver_that_does_not_answer():
    with webhook() as team:
        team.answering.clear()
        with Messenger([notification()], channels={"TEAM": team.address}) as messenger:
            messenger.tell("assessed", FACTS)
            (delivery,) = messenger.deliveries(patience=timedelta(0))

            assert not delivery.delivered
            assert "the receiver has not answered yet" == delivery.reason
            assert [] == team.received


def test_what_sends_messages_is_loaded_before_anything_happens():
    """Loaded with the first message, it kept the team from being told for longer than a small cache was away."""
    program = "import sys; from tests.notifications.test_delivery import loaded; sys.exit(loaded())"
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=False)

    assert 0 == done.returncode


def loaded():
    """Return nothing where a messenger has loaded it in a program of its own; what had it before otherwise."""
    before = "apprise" in sys.modules
    with Messenger([notification()], channels={}):
        return before or "apprise.plugins.custom_json" not in sys.modules
