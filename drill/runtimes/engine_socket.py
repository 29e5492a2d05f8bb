"""Whether a container engine listens on this machine, asked without its client."""

from __future__ import annotations

import os
import socket

from drill.runtimes.protocol import RuntimeUnavailable

DEFAULT_ADDRESS = "unix:///var/run/docker.sock"


def knock() -> None:
    """See that somebody listens where ``DOCKER_HOST`` says, or where an engine listens by default.

    The engine's client takes 0.2 s to import, and leaves a socket open where it fails.

    Raises:
        RuntimeUnavailable: nobody listens, we may not speak to it, or it may be on another machine.
    """
    address = os.environ.get("DOCKER_HOST") or DEFAULT_ADDRESS
    scheme, _, path = address.partition("://")
    if scheme != "unix":
        raise RuntimeUnavailable(
            f"the container engine at {address} may be on another machine, and data directories must lie on this one",
            remedy="use an engine on this machine, or --runtime=embedded",
        )
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError as error:
            raise RuntimeUnavailable(
                f"no container engine answers at {path} ({error.strerror})",
                remedy="start one, get the right to use it, or use --runtime=embedded",
            ) from error
