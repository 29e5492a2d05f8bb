"""The estate of the disaster drills as fixtures: every system of the policy's order of recovery, and who is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from drill.errors import DrillError
from drill.notifications import Messenger
from drill.notifications.receivers import Mailbox, Receiver, Webhook, mailbox, webhook
from drill.policy import Policy, Procedure
from drill.policy.notification import Audience
from drill.servers.redis import RedisServers
from drill.stores import CacheStore, OpenCluster, Store


@pytest.fixture
def stores(policy: Policy, open_cluster: OpenCluster, redis_servers: RedisServers) -> Mapping[str, Store]:
    """A store for every system of the policy's order of recovery, filled, on a server of its own."""

    def opened(procedure: Procedure) -> Store:
        if procedure.engine == "postgres" and (procedure.archive or procedure.receive):
            return open_cluster(procedure.name)[0]
        if procedure.engine == "redis":
            return CacheStore(redis_servers(), procedure=procedure.name)
        raise DrillError(
            f"no disaster drill has a system for {procedure.name}", remedy="take it out of [[recovery]] of policy.toml"
        )

    return {step.procedure: opened(policy.procedures[step.procedure]) for step in policy.recovery}


@pytest.fixture
def team() -> Iterator[Webhook]:
    """Where the recovery team is told: a webhook, as chats and pagers have."""
    with webhook() as receiver:
        yield receiver


@pytest.fixture
def users() -> Iterator[Mailbox]:
    """Where users are told: a mail server."""
    with mailbox() as receiver:
        yield receiver


@pytest.fixture
def channels(policy: Policy, team: Webhook, users: Mailbox) -> dict[str, str]:
    """The addresses of the drill's own receivers by the policy's variables; a scenario may change it."""
    receivers: dict[Audience, Receiver] = {"team": team, "users": users}
    return {each.channel: receivers[each.audience].address for each in policy.notifications}


@pytest.fixture
def messenger(policy: Policy, channels: dict[str, str]) -> Iterator[Messenger]:
    """Sends the policy's messages to the drill's own receivers."""
    with Messenger(policy.notifications, channels=channels) as messenger:
        yield messenger
