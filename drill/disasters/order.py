"""Work done side by side, each piece as soon as all that it needs is done, what is most urgent first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from graphlib import TopologicalSorter
from types import MappingProxyType
from typing import TypeVar

Piece = TypeVar("Piece", bound=Hashable)


def in_order(
    after: Mapping[Piece, Collection[Piece]],
    work: Callable[[Piece], bool],
    *,
    workers: int,
    due: Mapping[Piece, timedelta] = MappingProxyType({}),
) -> dict[Piece, bool]:
    """Do each piece of work once everything that it comes after is done; return which were done.

    Where fewer are at work than could be, the piece goes first that has to be done soonest, itself or for what comes
    after it; then the one that begins the longest way to the end of all work; then the one that is named first. Where
    one is not done, what comes after it is not even begun, and is missing from the answer.

    Args:
        after: for each piece, what has to be done before; what is no piece itself is taken as done.
        work: does one piece and tells whether it is done.
        workers: how many are at work at once; 1 is one after the other.
        due: how soon pieces have to be done; one that is not among them can wait for all that are.

    Raises:
        Exception: what a piece raised, once all that had begun has ended; so with Ctrl-C. Nothing more is begun.
    """
    needs = {piece: set(needed) & after.keys() for piece, needed in after.items()}
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    places = {piece: place for place, piece in enumerate(after)}
    urgency, ways = _urgency(needs, due), _ways(needs)
    ready: list[Piece] = []
    done: dict[Piece, bool] = {}
    running: dict[Future[bool], Piece] = {}
    with ThreadPoolExecutor(workers, thread_name_prefix="recovery") as pool:
        while True:
            ready = sorted(
                [*ready, *sorter.get_ready()], key=lambda piece: (urgency[piece], -ways[piece], places[piece])
            )
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


def _urgency(needs: Mapping[Piece, Collection[Piece]], due: Mapping[Piece, timedelta]) -> dict[Piece, timedelta]:
    """Return how soon each piece has to be done, for its own sake or for that of any that comes after it."""
    soonest = {piece: due.get(piece, timedelta.max) for piece in needs}
    for piece in reversed(tuple(TopologicalSorter(needs).static_order())):
        for needed in needs[piece]:
            soonest[needed] = min(soonest[needed], soonest[piece])
    return soonest


def _ways(needs: Mapping[Piece, Collection[Piece]]) -> dict[Piece, int]:
    """Return of how many pieces the longest way is that begins with each."""
    ways = dict.fromkeys(needs, 1)
    for piece in reversed(tuple(TopologicalSorter(needs).static_order())):
        for needed in needs[piece]:
            ways[needed] = max(ways[needed], ways[piece] + 1)
    return ways
