"""Work done side by side, each piece as soon as all that it needs is done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter


def in_order(after: Mapping[str, Collection[str]], work: Callable[[str], bool], *, workers: int) -> dict[str, bool]:
    """Do each piece of work once everything that it comes after is done; return which were done.

    Where one is not done, what comes after it is not even begun, and is missing from the answer.

    Args:
        after: for each piece, what has to be done before; what is no piece itself is taken as done.
        work: does one piece and tells whether it is done.
        workers: how many are at work at once; 1 is one after the other.

    Raises:
        Exception: what a piece raised, once all that had begun has ended.
    """
    sorter = TopologicalSorter({name: set(needed) & after.keys() for name, needed in after.items()})
    sorter.prepare()
    done: dict[str, bool] = {}
    running: dict[Future[bool], str] = {}
    with ThreadPoolExecutor(workers, thread_name_prefix="recovery") as pool:
        while True:
            running |= {pool.submit(work, name): name for name in sorter.get_ready()}
            if not running:
                return done
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(future)
                done[name] = future.result()
                if done[name]:
                    sorter.done(name)
