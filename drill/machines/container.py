"""A container of a machine's files: what takes its place where there is no machine to be had."""

from __future__ import annotations

import itertools
import os

from drill.machines.application import ApplicationServer
from drill.runtimes import Runtime, RuntimeUnavailable
from drill.runtimes.protocol import TreeService

APPLICATION = "/usr/local/sbin/application"
"""A container has no init: it runs what the machine's inittab has respawned."""
LISTENS = 80
_numbers = itertools.count(1)


class MachineContainer(ApplicationServer):
    """One container; it is imported from what was restored, and is that application and nothing else."""

    service: TreeService

    def __init__(self, runtime: Runtime) -> None:
        """Prepare one.

        Raises:
            RuntimeUnavailable: the runtime has no containers, or nobody here may give files away.
        """
        port = runtime.workspace.claim_port()
        home = runtime.workspace.make(f"machine-container-{next(_numbers)}")
        super().__init__(runtime.service_of([APPLICATION], listens=LISTENS, home=home, port=port))
        if os.geteuid() != 0:
            raise RuntimeUnavailable(
                "a machine's files cannot be restored as a container here: only root can give files away",
                remedy="run the drill as root",
            )

    def provision(self) -> None:
        """Put an empty directory in the place of the missing disk."""
        self.data.mkdir(mode=0o700)

    def run(self, script: str) -> bytes:
        """Run a shell script in what was restored and return what it wrote.

        Raises:
            DrillError: it failed; the message ends with what was said.
        """
        return self.service.run(script)

    def __str__(self) -> str:
        return f"container on port {self.port}"
