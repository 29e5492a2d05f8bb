"""Acknowledged writes, and what a recovery lost of them.

The data loss window is the disaster's time minus the acknowledgement of the *oldest* acknowledged write that is missing
afterwards. A missing write with a later one present is a hole: corruption, whatever its age.
"""

from __future__ import annotations

import itertools
import threading
import time
from array import array
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from drill.waiting import Patience, eventually


@dataclass(frozen=True, slots=True)
class Loss:
    """What is missing of the acknowledged writes.

    Attributes:
        window: disaster time minus the acknowledgement of the oldest missing write; zero if none is missing.
        missing: how many acknowledged writes are missing.
        acknowledged: how many there were.
        holes: numbers of missing writes that have a later write present, in order.
        invented: numbers that are present and were never even attempted, in order.
    """

    window: timedelta
    missing: int
    acknowledged: int
    holes: tuple[int, ...]
    invented: tuple[int, ...]


class Ledger:
    """The times at which writes 0, 1, 2, … were acknowledged (seconds of the monotonic clock)."""

    def __init__(self) -> None:
        self._acknowledged = array("d")

    def __len__(self) -> int:
        return len(self._acknowledged)

    def acknowledge(self, at: float) -> None:
        """Note that the next write was acknowledged.

        Raises:
            ValueError: the clock ran backwards.
        """
        if self._acknowledged and at < self._acknowledged[-1]:
            raise ValueError(f"acknowledged at {at}, before the previous write's {self._acknowledged[-1]}")
        self._acknowledged.append(at)

    def loss(self, present: Collection[int], *, disaster_at: float) -> Loss:
        """Compare what is present after a recovery with what was acknowledged before the disaster.

        One write may be present without acknowledgement: the one that the disaster interrupted.
        """
        missing = [number for number in range(len(self)) if number not in present]
        newest = max((number for number in present if number < len(self)), default=-1)
        window = disaster_at - self._acknowledged[missing[0]] if missing else 0.0
        return Loss(
            window=timedelta(seconds=window),
            missing=len(missing),
            acknowledged=len(self),
            holes=tuple(number for number in missing if number < newest),
            invented=tuple(sorted(number for number in present if number > len(self) or number < 0)),
        )


class Writer:
    """Writes without pause in a thread of its own until it is told to stop or the server is lost.

    Use as a context manager; ``lost_by`` names the errors that mean that the server is gone.
    """

    def __init__(
        self, write: Callable[[int], None], *, lost_by: tuple[type[Exception], ...], close: Callable[[], None]
    ) -> None:
        self.ledger = Ledger()
        self._write = write
        self._close = close
        self._lost_by = lost_by
        self._stopping = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="ledger writer", daemon=True)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait_for(self, more: int) -> None:
        """Wait until that many more writes are acknowledged.

        Raises:
            StillWaiting: the writer is too slow or its server is gone.
        """
        goal = len(self.ledger) + more
        eventually(f"{more} more acknowledged writes", lambda: len(self.ledger) >= goal, Patience.LEDGER_FILLED)

    def stop(self) -> None:
        """End the writer and wait for it.

        Raises:
            Exception: whatever ended the writer, unless it means that the server is gone.
        """
        self._stopping.set()
        self._thread.join()
        self._close()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        for number in itertools.count():
            if self._stopping.is_set():
                return
            try:
                self._write(number)
            except self._lost_by:
                return
            except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
                self._failure = error
                return
            self.ledger.acknowledge(time.monotonic())
