"""Real servers in containers through testcontainers, with their data directories on this host."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import docker

from drill.errors import DrillError
from drill.runtimes import client_programs
from drill.runtimes.container_engine import Image, connect, find_image, plain_errors
from drill.runtimes.container_host import ContainerHost
from drill.runtimes.container_network import ContainerNetwork
from drill.runtimes.container_service import LABEL, ContainerService, ImportedService
from drill.runtimes.owner import Owner
from drill.runtimes.protocol import SERVERS, Engine, EngineVersion, product
from drill.runtimes.workspace import Workspace
from drill.waiting import Patience, eventually

# isort: split
# container_engine sets what testcontainers reads when it is imported.
from testcontainers.core.container import DockerContainer


class ContainerRuntime:
    """Runs the images that the policy names."""

    name = "docker"
    listen_address = "*"

    def __init__(
        self,
        workspace: Workspace,
        client: docker.DockerClient,
        images: Mapping[Engine, Image],
        *,
        reason: str,
    ) -> None:
        self.workspace = workspace
        self.reason = reason
        self.programs = workspace.directory / "programs"
        self._client = client
        self._images = images
        self._network = ContainerNetwork(client, images[Engine.REDIS])
        self._host = self._network.address_here()
        self._services: list[ContainerService | ContainerHost] = []
        self._versions: dict[Engine, EngineVersion] = {}
        self.programs.mkdir(mode=0o755)
        # A user that the image does not know: initdb wants to look its name up.
        self._users = workspace.directory / "passwd"
        user = workspace.user
        self._users.write_text(f"root:x:0:0::/:/bin/sh\ndrill:x:{user.uid}:{user.gid}::/:/bin/sh\n", "ascii")

    @classmethod
    def open(cls, references: Mapping[Engine, str], *, reason: str) -> ContainerRuntime:
        """Return a runtime with a workspace and the images' client programs.

        Raises:
            RuntimeUnavailable: no engine answers, or an image cannot be had.
        """
        client = connect()
        images = {engine: find_image(client, reference) for engine, reference in references.items()}
        with Workspace.create().unless_opened() as workspace:
            runtime = cls(workspace, client, images, reason=reason)
            for engine in images:
                runtime._take_programs(engine)
        return runtime

    def version(self, engine: Engine) -> EngineVersion:
        """Return which server the image holds."""
        return self._versions[engine]

    def run_once(self, engine: Engine, command: Sequence[str], *, home: Path, feed: Path | None = None) -> None:
        """Run one of the engine's own programs as the servers' user; it reads a file from its standard input."""
        if feed is not None:
            command = ["sh", "-c", 'exec "$@" <"$0"', str(feed), *command]
        with self._container(engine, command, volumes=self._mounts(home), **self._settings()) as container:
            status = container.wait()["StatusCode"]
            said = container.logs().decode("utf-8", "replace")
        if status:
            raise DrillError(
                f"{command[0]} exited with {status}: {said.strip()}", remedy="check the image and free space"
            )

    def service(
        self,
        engine: Engine,
        command: Sequence[str],
        *,
        home: Path,
        port: int,
        supervised: bool,
        shared: Sequence[Path] = (),
    ) -> ContainerService:
        """Prepare a server that will listen on ``port``, inside and outside alike."""
        if supervised:
            self._network.keep()
        with plain_errors():
            container = DockerContainer(self._images[engine].id)
        container.with_command(list(command)).with_env("PGDATA", str(home / "data"))
        for source, mount in self._mounts(home).items():
            container.with_volume_mapping(source, mount["bind"], mount["mode"])
        for directory in shared:
            container.with_volume_mapping(str(directory), str(directory), "rw")
        restart = {"Name": "unless-stopped" if supervised else "no"}
        container.with_kwargs(restart_policy=restart, shm_size="256m", **self._settings())
        service = ContainerService(container, home=home, host=self._host, port=port, listens=port)
        self._services.append(service)
        return service

    def service_of(self, command: Sequence[str], *, listens: int, home: Path, port: int) -> ImportedService:
        """Prepare a container of the files that will be below ``home / "data"``."""
        service = ImportedService(command, home=home, host=self._host, port=port, listens=listens)
        self._services.append(service)
        return service

    def container_host(self) -> ContainerHost:
        """Start a host that is a container of the Redis image, the smallest: its server is not started."""
        host = ContainerHost(self._client, self._images[Engine.REDIS])
        self._services.append(host)
        host.provision()
        return host

    def close(self) -> None:
        """Remove every container and the workspace; what can be removed goes even where the engine is lost."""
        with contextlib.ExitStack() as last_things:
            if self.workspace.directory.exists():
                last_things.callback(self.workspace.remove)
            last_things.callback(self._client.close)
            last_things.callback(self._network.discard)
            for service in self._services:
                last_things.callback(service.discard)
            self._services.clear()

    def _take_programs(self, engine: Engine) -> None:
        image = self._images[engine]
        labels = {LABEL: str(Owner.current())}
        with self._container(engine, ["tail", "-f", "/dev/null"], labels=labels) as container:
            store = self.workspace.directory / f"{engine}-client"
            client_programs.extract(container, client_programs.NAMES[engine], store=store, launchers=self.programs)
            asking = [SERVERS[engine], "--version"]
            # An engine that had just lost many clients was seen to end this without a word, twice at the same moment.
            said = eventually(
                f"{image.reference} to tell its version",
                lambda: container.exec_run(asking)[1].decode().strip(),
                Patience.SERVER_READY,
            )
        self._versions[engine] = EngineVersion(
            engine=engine,
            product=product(engine, said),
            origin=f"{image.reference}, {image.origin}",
            digest=image.digest,
        )

    @contextlib.contextmanager
    def _container(
        self, engine: Engine, command: Sequence[str], **settings: Any
    ) -> Iterator[docker.models.containers.Container]:
        """Run one program in a container without a network; the container goes, and its volumes with it."""
        with plain_errors():
            container = self._client.containers.run(
                self._images[engine].id,
                list(command[1:]),
                entrypoint=command[0],
                detach=True,
                network_mode="none",
                **settings,
            )
            try:
                yield container
            finally:
                container.remove(force=True, v=True)

    def _mounts(self, home: Path) -> dict[str, dict[str, str]]:
        return {
            str(home): {"bind": str(home), "mode": "rw"},
            str(self._users): {"bind": "/etc/passwd", "mode": "ro"},
        }

    def _settings(self) -> dict[str, Any]:
        user = self.workspace.user
        return {"labels": {LABEL: str(Owner.current())}, "user": f"{user.uid}:{user.gid}", "init": True}
