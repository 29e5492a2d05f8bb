"""The containers' network: it has another member all the while, and servers are published where the kernel leads."""

from __future__ import annotations

from types import SimpleNamespace

import docker
import psutil
import pytest

from drill.runtimes.container_network import ContainerNetwork
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


def network_with(*settings):
    described = SimpleNamespace(attrs={"IPAM": {"Config": list(settings)}})
    client = SimpleNamespace(networks=SimpleNamespace(get=lambda _: described))
    return ContainerNetwork(client, image=None)


def test_servers_are_published_on_this_host_s_address_in_the_network(containers):
    server = RedisServer.blank(containers)

    assert server.host in {each.address for each in psutil.net_if_addrs()["docker0"]}
    with server.client() as client:
        assert client.ping()


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ([{"Subnet": "127.7.7.0/24"}], "127.7.7.1"),
        ([{"Subnet": "127.7.7.0/24", "Gateway": "127.7.7.9"}], "127.7.7.9"),
        ([{"Subnet": "fd00:7::/64"}, {"Subnet": "127.7.7.0/24"}], "127.7.7.1"),
        ([{"Subnet": "192.0.2.0/24"}], "127.0.0.1"),
        ([{"Subnet": "192.0.2.0/24", "Gateway": "192.0.2.1"}], "127.0.0.1"),
        ([], "127.0.0.1"),
    ],
    ids=["first-address", "gateway", "beside-ipv6", "of-another-machine", "gateway-of-another-machine", "none"],
)
def test_where_the_network_has_no_address_here_it_is_the_loopback_s(settings, address):
    assert address == network_with(*settings).address_here()
