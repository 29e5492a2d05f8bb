"""How long a database takes for its usual queries, told apart from what the machine does meanwhile."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

from drill.datasets.database import USUAL_QUERIES
from drill.evidence.attachments import attach_csv
from drill.progress import working_on
from drill.stores import DatabaseStore

# Many short rounds: on a busy machine only a short one is quiet.
WARM_UP, ROUNDS, RUNS, RESTARTS = 2, 80, 3, 2


@dataclass(frozen=True, slots=True)
class Latency:
    """What the usual queries take: each once at first, and each when it has been asked before."""

    first: timedelta
    usual: timedelta


def timed(store: DatabaseStore, queries: tuple[str, ...] = USUAL_QUERIES) -> Latency:
    """Ask each query the same number of times and return what they take together.

    Usual is the median of several runs, in the quietest of several rounds: other work on the machine can only make a
    query slower.
    """
    with working_on("asking the usual queries"), store.server.connect(store.name) as connection:
        first = [_seconds(connection, query) for query in queries]
        for query in queries * WARM_UP:
            _seconds(connection, query)
        rounds = [
            [statistics.median(_seconds(connection, query) for _ in range(RUNS)) for query in queries]
            for _ in range(ROUNDS)
        ]
    usual = list(map(min, zip(*rounds, strict=True)))
    attach_csv("usual queries", [("query", "first, s", "usual, s"), *zip(queries, first, usual, strict=True)])
    return Latency(timedelta(seconds=sum(first)), timedelta(seconds=sum(usual)))


def timed_from_start(store: DatabaseStore) -> Latency:
    """Return what the usual queries take, the first ones after a restart of the server, when it has nothing in memory.

    First is the longest after several restarts: a restored database is asked for the first time only once, and the
    machine may be as busy then as it ever was.
    """
    firsts = [_restarted(store) for _ in range(RESTARTS)]
    attach_csv("first queries after restarts", [("restart", "seconds"), *enumerate(firsts, 1)])
    return Latency(timedelta(seconds=max(firsts)), timed(store).usual)


def _restarted(store: DatabaseStore) -> float:
    store.server.stop()
    store.server.start()
    with store.server.connect(store.name) as connection:
        return sum(_seconds(connection, query) for query in USUAL_QUERIES)


def _seconds(connection: psycopg.Connection[Any], query: str) -> float:
    started = time.perf_counter()
    connection.execute(query.encode()).fetchall()
    return time.perf_counter() - started
