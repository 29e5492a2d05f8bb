"""Being told to end by whoever is not at the keyboard: a service manager, a time limit, a terminal that closes."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], object]

ORDERS = (signal.SIGTERM, signal.SIGHUP)
SOON = 0.01
"""Seconds until an order is repeated that was lost."""


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Have SIGTERM and SIGHUP end the block as Ctrl-C does, so that it stops the servers it has started.

    A signal that is ignored (``nohup``) or that somebody else handles stays so, as all do outside the main thread.
    One that comes where Python drops what is raised, as when something is being deleted, is repeated.

    Raises:
        KeyboardInterrupt: the signal came.
    """
    here = threading.current_thread() is threading.main_thread()
    taken = [order for order in ORDERS if here and signal.getsignal(order) is signal.SIG_DFL]
    for order in taken:
        signal.signal(order, signal.default_int_handler)
    usual = sys.unraisablehook
    if taken:
        sys.unraisablehook = _repeating(taken[0], usual)
    try:
        yield
    finally:
        sys.unraisablehook = usual
        for order in taken:
            signal.signal(order, signal.SIG_DFL)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Have a signal interrupt the block right after it, so that what it starts is known to whoever is to end it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    usual = {number: signal.getsignal(number) for number in signal.valid_signals()}
    interrupting = {number: handler for number, handler in usual.items() if callable(handler)}
    _handle({number: lambda number, _: came.append(number) for number in interrupting})
    try:
        yield
    finally:
        _handle(interrupting)
        for number in came:
            signal.raise_signal(number)


def _handle(handlers: Mapping[signal.Signals, Handler]) -> None:
    """Have all of these handled, or none: a signal that comes meanwhile waits."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, handlers)
    try:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _repeating(
    order: signal.Signals, usual: Callable[[sys.UnraisableHookArgs], object]
) -> Callable[[sys.UnraisableHookArgs], object]:
    """Repeat an order whose KeyboardInterrupt was dropped; leave whatever else was dropped to the usual hook."""
    main = threading.main_thread().ident

    def hook(dropped: sys.UnraisableHookArgs) -> None:
        if main is not None and issubclass(dropped.exc_type, KeyboardInterrupt):
            # Not from here: what is raised in a hook is dropped as well.
            threading.Timer(SOON, signal.pthread_kill, (main, order)).start()
        else:
            usual(dropped)

    return hook
