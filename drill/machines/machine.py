"""A machine in software emulation: a process of ours, whose disk is a file."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Sequence
from pathlib import Path

from drill.machines import template
from drill.machines.application import ApplicationServer
from drill.machines.template import Template
from drill.runtimes import Runtime
from drill.runtimes.embedded import EmbeddedService
from drill.runtimes.workspace import write_private
from drill.servers.process import ServerError
from drill.waiting import Patience

NAME = "counting-host"
MEMORY = 256
"""In MiB."""
TRANSLATED = 128
"""MiB of translated code that are kept; by itself the emulator takes a gigabyte."""
_numbers = itertools.count(1)


class Machine(ApplicationServer):
    """One machine: it has answered when its application has; ``run`` runs a command on it as root."""

    patience = Patience.MACHINE_BOOTED

    def __init__(self, runtime: Runtime, *, made: Template | None = None) -> None:
        """Put one together, its disk blank; of the recipe that every drill begins with, where no other is given."""
        self._workspace = runtime.workspace
        self._template = made or template.template()
        self._home = runtime.workspace.make(f"machine-{next(_numbers)}")
        port, self._door = runtime.workspace.claim_port(), runtime.workspace.claim_port()
        super().__init__(self._wired(port, self._disks()))
        door, home = self._door, self._home
        self.ssh_configuration = runtime.workspace.directory / f"{home.name}.ssh"
        known = runtime.workspace.directory / f"{home.name}.known"
        write_private(known, f"{NAME} {self._template.host_key.read_text('ascii')}")
        facts = {
            "HostName": "127.0.0.1", "Port": door, "User": "root", "HostKeyAlias": NAME,
            "IdentityFile": self._template.identity, "IdentitiesOnly": "yes",
            "UserKnownHostsFile": known, "StrictHostKeyChecking": "yes", "LogLevel": "ERROR",
        }  # fmt: skip
        lines = [f"Host {NAME}", *(f"  {name} {value}" for name, value in facts.items())]
        write_private(self.ssh_configuration, "\n".join(lines) + "\n")

    @classmethod
    def running(cls, runtime: Runtime) -> Machine:
        """Start the machine as it was made."""
        machine = cls(runtime)
        machine.provision()
        subprocess.run(
            ["cp", "--sparse=always", "--reflink=auto", str(machine._template.disk), str(machine.disk)], check=True
        )
        machine.start()
        return machine

    def _disks(self) -> Sequence[str]:
        """Return the emulator's words for what this machine starts from."""
        return ("-drive", f"if=none,id=disk,format=raw,file={self._home / 'data' / 'disk'}",
                "-device", "nvme,drive=disk,serial=1")  # fmt: skip

    def _wired(self, port: int, disks: Sequence[str]) -> EmbeddedService:
        """Return the emulator with these disks."""
        # Software emulation everywhere, so that times compare; what a guest may reach ends at its own two doors.
        # One processor: with two that are emulated at once, a kernel was seen to run into an instruction of its own
        # that it was just rewriting (a static key), and to panic as it started.
        command = [
            template.program("qemu-system-x86_64"), "-accel", f"tcg,tb-size={TRANSLATED}",
            "-cpu", "Westmere", "-smp", "1",
            "-m", str(MEMORY), "-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio",
            "-no-reboot", "-boot", "reboot-timeout=0", "-sandbox", "on",
            *disks,
            "-nic", "user,model=virtio-net-pci,restrict=on,"
            f"hostfwd=tcp:127.0.0.1:{port}-:80,hostfwd=tcp:127.0.0.1:{self._door}-:22",
        ]  # fmt: skip
        return EmbeddedService(command, home=self._home, port=port, workspace=self._workspace, supervised=False)

    @property
    def disk(self) -> Path:
        """The file that is its disk."""
        return self.data / "disk"

    def provision(self) -> None:
        """Put a blank disk of the same size in the place of the missing one."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.disk.touch(mode=0o600)
        with self.disk.open("r+b") as file:
            file.truncate(self._template.disk.stat().st_size)
        for place in (self.data, self.disk):
            self._workspace.user.give(place)

    def run(self, script: str) -> bytes:
        """Run a shell script on the machine and return what it wrote.

        Raises:
            ServerError: it failed; the message ends with what was said.
        """
        done = self.attempt(script)
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise ServerError(f"{self}: {script!r} ended with {done.returncode}: {said}", remedy="read its console")
        return done.stdout

    def attempt(self, script: str) -> subprocess.CompletedProcess[bytes]:
        """Run a shell script on the machine and return what came of it, whatever that is."""
        return subprocess.run(
            ["ssh", "-F", str(self.ssh_configuration), NAME, script],
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip

    def __str__(self) -> str:
        return f"machine {NAME} on port {self.port}"
