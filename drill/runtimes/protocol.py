"""What a runtime and a service are, whichever way the servers run.

Data directories lie on this host in both runtimes (in docker they are mounted at the same path), so losing, copying and
comparing them is the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from drill.errors import DrillError
from drill.runtimes.workspace import Workspace


class RuntimeUnavailable(DrillError):
    """This runtime cannot run here."""


class Engine(StrEnum):
    """A kind of server that a runtime can run."""

    POSTGRES = "postgres"
    REDIS = "redis"


@dataclass(frozen=True, slots=True)
class EngineVersion:
    """Which server served: product and version, where it came from, and the image's digest where there is one."""

    engine: Engine
    product: str
    origin: str
    digest: str | None = None

    @property
    def major(self) -> int:
        """The first number of the version."""
        numbers = re.findall(r"\d+", self.product)
        return int(numbers[0])

    def __str__(self) -> str:
        return f"{self.product} ({self.origin})"


SERVERS = {Engine.POSTGRES: "postgres", Engine.REDIS: "redis-server"}
"""The server program of each engine, as production names it."""


def product(engine: Engine, said: str) -> str:
    """Return product and version from what the server program says to ``--version``."""
    words = said.split()
    if engine is Engine.POSTGRES:
        return f"PostgreSQL {words[2]}"
    return f"{words[0]} {next(word.removeprefix('v=') for word in words if word.startswith('v='))}"


class Service(Protocol):
    """One server process with a home directory on this host (its data directory is ``home / "data"``)."""

    @property
    def home(self) -> Path:
        """The server's directory."""

    @property
    def host(self) -> str:
        """The address that clients use."""

    @property
    def address(self) -> str:
        """The address at which another server of the same runtime reaches it while it runs, on the same port."""

    @property
    def port(self) -> int:
        """The TCP port; the same through every restart."""

    def start(self) -> None:
        """Start the process; it may not answer yet."""

    def stop(self) -> None:
        """Ask the process to end in an orderly way, and wait until it has."""

    def kill(self) -> None:
        """End the process and all its children with SIGKILL, and wait until they are gone."""

    def held(self) -> AbstractContextManager[None]:
        """Have a supervised server not be started again before the block has ended."""

    def is_running(self) -> bool:
        """Tell whether the process lives."""

    def read_log(self) -> str:
        """Return what the server has logged so far."""

    def discard(self) -> None:
        """Kill the process and remove its home."""


class TreeService(Service, Protocol):
    """A server of nothing but the files of a directory of this host."""

    def run(self, script: str) -> bytes:
        """Run a shell script of the directory's own programs there, and return what it wrote.

        Raises:
            DrillError: it failed; the message ends with what it said.
        """


class Host(Protocol):
    """A machine that an application runs on, as far as its files go."""

    @property
    def root(self) -> Path:
        """What its users call ``/``, as this host sees it."""

    def lose(self) -> None:
        """Lose the disk at once: whoever writes to it finds nothing from one moment to the next."""

    def provision(self) -> None:
        """Put a new disk in the place of the lost one."""

    def leftovers(self) -> list[str]:
        """Return what is on the disk that was not there when it was new."""

    def discard(self) -> None:
        """Remove the host."""


class Runtime(Protocol):
    """A way of running disposable servers, and the client programs that match them."""

    workspace: Workspace
    reason: str

    @property
    def name(self) -> str:
        """``docker`` or ``embedded``."""

    @property
    def programs(self) -> Path:
        """The directory of client programs, to be put first on PATH."""

    @property
    def listen_address(self) -> str:
        """What a server listens on to be reachable at ``Service.host``."""

    def version(self, engine: Engine) -> EngineVersion:
        """Return which server this runtime runs."""

    def run_once(self, engine: Engine, command: Sequence[str], *, home: Path, feed: Path | None = None) -> None:
        """Run one of the engine's own programs as the servers' user, with access to ``home`` alone.

        It reads the file ``feed``, which lies in ``home``, from its standard input.

        Raises:
            DrillError: the program failed; the message ends with what it said.
        """

    def service(
        self,
        engine: Engine,
        command: Sequence[str],
        *,
        home: Path,
        port: int,
        supervised: bool,
        shared: Sequence[Path] = (),
    ) -> Service:
        """Prepare a server that will listen on ``port``.

        A supervised server is started again when it ends in an orderly way, as a service manager would do. What is
        ``shared`` are further directories that it reaches under the same path, if its user may.
        """

    def service_of(self, command: Sequence[str], *, listens: int, home: Path, port: int) -> TreeService:
        """Prepare a server of nothing but the files that will be below ``home / "data"``, as root among them.

        It listens on the port ``listens``, and is reached on ``port``.

        Raises:
            RuntimeUnavailable: this runtime has no containers.
        """

    def container_host(self) -> Host:
        """Start a host that is a container, whose root is the container's own: with an operating system on it.

        Raises:
            RuntimeUnavailable: this runtime has no containers, or we do not get at their roots.
        """

    def close(self) -> None:
        """Kill every service of this runtime and remove its workspace; safe to call twice."""
