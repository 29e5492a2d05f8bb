"""Runs of the features as they ship, in a process of their own, with places of their own for all that they make."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import psutil

from drill.runtimes.container_service import LABEL
from drill.waiting import Patience, eventually
from tests.evidence.rehearsal import REPOSITORY, Ran

SHARED = {"ports", "sweeping"}
"""What all runs of one user take turns by; it is nobody's alone, and stays."""


@dataclass(frozen=True)
class RealRun:
    """One run of one feature; ``place`` is where its servers, workspaces and its evidence are, and nothing else's."""

    place: Path
    runtime: str

    @contextmanager
    def started(self, *arguments: str, plugin: str = "") -> Iterator[subprocess.Popen[str]]:
        """Start it; a plugin's text may change something of the suite first.

        Args:
            arguments: pytest's.
            plugin: the text of a module that is loaded before anything is collected.
        """
        (self.place / "changed_for_this_run.py").write_text(plugin, "utf-8")
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DR_DRILL_"))
        }
        places = [str(REPOSITORY), str(self.place), *filter(None, [os.environ.get("PYTHONPATH")])]
        command = [sys.executable, "-m", "pytest", "-pchanged_for_this_run", f"--runtime={self.runtime}"]
        with subprocess.Popen(
            [*command, f"--reports={self.place / 'reports'}", *arguments],
            cwd=REPOSITORY,
            env=environment | {"TMPDIR": str(self.place), "PYTHONPATH": os.pathsep.join(places)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def ran(self, *arguments: str, plugin: str = "") -> Ran:
        """Run it to its end."""
        with self.started(*arguments, plugin=plugin) as process:
            return self.ended(process)

    def ended(self, process: subprocess.Popen[str]) -> Ran:
        """Wait for its end."""
        output, _ = process.communicate(timeout=300)
        return Ran(process.returncode, output, self.place / "reports")

    def await_server(self, process: subprocess.Popen[str]) -> None:
        """Wait until it has a database server that runs."""
        eventually(
            "a database server of the run",
            lambda: list(self.place.rglob("postmaster.pid")) or process.poll() is not None,
            Patience.SERVER_READY,
        )
        assert process.poll() is None

    def servers(self) -> list[str]:
        """The processes that name something below the place, and the containers that have it, beside the run itself."""
        commands = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
        running = [command for command in commands if f"{self.place}/" in command and "pytest" not in command]
        return running + (self._containers() if self.runtime == "docker" else [])

    def left(self) -> list[str]:
        """What is still there of it, its evidence and what it was given set apart."""
        ours = {"changed_for_this_run.py", "reports", "__pycache__", *SHARED}
        files = [path for path in self.place.rglob("*") if not ours & set(path.relative_to(self.place).parts)]
        return [*self.servers(), *(str(path) for path in files if path.is_file())]

    def _containers(self) -> list[str]:
        client = docker.from_env()
        try:
            found = client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
            return [
                container.name
                for container in found
                if any(mount["Source"].startswith(f"{self.place}/") for mount in container.attrs["Mounts"])
            ]
        finally:
            client.close()


@contextmanager
def real_run(runtime: str) -> Iterator[RealRun]:
    """A run in a directory that the user of the servers can enter, too, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="real-run-") as place:
        Path(place).chmod(0o711)
        yield RealRun(Path(place), runtime)
