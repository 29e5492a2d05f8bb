"""Says what is going on when it takes long: nothing for quick work, for the rest a line now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

FIRST = timedelta(seconds=5)
MOST = timedelta(minutes=1)
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


def pauses(first: timedelta = FIRST) -> Iterator[timedelta]:
    """Give the pauses before each line: each is twice the one before it, up to ``MOST``."""
    while True:
        yield first
        first = min(2 * first, MOST)


@contextmanager
def working_on(what: str, *, first: timedelta = FIRST) -> Iterator[None]:
    """Say what is being worked on, and for how long by now, until the block ends.

    Args:
        what: is going on.
        first: how long it may take in silence.
    """
    done = threading.Event()
    started = time.monotonic()

    def remind() -> None:
        for pause in pauses(first):
            if done.wait(pause.total_seconds()):
                return
            tell(f"… {what}, for {time.monotonic() - started:.0f} s")

    teller = threading.Thread(target=remind, name=f"progress of {what}", daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
