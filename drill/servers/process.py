"""What every disposable server can suffer, whatever it serves."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from drill.errors import DrillError
from drill.runtimes import Service
from drill.waiting import Patience, StillWaiting, eventually

T = TypeVar("T")
LAST_WORDS = 1200


class ServerError(DrillError):
    """A disposable server did not do what it was told."""


class ServerProcess(ABC):
    """The life of a server: start, stop, kill, lose the disk. What it serves is the subclass's business."""

    patience = Patience.SERVER_READY
    """How long it may take to start, or whatever else it is waited for."""

    def __init__(self, service: Service) -> None:
        self.service = service

    @property
    def host(self) -> str:
        """The address that clients use."""
        return self.service.host

    @property
    def port(self) -> int:
        """The TCP port; the same through every restart."""
        return self.service.port

    @property
    def data(self) -> Path:
        """The data directory, on this host."""
        return self.service.home / "data"

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            ServerError: it ended instead, or never answered; the message ends with its log.
        """
        self.service.start()
        self.wait("start", self._answers)

    def stop(self) -> None:
        """End the server in an orderly way."""
        self.service.stop()

    def kill(self) -> None:
        """End the server with SIGKILL, as a crash does."""
        self.service.kill()

    def lose_data(self) -> None:
        """Lose the disk: the data directory is gone and the server, if it still ran, is killed first."""
        self.service.kill()
        if self.data.exists():
            shutil.rmtree(self.data)

    def discard(self) -> None:
        """Remove the server and all it had."""
        self.service.discard()

    @abstractmethod
    def provision(self) -> None:
        """Put a blank data directory in the place of the missing one."""

    @abstractmethod
    def _answers(self) -> bool:
        """Tell whether the server answers its simplest question."""

    def wait(self, verb: str, answered: Callable[[], bool]) -> None:
        """Wait until the running server has done what the verb says.

        Raises:
            ServerError: it ended instead, or never did; the message ends with its log.
        """

        def answered_or_ended() -> str | None:
            if answered():
                return "answers"
            return None if self.service.is_running() else "ended"

        try:
            outcome = eventually(f"{self} to {verb}", answered_or_ended, self.patience)
        except StillWaiting as error:
            raise ServerError(f"{error.what}: {self._last_words()}", remedy=error.remedy) from error
        if outcome == "ended":
            raise ServerError(f"{self} ended instead of starting: {self._last_words()}", remedy="read its log")

    def _last_words(self) -> str:
        return self.service.read_log()[-LAST_WORDS:].strip()
