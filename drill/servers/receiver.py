"""The streaming receiver: the configured program that takes a server's write-ahead log as it is written."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

from drill.commands.search_path import search_path
from drill.ending import undisturbed
from drill.errors import DrillError
from drill.policy import Command
from drill.runtimes import Runtime, processes
from drill.runtimes.owner import start_tick
from drill.servers.postgres import PostgresServer
from drill.servers.wal_keeping import WalKeeping
from drill.waiting import Patience, eventually

LAST_WORDS = 600


class WalReceiver:
    """Runs beside the server, as the same user; a context manager. It outlives the server, as on another machine."""

    def __init__(self, server: PostgresServer, keeping: WalKeeping, *, runtime: Runtime) -> None:
        self._server = server
        self._keeping = keeping
        self._runtime = runtime
        self._home = runtime.workspace.directory / f"receiver-{server.port}-{keeping.directory.name}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> WalReceiver:
        """Start it and wait until the log streams.

        Raises:
            DrillError: it ended instead; the message ends with what it said.
        """
        if self._keeping.procedure.receive is None:
            raise DrillError(
                f"{self._keeping.procedure.name} has no receive command", remedy="add receive = … to policy.toml"
            )
        self._runtime.workspace.make(self._home.name)
        with ExitStack() as failing:
            failing.callback(self.__exit__)
            self.start()
            failing.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """End it, if it has not ended by itself, and remove what it had."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def start(self) -> None:
        """Start it, again where it was killed, and wait until the log streams.

        Raises:
            DrillError: it ended instead; the message ends with what it said.
        """
        command = self._keeping.procedure.receive
        if command is not None:
            self._run(command)
            eventually("the receiver to stream", self._streams, Patience.SERVER_READY)

    def lose(self) -> None:
        """Kill it, as with the machine that it runs on; its server may be lost as well."""
        if self._process is not None:
            processes.kill_all(processes.family_of(self._process))
            self._process.wait()

    def kill(self) -> None:
        """Kill it, and wait until the server has noticed: otherwise it would not let the next one have the slot."""
        self.lose()
        eventually("the server to miss its receiver", lambda: not self._senders(), Patience.SERVER_GONE)

    def stop(self) -> None:
        """End it in an orderly way, if it has not ended by itself."""
        if self._process is not None:
            members = processes.family_of(self._process)
            if members:
                self._process.terminate()
            processes.wait_for_end(members)
            self._process.wait()

    def _run(self, command: Command) -> None:
        with undisturbed(), self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command.argv({}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._home,
                env=self._environment(),
                start_new_session=True,
                **self._runtime.workspace.user.credentials(),
            )
            pid = self._process.pid
            (self._home / "server.pid").write_text(f"{pid} {start_tick(pid)}", "ascii")

    @property
    def _log(self) -> Path:
        return self._home / "receiver.log"

    def _environment(self) -> dict[str, str]:
        password = self._home / "pgpass"
        shutil.copyfile(self._runtime.workspace.password_file(), password)
        password.chmod(0o600)
        self._runtime.workspace.user.give(password)
        server = self._server.environment("postgres") | {"PGPASSFILE": str(password)}
        path = os.pathsep.join([str(self._keeping.programs), search_path(self._runtime.programs)])
        return {**server, **self._keeping.environment(), "PATH": path, "LC_ALL": "C.UTF-8"}

    def _streams(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            said = self._log.read_text("utf-8", "replace")[-LAST_WORDS:]
            raise DrillError(f"the receiver ended: {said.strip()}", remedy="correct the procedure in policy.toml")
        return ("streaming",) in self._senders()

    def _senders(self) -> list[tuple[object, ...]]:
        with self._server.connect("postgres") as connection:
            return connection.execute("SELECT state FROM pg_stat_replication").fetchall()
