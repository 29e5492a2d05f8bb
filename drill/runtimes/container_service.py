"""Single containers of the engine: how a server lives in one, and the removal of those that a dead run left."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import docker
import docker.errors

from drill.errors import DrillError
from drill.runtimes.container_engine import connect, plain_errors
from drill.runtimes.owner import Owner
from drill.runtimes.trees import remove_tree
from drill.waiting import Patience, StillWaiting, eventually

# isort: split
# container_engine sets what testcontainers reads when it is imported.
from testcontainers.core.container import DockerContainer
from testcontainers.core.exceptions import ContainerStartException

LABEL = "dr-drill.owner"
NEVER = {"Name": "no"}
"""The policy by which the engine leaves a container that has ended."""
RESTORED = "/mnt"
"""Where a container that was made of a directory sees that directory itself."""


class ContainerService:
    """A server in one container; a stopped container is started again, so that its port and mounts stay."""

    def __init__(self, container: DockerContainer, *, home: Path, host: str, port: int, listens: int) -> None:
        """Prepare it.

        Args:
            container: what runs.
            home: the service's directory.
            host: the address of this host that its port is published on, and no other.
            port: the port there.
            listens: the port inside.
        """
        self.home = home
        self.host = host
        self.port = port
        container.ports[str(listens)] = (host, port)  # type: ignore[assignment]
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

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have the engine not start the container again before the block has ended."""
        with plain_errors():
            self._wrapped.reload()
            policy = self._wrapped.attrs["HostConfig"]["RestartPolicy"]
            self._start_again_by(NEVER)
        try:
            yield
        finally:
            with plain_errors():
                if policy["Name"] != NEVER["Name"]:
                    self._start_again_by(policy)  # before it is started: an end that nobody has noticed counts then
                    self._wrapped.start()

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
                if self._exists:
                    # One that ends or is started again by itself at this moment cannot be killed, only stopped.
                    self._start_again_by(NEVER)
                    self._wrapped.stop(timeout=0)
                    self._wrapped.remove(force=True, v=True)
        self._created = False
        remove_tree(self.home)

    def _start_again_by(self, policy: Mapping[str, object]) -> None:
        """Have the engine start the container again as a policy says.

        It refuses, in words that differ, for as long as it has not noticed that what ran in the container has ended.
        """
        refused: list[docker.errors.APIError] = []

        def taken() -> bool:
            try:
                self._wrapped.update(restart_policy=policy)
            except docker.errors.APIError as error:
                refused.append(error)
                return False
            return True

        try:
            eventually("the engine to take a restart policy", taken, Patience.SERVER_GONE)
        except StillWaiting:
            raise refused[-1] from None

    @property
    def _exists(self) -> bool:
        """Whether there is a container: it is made as late as it is started, and that may fail."""
        try:
            return self._wrapped is not None
        except ContainerStartException:
            return False

    @property
    def _wrapped(self) -> docker.models.containers.Container:
        return self._container.get_wrapped_container()


class ImportedService(ContainerService):
    """A container of nothing but the files below a directory of this host, imported as they are at its first start."""

    def __init__(self, command: Sequence[str], *, home: Path, host: str, port: int, listens: int) -> None:
        """Prepare it.

        Args:
            command: what it runs, as root among these files.
            home: the service's directory; the files will be below its ``data``.
            host: as for every container.
            port: as for every container.
            listens: as for every container.
        """
        with plain_errors():
            container = DockerContainer("scratch")  # until there is one of the files
        container.with_command(list(command)).with_volume_mapping(str(home / "data"), RESTORED, "ro")
        container.with_kwargs(labels={LABEL: str(Owner.current())}, init=True)
        super().__init__(container, home=home, host=host, port=port, listens=listens)

    def start(self) -> None:
        """Import the files and create the container of them, or start it again."""
        if not self._created:
            self._container.image = self._imported()
        super().start()

    def run(self, script: str) -> bytes:
        """Run a shell script in the directory itself, with its own programs, and return what it wrote.

        What was imported is not all that was there: images keep no holes and no access lists.

        Raises:
            DrillError: it failed; the message ends with what it said.
        """
        with plain_errors():
            status, (output, said) = self._wrapped.exec_run(["chroot", RESTORED, "sh", "-c", script], demux=True)
        if status != 0:
            raise DrillError(f"{script!r} ended with {status}: {said!r}", remedy="see what was restored")
        return output or b""

    def discard(self) -> None:
        """Remove the container, its image and its home."""
        image = self._container.image if self._created else None
        super().discard()
        if image:
            with contextlib.closing(connect()) as client, plain_errors():
                client.images.remove(image, force=True)

    def _imported(self) -> str:
        """Return the id of an image of the files; it bears our label, as containers do."""
        command = ["tar", "--create", "--numeric-owner", "--xattrs", f"--directory={self.home / 'data'}", "."]
        engine = self._container.get_docker_client().client.api
        with subprocess.Popen(command, stdout=subprocess.PIPE) as packing, plain_errors():
            said = engine.import_image_from_stream(packing.stdout, changes=[f"LABEL {LABEL}={Owner.current()}"])
        if packing.returncode != 0:
            raise DrillError(f"{self.home}: tar ended with {packing.returncode}", remedy="see what was restored")
        told = json.loads(said.splitlines()[-1])
        if "status" not in told:
            raise DrillError(f"the container engine imported nothing: {told}", remedy="see the engine's own log")
        return str(told["status"])


def sweep_containers() -> list[str]:
    """Remove what belongs to owners that are certainly gone and return the names; never anything without our label."""
    swept = []
    client = connect()
    with plain_errors():
        # Other runs remove theirs at the same time.
        for container in client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True):
            if _is_left(container.labels):
                with contextlib.suppress(docker.errors.NotFound):
                    container.remove(force=True, v=True)
                    swept.append(str(container.name))
        for image in client.images.list(filters={"label": LABEL}):
            if _is_left(image.labels):
                with contextlib.suppress(docker.errors.NotFound):
                    client.images.remove(image.id, force=True)
                    swept.append(str(image.short_id))
        client.close()
    return swept


def _is_left(labels: Mapping[str, str]) -> bool:
    owner = Owner.parse(labels[LABEL])
    return owner is not None and owner.is_gone()
