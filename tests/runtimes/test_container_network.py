"""A server that is started again finds the network as it was: it had another member all the while."""

from __future__ import annotations

import docker

from drill.runtimes.container_service import LABEL
from drill.runtimes.owner import Owner
from drill.servers.postgres import PostgresClusters
from drill.servers.redis import RedisServer


def members():
    """Those of our containers that run in the engine's default network."""
    client = docker.from_env()
    ours = {each.id for each in client.containers.list(filters={"label": f"{LABEL}={Owner.current()}"})}
    network = client.networks.get("bridge")
    client.close()
    return ours & set(network.attrs["Containers"])


def test_a_supervised_server_is_not_the_last_member(containers):
    before = members()
    server = RedisServer.blank(containers)
    while_it_runs = members() - before
    server.service.kill()
    while_it_is_down = members() - before

    assert (2, 1) == (len(while_it_runs), len(while_it_is_down))
    assert while_it_is_down < while_it_runs


def test_the_member_is_there_once_and_goes_with_the_runtime(containers):
    before = members()
    servers = [RedisServer.blank(containers) for _ in range(2)]
    assert 3 == len(members() - before)
    for server in servers:
        server.discard()
    assert 1 == len(members() - before)
    containers.close()

    assert before == members()


def test_what_nobody_starts_again_needs_none(containers):
    before = members()
    PostgresClusters(containers).blank()

    assert 1 == len(members() - before)
