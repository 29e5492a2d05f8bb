"""Work on many things at once, on all processors."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, NoReturn, TypeVar

from backup_scripts.contract import SIGNALS

T = TypeVar("T")
R = TypeVar("R")
Work = Callable[[Sequence[T]], R]


def spread(work: Work[T, R], things: Sequence[T], *, at_least: int) -> Iterator[R]:
    """Yield what the work makes of each part of the things, in their order; the parts are worked on at once.

    Args:
        work: what is done with a part; it writes nothing and takes no locks.
        things: all of them.
        at_least: of fewer, one part is made, and this process works on it.
    """
    number = len(os.sched_getaffinity(0)) if len(things) >= at_least else 1
    size = max(1, -(-len(things) // number))
    mine, *others = [things[first : first + size] for first in range(0, len(things), size)] or [things]
    with contextlib.ExitStack() as stack:
        helpers = [stack.enter_context(_Helper(work, part)) for part in others]
        yield _without_pauses(work, mine)
        for helper in helpers:
            yield helper.answer()


class _Helper(Generic[T, R]):
    """A child of this process, at work on one part. It has no files of ours: a lock would outlive us in it."""

    def __init__(self, work: Work[T, R], part: Sequence[T]) -> None:
        self._work = work
        self._part = part

    def __enter__(self) -> _Helper[T, R]:
        self._reading, writing = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            self._help(writing)
        os.close(writing)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._reading)
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)

    def answer(self) -> R:
        """Return what it made of its part; where it came to nothing, that part is worked on here."""
        with open(self._reading, "rb", closefd=False) as pipe:
            sent = pipe.read()
        try:
            made: R = pickle.loads(sent)  # noqa: S301 - through a pipe that only our own child writes to
        except (EOFError, pickle.UnpicklingError):
            return _without_pauses(self._work, self._part)
        return made

    def _help(self, writing: int) -> NoReturn:
        status = 1
        try:
            for number in (*SIGNALS, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            os.closerange(0, writing)
            os.closerange(writing + 1, os.sysconf("SC_OPEN_MAX"))
            with open(writing, "wb") as pipe:
                pickle.dump(_without_pauses(self._work, self._part), pipe, pickle.HIGHEST_PROTOCOL)
            status = 0
        finally:
            os._exit(status)  # whatever it was, nothing of the parent's clean-up may run here


@contextlib.contextmanager
def without_pauses() -> Iterator[None]:
    """Do not look for circles among what is made meanwhile.

    The more there is already, the longer each look takes: with a hundred thousand backups a tenth of all the time.
    """
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looking:
            gc.enable()


def _without_pauses(work: Work[T, R], part: Sequence[T]) -> R:
    with without_pauses():
        return work(part)
