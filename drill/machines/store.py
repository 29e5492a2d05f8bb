"""A whole machine as a store, and a container in its place: the disaster is SIGKILL and the disk gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from drill.commands.search_path import system_path
from drill.errors import DrillError
from drill.fingerprints import Fingerprint
from drill.machines import files
from drill.machines.application import ApplicationServer
from drill.machines.container import MachineContainer
from drill.machines.machine import NAME, Machine
from drill.progress import working_on
from drill.stores.store import GrowingStore, ServerStore

RECORDING = 1_000_000
"""Bytes of each recording that a machine grows by."""
RECORD = """set -e
place=$(mktemp -d /var/lib/application/recordings.XXXXXX)
for each in $(seq {number}); do head -c {size} /dev/urandom >"$place/$each"; done
sync"""


class ApplicationStore(ServerStore):
    """Whatever runs the application, with every file that it has; once restored, it still has to be started."""

    replays = True
    server: ApplicationServer

    def fingerprint(self) -> Fingerprint:
        """Return every file of its disk."""
        with working_on("reading the machine's disk"):
            return files.fingerprint(self.server)

    def health(self) -> tuple[object, ...]:
        """Return what its application says of itself, line by line."""
        return tuple(self.server.ask().splitlines())

    def writer(self) -> NoReturn:
        """Refuse: nothing counts what is written to a whole machine.

        Raises:
            DrillError: always.
        """
        raise DrillError("a machine has no ledger of its writes", remedy="measure data loss on its databases and files")

    def written(self) -> NoReturn:
        """Refuse, as ``writer`` does.

        Raises:
            DrillError: always.
        """
        self.writer()

    def provision(self) -> None:
        """Put a blank disk in the place of the lost one; nothing starts from it yet."""
        self.server.provision()


class MachineStore(ApplicationStore, GrowingStore):
    """A machine with everything on its disk; once restored, it still has to be booted."""

    server: Machine
    smallest = 190_000_000
    step = 1.4

    def __init__(self, machine: Machine, *, procedure: str = "system") -> None:
        """Remember which machine it is, and what backs it up."""
        self.server = machine
        self.procedure = procedure

    def environment(self) -> Mapping[str, str]:
        """Return how a script reaches the machine, and where it finds the disk."""
        return {
            "SYSTEM_HOST": NAME,
            "SYSTEM_SSH_CONFIG": str(self.server.ssh_configuration),
            "RESTORE_TARGET": str(self.server.disk),
            "PATH": system_path(),
        }

    def size(self) -> int:
        """Return the bytes that its files take."""
        return sum(map(int, self.server.run(f"df --block-size=1 --output=used {files.DISK}").split()[1:]))

    def grow(self, size: int) -> None:
        """Add recordings, which do not compress, until there are at least so many bytes."""
        with working_on(f"growing the machine to {size} bytes"):
            while (missing := size - self.size()) > 0:
                self.server.run(RECORD.format(number=missing // RECORDING + 1, size=RECORDING))

    def canaries(self) -> dict[str, bytes]:
        """Return some of what only those who are let in may know, as its disk holds it."""
        key = self.server.run("cat /etc/ssh/ssh_host_ed25519_key").splitlines()
        counts = self.server.run("cat /var/lib/application/counts")
        return {"the machine's secret key": key[len(key) // 2], "what its cameras have counted": counts[:64]}

    def leftovers(self) -> list[str]:
        """Return whether there is anything on its disk but zeros."""
        with self.server.disk.open("rb") as disk:
            blank = all(chunk.count(0) == len(chunk) for chunk in iter(lambda: disk.read(1 << 20), b""))
        return [] if blank else [str(self.server.disk)]


class ContainerStore(ApplicationStore):
    """A machine that is lost, and a container that takes its place."""

    server: MachineContainer

    def __init__(self, machine: MachineStore, container: MachineContainer) -> None:
        """Remember whose place it takes; the procedure is the machine's."""
        self.procedure = machine.procedure
        self.machine = machine
        self.server = container

    def environment(self) -> Mapping[str, str]:
        """Return where a script finds the empty directory."""
        return {"RESTORE_TARGET": str(self.server.data), "PATH": system_path()}

    def size(self) -> int:
        """Return the bytes that the machine's files take."""
        return self.machine.size()

    def lose(self) -> None:
        """Lose the machine."""
        self.machine.lose()

    def leftovers(self) -> list[str]:
        """Return what is in the directory."""
        return sorted(entry.name for entry in self.server.data.iterdir())
