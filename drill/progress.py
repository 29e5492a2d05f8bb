"""Says what is going on when it takes long: nothing for quick work, a line every few seconds for the rest."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

EVERY = timedelta(seconds=5)
_listeners: list[Callable[[str], object]] = []


@contextmanager
def reported_to(say: Callable[[str], object]) -> Iterator[None]:
    """Send what is said until the block ends to ``say``, which is called from threads of its own."""
    _listeners.append(say)
    try:
        yield
    finally:
        _listeners.remove(say)


def tell(what: str) -> None:
    """Say that something has happened."""
    for say in _listeners:
        say(what)


@contextmanager
def working_on(what: str, *, every: timedelta = EVERY) -> Iterator[None]:
    """Say what is being worked on, and for how long by now, until the block ends."""
    done = threading.Event()
    started = time.monotonic()

    def remind() -> None:
        while not done.wait(every.total_seconds()):
            tell(f"… {what}, for {time.monotonic() - started:.0f} s")

    teller = threading.Thread(target=remind, name=f"progress of {what}", daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
