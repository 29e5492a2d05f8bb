"""Removing what a killed run left: our own label or directory, and only where the owner is certainly gone."""

from __future__ import annotations

import fcntl
import shutil

from drill.runtimes import shared_memory
from drill.runtimes.embedded import sweep_processes
from drill.runtimes.engine_socket import knock
from drill.runtimes.owner import Owner
from drill.runtimes.protocol import RuntimeUnavailable
from drill.runtimes.workspace import base


def sweep(*, containers: bool) -> list[str]:
    """Remove dead runs' servers, workspaces and (where asked) containers; return what was removed.

    Raises:
        DrillError: the container engine was asked and does not answer.
    """
    # Runs that start at the same moment would trip over each other's removals.
    with (base() / "sweeping").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return _swept(containers=containers)


def _swept(*, containers: bool) -> list[str]:
    swept: list[str] = []
    if containers:
        from drill.runtimes.container_service import sweep_containers

        swept += sweep_containers()
    for workspace in sorted(base().iterdir()):
        owner = Owner.parse(workspace.name)
        if owner is None or not owner.is_gone():
            continue
        for record in workspace.rglob("server.pid"):
            swept += [f"{process.pid}" for process in sweep_processes(record.parent)]
        shared_memory.release(workspace)
        # A run that has just ended may still be removing its own.
        shutil.rmtree(workspace, ignore_errors=True)
        swept.append(str(workspace))
    return swept


def sweep_where_possible() -> list[str]:
    """Sweep; containers too where an engine answers."""
    try:
        knock()
        return sweep(containers=True)
    except RuntimeUnavailable:
        # There is no engine here that we may speak to, so there is no container of ours either.
        return sweep(containers=False)
