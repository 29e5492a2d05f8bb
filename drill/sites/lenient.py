"""A storage that says that it locks, and lets copies be weakened all the same: what the suite has to find. Moto."""

from __future__ import annotations

from typing import Any

from drill.errors import DrillError
from drill.runtimes.workspace import Workspace
from drill.sites.server import RIGHTS
from drill.sites.site import Site, new_site


class LenientServer:
    """The server, a thread of this process; every account may do everything there."""

    name = "Moto"

    def __init__(self, workspace: Workspace) -> None:
        """Start it.

        Raises:
            DrillError: it is not installed.
        """
        try:
            from moto.server import ThreadedMotoServer
        except ImportError:
            raise DrillError(
                "the lenient S3 server is not installed", remedy='run: pip install "moto[server]"'
            ) from None
        port = workspace.claim_port()
        self._endpoint = f"http://127.0.0.1:{port}"
        self._server: Any = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
        self._server.start()

    def new_site(self) -> Site:
        """Make an empty bucket."""
        return new_site(self.name, self._endpoint, {role: (role, role) for role in RIGHTS})

    def stop(self) -> None:
        """End it."""
        self._server.stop()
