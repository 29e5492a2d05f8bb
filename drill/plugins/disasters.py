"""The estate of the disaster drills as fixtures: every system of the policy's order of recovery, and who is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest

from drill.datasets import host as host_dataset
from drill.disasters.estate import CORE
from drill.errors import DrillError
from drill.hosts import AppHost
from drill.machines import Machine, MachineStore
from drill.notifications import Messenger
from drill.notifications.receivers import Mailbox, Receiver, Webhook, mailbox, webhook
from drill.plugins.estate import SERVERS
from drill.plugins.session import Settings
from drill.policy import Policy, Procedure
from drill.policy.notification import Audience
from drill.runtimes import Runtime
from drill.servers.redis import RedisServers
from drill.stores import CacheStore, HostStore, OpenCluster, SourceStore, Store


@pytest.fixture
def app_hosts(runtime: Runtime, settings: Settings) -> Iterator[Callable[[], AppHost]]:
    """Makes hosts of one's own with the application's files; they go with the scenario."""
    with ExitStack() as discarding:

        def make() -> AppHost:
            host = AppHost.blank(runtime)
            discarding.callback(host.discard)
            host_dataset.seed(host.root, seed=settings.seed, scale=settings.scale)
            return host

        yield make


@pytest.fixture
def store_of(
    open_cluster: OpenCluster,
    redis_servers: RedisServers,
    app_hosts: Callable[[], AppHost],
    request: pytest.FixtureRequest,
) -> Callable[[Procedure], Store]:
    """Makes a store for what a procedure backs up, filled, on a server or host of its own."""

    def made(procedure: Procedure) -> Store:
        if procedure.engine == "postgres" and procedure.archive:
            return open_cluster(procedure.name)[0]
        if procedure.engine == "redis":
            return CacheStore(redis_servers(), procedure=procedure.name)
        if procedure.engine == "files":
            return HostStore(app_hosts(), procedure)
        if procedure.engine == "git":
            return SourceStore(request.getfixturevalue("source_repository"), procedure=procedure.name)
        if procedure.engine == "machine":
            return MachineStore(request.getfixturevalue("fresh_machine"), procedure=procedure.name)
        raise DrillError(
            f"no disaster drill has a system for {procedure.name}", remedy="take it out of [[recovery]] of policy.toml"
        )

    return made


@pytest.fixture
def stores(
    policy: Policy, store_of: Callable[[Procedure], Store], request: pytest.FixtureRequest
) -> Mapping[str, Store]:
    """A store for every system of the policy's order of recovery.

    Whole machines, which take minutes, are among them only in scenarios that are tagged so.
    """
    with_machines = request.node.get_closest_marker("machine") is not None
    wanted = [policy.procedures[step.procedure] for step in policy.recovery]
    return {each.name: store_of(each) for each in wanted if with_machines or each.engine != "machine"}


@pytest.fixture
def core_stores(policy: Policy, store_of: Callable[[Procedure], Store]) -> Mapping[str, Store]:
    """A store for every system of the core of the estate."""
    wanted = [policy.procedures[step.procedure] for step in policy.recovery if step.procedure in CORE]
    return {each.name: store_of(each) for each in wanted}


@pytest.fixture
def fresh_machine(runtime: Runtime, request: pytest.FixtureRequest) -> Iterator[Machine]:
    """A running machine of one's own, for whoever loses it."""
    machine = Machine.running(runtime)
    request.node.stash.setdefault(SERVERS, []).append(machine)
    yield machine
    machine.discard()


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
