"""Acknowledged writes, and what a recovery lost of them.

The data loss window is the disaster's time minus the acknowledgement of the *oldest* acknowledged write that is missing
afterwards. A missing write with a later one present is a hole: corruption, whatever its age.
"""

from __future__ import annotations

import itertools
import threading
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from drill.errors import DrillError
from drill.waiting import Patience, eventually

ENDED = "see what the writer raised, or why the server was lost"


@dataclass(frozen=True, slots=True)
class Loss:
    """What is missing of the acknowledged writes.

    Attributes:
        window: disaster time minus the acknowledgement of the oldest missing write; zero if none is missing.
        missing: how many acknowledged writes are missing.
        acknowledged: how many there were.
        holes: numbers of missing writes that have a later write present, in order.
        invented: numbers that are present and were never even attempted, in order.
        oldest: the number of the oldest missing write; None if none is missing.
    """

    window: timedelta
    missing: int
    acknowledged: int
    holes: tuple[int, ...]
    invented: tuple[int, ...]
    oldest: int | None

    def spares(self, number: int) -> bool:
        """Whether the first so many writes, of which there is at least one, are all there.

        In a drill, all that was ever written is a few seconds old: whoever loses everything loses no more than a few
        seconds. So what cannot be lost at all has to be looked at by itself.
        """
        return number > 0 and (self.oldest is None or self.oldest >= number)


class Ledger:
    """The times at which writes 0, 1, 2, … were acknowledged (seconds of the monotonic clock).

    ``together`` is how many may be under way at once, their acknowledgements still to come. They are carried out in the
    order of their numbers unless they are ``abreast``: then nobody knows the order of those that were under way at
    once, and one of them is later than another only if that had been acknowledged before it was begun.
    """

    def __init__(self, *, together: int = 1, abreast: bool = False) -> None:
        self._acknowledged = array("d")
        self._together = together
        self._unordered = together if abreast else 1

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

    @property
    def rate(self) -> float:
        """How many writes were acknowledged in a second, from the first to the last."""
        if len(self) < 2:
            return 0.0
        return (len(self) - 1) / max(self._acknowledged[-1] - self._acknowledged[0], 1e-6)

    @property
    def span(self) -> timedelta:
        """The time from the first to the last acknowledgement."""
        return timedelta(seconds=self._acknowledged[-1] - self._acknowledged[0]) if self._acknowledged else timedelta(0)

    def acknowledged_by(self, at: float) -> int:
        """Return how many writes had been acknowledged at a moment of the monotonic clock."""
        return bisect_right(self._acknowledged, at)

    def loss(self, present: Collection[int], *, disaster_at: float) -> Loss:
        """Compare what is present after a recovery with what was acknowledged before the disaster.

        Writes may be present without acknowledgement: those that the disaster interrupted.
        """
        missing = [number for number in range(len(self)) if number not in present]
        newest = max(present, default=-1)
        ordered_before = newest - newest % self._unordered
        window = disaster_at - self._acknowledged[missing[0]] if missing else 0.0
        return Loss(
            window=timedelta(seconds=window),
            missing=len(missing),
            acknowledged=len(self),
            holes=tuple(number for number in missing if number < ordered_before),
            invented=tuple(sorted(n for n in present if n >= len(self) + self._together or n < 0)),
            oldest=missing[0] if missing else None,
        )


class Writer:
    """Writes without pause in a thread of its own until it is told to stop or the server is lost.

    Use as a context manager; ``lost_by`` names the errors that mean that the server is gone, ``close`` is called last.
    With ``together``, a call writes so many numbers, from the given one on, and returns when each was acknowledged; all
    of them get the time of the last reply, so that none counts as older than it was. ``abreast`` as of the ledger.
    """

    def __init__(
        self,
        write: Callable[[int], None],
        *,
        lost_by: tuple[type[Exception], ...],
        close: Callable[[], None],
        together: int = 1,
        abreast: bool = False,
    ) -> None:
        self.ledger = Ledger(together=together, abreast=abreast)
        self._write = write
        self._together = together
        self._close = close
        self._lost_by = lost_by
        self._stopping = threading.Event()
        self._turn = threading.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-writer")
        self._ended: Future[None] | None = None

    def __enter__(self) -> Writer:
        self._ended = self._thread.submit(self._run)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait_for(self, more: int) -> None:
        """Wait until that many more writes are acknowledged.

        Raises:
            StillWaiting: the writer is too slow.
            DrillError: it has ended, so that no more will come.
        """
        goal = len(self.ledger) + more
        self._wait(f"{more} more acknowledged writes", lambda: len(self.ledger) >= goal)
        if len(self.ledger) < goal:
            raise DrillError(f"writing ended {goal - len(self.ledger)} writes too early", remedy=ENDED)

    def wait_to_span(self, span: timedelta) -> None:
        """Wait until more than that time lies between the first and the last acknowledgement.

        Raises:
            StillWaiting: that would be too long.
            DrillError: it has ended, so that no more will come.
        """
        self._wait(f"writes over more than {span}", lambda: self.ledger.span > span)
        if self.ledger.span <= span:
            raise DrillError(f"writing ended after {self.ledger.span}, before {span} were over", remedy=ENDED)

    @contextmanager
    def paused(self) -> Iterator[int]:
        """Hold writing between two writes; gives the number of acknowledged ones."""
        with self._turn:
            yield len(self.ledger)

    def stop(self) -> None:
        """End the writer, wait for it and close its connection.

        Raises:
            Exception: whatever ended the writer, unless it means that the server is gone.
        """
        self._stopping.set()
        self._thread.shutdown()
        self._close()
        if self._ended is not None:
            self._ended.result()

    def _wait(self, what: str, come: Callable[[], bool]) -> None:
        eventually(what, lambda: come() or self._has_ended, Patience.LEDGER_FILLED)

    @property
    def _has_ended(self) -> bool:
        return self._ended is None or self._ended.done()

    def _run(self) -> None:
        for number in itertools.count(step=self._together):
            if self._stopping.is_set():
                return
            with self._turn:
                try:
                    self._write(number)
                except self._lost_by:
                    return
                acknowledged = time.monotonic()
                for _ in range(self._together):
                    self.ledger.acknowledge(acknowledged)
