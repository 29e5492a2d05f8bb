"""One chain of one server, taken once and drilled many times: four backups take longer than a recovery from them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from drill.backups.chain import Chain, take_chain
from drill.commands.runbook import Runbook
from drill.stores import ClusterStore


@dataclass(frozen=True, slots=True)
class KeptChain:
    """A server, and the chain that was taken of it while it ran; whoever loses the server leaves it lost."""

    store: ClusterStore
    chain: Chain

    @classmethod
    def taken(cls, store: ClusterStore, runbook: Runbook) -> KeptChain:
        """Take the chain.

        Raises:
            DrillError: no increments can be made of the server.
        """
        return cls(store, take_chain(store, runbook=runbook))

    def chain_in(self, directory: Path) -> Chain:
        """Return the chain as one of another set, on files of its own: what damages it there damages nothing here."""
        for backup in self.chain.values():
            shutil.copytree(backup.stored.directory, directory / backup.id)
        return {link: replace(backup, repository=directory) for link, backup in self.chain.items()}
