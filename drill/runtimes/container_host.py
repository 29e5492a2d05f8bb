"""A host that is a container: its root is the one that the engine lays out, and goes with the container."""

from __future__ import annotations

import os
from pathlib import Path

import docker

from drill.errors import DrillError
from drill.runtimes.container_engine import Image, plain_errors
from drill.runtimes.container_service import LABEL
from drill.runtimes.owner import Owner
from drill.runtimes.protocol import RuntimeUnavailable

WAITING = ("tail", "-f", "/dev/null")
"""What the container does: it is there for its root alone."""


class ContainerHost:
    """A container and its root; a lost one is replaced by a new one of the same image.

    What the engine mounts into a container (``/proc``, ``/etc/hosts`` and the like) lies over the root and is no part
    of it.
    """

    def __init__(self, client: docker.DockerClient, image: Image) -> None:
        """Remember what it is made of; it is there once it is provisioned."""
        self._client = client
        self._image = image
        self._container: docker.models.containers.Container | None = None
        self._root: Path | None = None

    @property
    def root(self) -> Path:
        """Where the engine shows the container's root on this host; for a lost one, where it was.

        Raises:
            DrillError: there was none yet.
        """
        if self._root is None:
            raise DrillError("the container was never started", remedy="provision the host first")
        return self._root

    def provision(self) -> None:
        """Start a container whose root holds what the image holds.

        Raises:
            RuntimeUnavailable: we do not get at its root; no container is left.
        """
        with plain_errors():
            self._container = self._client.containers.run(
                self._image.id,
                list(WAITING[1:]),
                entrypoint=WAITING[0],
                detach=True,
                network_mode="none",
                labels={LABEL: str(Owner.current())},
            )
            self._container.reload()
        layout = self._container.attrs.get("GraphDriver") or {}
        merged = (layout.get("Data") or {}).get("MergedDir")
        if merged and os.path.ismount(merged):
            self._root = Path(merged)
            return
        self.lose()
        if os.geteuid() != 0:
            raise RuntimeUnavailable("only root gets at the root of a container", remedy="run the drill as root")
        raise RuntimeUnavailable(
            f"the engine keeps containers by {layout.get('Name')}, which shows their roots nowhere on this host",
            remedy="use the storage driver overlay2",
        )

    def lose(self) -> None:
        """Kill the container with SIGKILL and remove it; its root is gone with it."""
        if self._container is not None:
            with plain_errors():
                self._container.remove(force=True, v=True)
            self._container = None

    def leftovers(self) -> list[str]:
        """Return the paths that differ from what the image holds, as the engine tells them."""
        if self._container is None:
            return []
        with plain_errors():
            return sorted(change["Path"] for change in self._container.diff() or ())

    def discard(self) -> None:
        """Remove the container."""
        self.lose()

    def __str__(self) -> str:
        return f"a container of {self._image.reference}"
