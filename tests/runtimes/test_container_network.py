"""A server that is started again finds the network as it was: it had another member all the while."""

from __future__ import annotations

import docker
import pytest

from drill.runtimes import RuntimeUnavailable, resolve
from drill.runtimes.container_service import LABEL
from drill.runtimes.owner import Owner
from drill.servers.postgres import PostgresClusters
from drill.servers.redis import RedisServer


@pytest.fixture
def runtime(settings):
    try:
        runtime = resolve("docker", dict(settings.policy.runtime.images.items())).open()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    yield runtime
    runtime.close()


def members():
    """Those of our containers that run in the engine's default network."""
    client = docker.from_env()
    ours = {each.id for each in client.containers.list(filters={"label": f"{LABEL}={Owner.current()}"})}
    network = client.networks.get("bridge")
    client.close()
    return ours & set(network.attrs["Containers"])


def test_a_supervised_server_is_not_the_last_member(runtime):
    before = members()
    server = RedisServer.blank(runtime)
    while_it_runs = members() - before
    server.service.kill()
    while_it_is_down = members() - before

    assert (2, 1) == (len(while_it_runs), len(while_it_is_down))
    assert while_it_is_down < while_it_runs


def test_the_member_is_there_once_and_goes_with_the_runtime(runtime):
    before = members()
    servers = [RedisServer.blank(runtime) for _ in range(2)]
    assert 3 == len(members() - before)
    for server in servers:
        server.discard()
    assert 1 == len(members() - before)
    runtime.close()

    assert before == members()


def test_what_nobody_starts_again_needs_none(runtime):
    before = members()
    PostgresClusters(runtime).blank()

    assert 1 == len(members() - before)
