"""A machine that an application runs on, as far as its files go."""

from __future__ import annotations

import itertools
from pathlib import Path

from drill.runtimes import Runtime, RuntimeUnavailable
from drill.runtimes.protocol import Host
from drill.runtimes.trees import remove_tree

_numbers = itertools.count(1)


class AppHost:
    """The files of a machine, below a directory of this host that stands for its root."""

    def __init__(self, home: Path) -> None:
        self.home = home

    @classmethod
    def blank(cls, runtime: Runtime) -> AppHost:
        """Return a new host with nothing on it."""
        home = runtime.workspace.directory / f"host-{next(_numbers)}"
        home.mkdir(mode=0o755)
        host = cls(home)
        host.provision()
        return host

    @property
    def root(self) -> Path:
        """What the host's users call ``/``."""
        return self.home / "root"

    def lose(self) -> None:
        """Lose the disk at once: whoever writes to it finds nothing from one moment to the next."""
        if self.root.exists():
            lost = self.home / f"lost-{next(_numbers)}"
            self.root.rename(lost)
            # Somebody may just be making a file in it; what is left goes with the host.
            remove_tree(lost)

    def provision(self) -> None:
        """Put an empty disk in the place of the lost one."""
        self.root.mkdir(mode=0o755)

    def leftovers(self) -> list[str]:
        """Return what is on the disk."""
        return sorted(entry.name for entry in self.root.iterdir())

    def discard(self) -> None:
        """Remove the host."""
        remove_tree(self.home)

    def __str__(self) -> str:
        return "a directory"


def as_the_runtime_has_it(runtime: Runtime) -> tuple[Host, str]:
    """Return a host, and what it is: a container with its own root where we get at one, or else a directory."""
    try:
        host: Host = runtime.container_host()
    except RuntimeUnavailable as error:
        host = AppHost.blank(runtime)
        return host, f"{host}: {error}"
    return host, str(host)
