"""Work done side by side, each piece as soon as all that it needs is done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from typing import TypeVar

Piece = TypeVar("Piece", bound=Hashable)


def in_order(
    after: Mapping[Piece, Collection[Piece]], work: Callable[[Piece], bool], *, workers: int
) -> dict[Piece, bool]:
    """Do each piece of work once everything that it comes after is done; return which were done.

    Where fewer are at work than could be, the piece goes first that begins the longest way to the end of all work;
    among equals, the one that is named first. Where one is not done, what comes after it is not even begun, and is
    missing from the answer.

    Args:
        after: for each piece, what has to be done before; what is no piece itself is taken as done.
        work: does one piece and tells whether it is done.
        workers: how many are at work at once; 1 is one after the other.

    Raises:
        Exception: what a piece raised, once all that had begun has ended; so with Ctrl-C. Nothing more is begun.
    """
    needs = {piece: set(needed) & after.keys() for piece, needed in after.items()}
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    ways, places = _ways(needs), {piece: place for place, piece in enumerate(after)}
    ready: list[Piece] = []
    done: dict[Piece, bool] = {}
    running: dict[Future[bool], Piece] = {}
    with ThreadPoolExecutor(workers, thread_name_prefix="recovery") as pool:
        while True:
            ready = sorted([*ready, *sorter.get_ready()], key=lambda piece: (-ways[piece], places[piece]))
            while ready and len(running) < workers:
                piece = ready.pop(0)
                running[pool.submit(work, piece)] = piece
            if not running:
                return done
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                piece = running.pop(future)
                done[piece] = future.result()
                if done[piece]:
                    sorter.done(piece)


def _ways(needs: Mapping[Piece, Collection[Piece]]) -> dict[Piece, int]:
    """Return of how many pieces the longest way is that begins with each."""
    ways = dict.fromkeys(needs, 1)
    for piece in reversed(tuple(TopologicalSorter(needs).static_order())):
        for needed in needs[piece]:
            ways[needed] = max(ways[needed], ways[piece] + 1)
    return ways
