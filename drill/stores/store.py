"""What every store can do, whatever it holds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from drill.errors import DrillError
from drill.fingerprints import Fingerprint
from drill.losses.ledger import Writer
from drill.servers.process import ServerProcess


class Store(ABC):
    """Something that holds data, can be backed up, lost and restored."""

    procedure: str
    replays = False
    """Whether the server is still to be started on what was restored, and replays its log then."""

    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """Return what a script needs to reach the store."""

    @abstractmethod
    def fingerprint(self) -> Fingerprint:
        """Return what the store holds."""

    @abstractmethod
    def health(self) -> tuple[object, ...]:
        """Return the application's first question answered."""

    @abstractmethod
    def size(self) -> int:
        """Return how many bytes the store holds."""

    @abstractmethod
    def writer(self) -> Writer:
        """Return a writer, to be entered, that fills a ledger until the store is lost."""

    @abstractmethod
    def written(self) -> set[int]:
        """Return the numbers of the ledger's writes that are there."""

    @abstractmethod
    def lose(self) -> None:
        """Lose the store at once, with everything that it held."""

    @abstractmethod
    def provision(self) -> None:
        """Put a blank target in the place of the lost store, on the same address."""

    def replay(self) -> None:
        """Start the server on what was restored, and wait until it takes writes; only where it ``replays``.

        Raises:
            DrillError: this store has no log.
        """
        raise DrillError(f"{self.procedure} has no log to replay", remedy="this is a defect of the drill: report it")

    def leans_on(self) -> str | None:
        """Return what else has to be there for it to answer as it does; None where it holds all that it tells."""
        return None

    @abstractmethod
    def leftovers(self) -> list[str]:
        """Return what the target holds although it should be blank."""


class IncrementalStore(Store):
    """A store of which increments can be made, and to which the ledger's writes can be made one by one."""

    @abstractmethod
    def write(self, numbers: range) -> None:
        """Make the ledger's writes of these numbers, one by one."""

    @abstractmethod
    def require_increments(self) -> None:
        """See that incremental backups can be made of it at all.

        Raises:
            DrillError: they cannot.
        """


class GrowingStore(Store):
    """A store that can be made larger, so that times can be measured at several sizes."""

    smallest: int
    """Bytes: more than it holds in the smallest estate, and so few that a drill can afford several times as many."""
    step = 1.5
    """How many times each size to measure at is the one before it: far enough to be told from it, as sizes vary."""

    @abstractmethod
    def grow(self, size: int) -> None:
        """Add content like production's until the store holds at least so many bytes."""

    def return_to_service(self) -> None:
        """Take a recovered store back into service; nothing is left to be done for most."""


class ServerStore(Store):
    """A store on a server of its own: the disaster is SIGKILL and the disk gone."""

    server: ServerProcess

    def lose(self) -> None:
        """Kill the server and remove its disk."""
        self.server.lose_data()

    def provision(self) -> None:
        """Put a blank server in the place of the lost one, on the same address."""
        self.server.provision()
        self.server.start()

    def replay(self) -> None:
        """Start the server on what was restored, and wait until it takes writes."""
        self.server.start()
