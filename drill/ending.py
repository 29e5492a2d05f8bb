"""Being told to end by whoever is not at the keyboard: a service manager, a time limit, a terminal that closes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ORDERS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Have SIGTERM and SIGHUP end the block as Ctrl-C does, so that it stops the servers it has started.

    A signal that is ignored (``nohup``) or that somebody else handles stays so, as all do outside the main thread.

    Raises:
        KeyboardInterrupt: the signal came.
    """
    here = threading.current_thread() is threading.main_thread()
    taken = [order for order in ORDERS if here and signal.getsignal(order) is signal.SIG_DFL]
    for order in taken:
        signal.signal(order, signal.default_int_handler)
    try:
        yield
    finally:
        for order in taken:
            signal.signal(order, signal.SIG_DFL)
