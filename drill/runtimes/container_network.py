"""The network of the containers: it is never without a member as long as it is kept, and has an address here."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading

import docker

from drill.runtimes.container_engine import Image, plain_errors
from drill.runtimes.container_host import WAITING
from drill.runtimes.container_service import LABEL
from drill.runtimes.owner import Owner

LOOPBACK = "127.0.0.1"


class ContainerNetwork:
    """The engine's default network, with a container in it that does nothing.

    When the last container of a network ends, its bridge has no carrier any more, and Linux forgets the addresses of
    all (``neigh_carrier_down``). Whoever then connects to a published port before the container is up again has its
    address asked for, in vain, and asked for again only a second later (arp(7), ``retrans_time_ms``): a restart would
    take that second longer where nothing else runs in containers, as it never is in production.
    """

    def __init__(self, client: docker.DockerClient, image: Image) -> None:
        """Remember of what the container is made; there is none before it is needed."""
        self._client = client
        self._image = image
        self._member: docker.models.containers.Container | None = None
        self._lock = threading.Lock()

    def address_here(self) -> str:
        """Return the address that this host has in the network, else the loopback's: nothing elsewhere leads to either.

        What is published on it is passed on by the kernel. On the loopback address a process of the engine's copies
        every byte (docker-proxy): 0.5 s of a processor for a restore of 1 GB.
        """
        with plain_errors():
            settings = self._client.networks.get("bridge").attrs["IPAM"]["Config"] or ()
        for each in settings:
            # Some engines tell no gateway; they take the first address then.
            address = each.get("Gateway") or str(next(ipaddress.ip_network(each["Subnet"]).hosts()))
            with contextlib.suppress(OSError), socket.socket() as probe:
                probe.bind((address, 0))
                return str(address)
        return LOOPBACK

    def keep(self) -> None:
        """See that there is a member from now on."""
        with self._lock, plain_errors():
            if self._member is None:
                self._member = self._client.containers.run(
                    self._image.id,
                    list(WAITING[1:]),
                    entrypoint=WAITING[0],
                    detach=True,
                    labels={LABEL: str(Owner.current())},
                )

    def discard(self) -> None:
        """Remove the member."""
        if self._member is not None:
            with plain_errors():
                self._member.remove(force=True, v=True)
            self._member = None
