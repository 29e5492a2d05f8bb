"""Real servers in containers through testcontainers, with their data directories on this host."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import docker

from drill.errors import DrillError
from drill.runtimes import client_programs
from drill.runtimes.container_engine import Image, connect, find_image, plain_errors
from drill.runtimes.owner import Owner
from drill.runtimes.protocol import SERVERS, Engine, EngineVersion, product
from drill.runtimes.workspace import Workspace
from drill.waiting import Patience, eventually

# isort: split
# container_engine sets what testcontainers reads when it is imported.
from testcontainers.core.container import DockerContainer

LABEL = "dr-drill.owner"


class ContainerService:
    """A server in one container; a stopped container is started again, so that its port and mounts stay."""

    host = "127.0.0.1"

    def __init__(self, container: DockerContainer, *, home: Path, port: int) -> None:
        self.home = home
        self.port = port
        self._container = container
        self._created = False
        self._discarded = False

    @property
    def address(self) -> str:
        """The container's own address: what is published on this host is out of another container's reach."""
        with plain_errors():
            self._wrapped.reload()
            networks = self._wrapped.attrs["NetworkSettings"]["Networks"]
        return str(next(iter(networks.values()))["IPAddress"])

    def start(self) -> None:
        """Create the container, or start it again."""
        with plain_errors():
            if self._created:
                self._wrapped.start()
            else:
                self._created = True
                self._container.start()

    def stop(self) -> None:
        """Ask for an orderly end with the image's stop signal."""
        with plain_errors():
            self._wrapped.stop(timeout=30)

    def kill(self) -> None:
        """End everything in the container with SIGKILL."""
        if not self._created:
            return
        with plain_errors():
            if self.is_running():
                self._wrapped.kill()
            self._wrapped.wait()

    def is_running(self) -> bool:
        """Tell whether the container runs."""
        with plain_errors():
            self._wrapped.reload()
            return bool(self._wrapped.status == "running")

    def read_log(self) -> str:
        """Return what the server has logged so far."""
        with plain_errors():
            return self._wrapped.logs().decode("utf-8", "replace") if self._created else ""

    def discard(self) -> None:
        """Remove the container and its home."""
        if not self._discarded:
            self._discarded = True
            # Each container has a client of its own, to be closed even where the engine is lost.
            with contextlib.closing(self._container.get_docker_client().client), plain_errors():
                if self._container.get_wrapped_container() is not None:
                    # One that ends or is started again by itself at this moment cannot be killed, only stopped.
                    self._wrapped.update(restart_policy={"Name": "no"})
                    self._wrapped.stop(timeout=0)
                    self._wrapped.remove(force=True, v=True)
        self._created = False
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def _wrapped(self) -> docker.models.containers.Container:
        return self._container.get_wrapped_container()


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
        self._services: list[ContainerService] = []
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
        runtime = cls(Workspace.create(), client, images, reason=reason)
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
        with plain_errors():
            container = DockerContainer(self._images[engine].id)
        container.with_command(list(command)).with_env("PGDATA", str(home / "data"))
        container.ports[str(port)] = ("127.0.0.1", port)  # type: ignore[assignment]  # only here, not on every interface
        for source, mount in self._mounts(home).items():
            container.with_volume_mapping(source, mount["bind"], mount["mode"])
        for directory in shared:
            container.with_volume_mapping(str(directory), str(directory), "rw")
        restart = {"Name": "unless-stopped" if supervised else "no"}
        container.with_kwargs(restart_policy=restart, shm_size="256m", **self._settings())
        service = ContainerService(container, home=home, port=port)
        self._services.append(service)
        return service

    def close(self) -> None:
        """Remove every container and the workspace; what can be removed goes even where the engine is lost."""
        with contextlib.ExitStack() as last_things:
            if self.workspace.directory.exists():
                last_things.callback(self.workspace.remove)
            last_things.callback(self._client.close)
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


def sweep_containers() -> list[str]:
    """Remove the containers whose owner is certainly gone and return their names; never anything without our label."""
    swept = []
    client = connect()
    with plain_errors():
        # Other runs remove theirs at the same time.
        for container in client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
            owner = Owner.parse(container.labels[LABEL])
            if owner is not None and owner.is_gone():
                with contextlib.suppress(docker.errors.NotFound):
                    container.remove(force=True, v=True)
                    swept.append(str(container.name))
        client.close()
    return swept
