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
WARM_UP, ROUNDS, RUNS = 2, 80, 3


@dataclass(frozen=True, slots=True)
class Latency:
    """What the usual queries take: each once at first, and each when it has been asked before."""

    first: timedelta
    usual: timedelta


def first(store: DatabaseStore, queries: tuple[str, ...] = USUAL_QUERIES) -> timedelta:
    """Ask each query once and return what they take together: of a server that has just started, the first time."""
    with working_on("asking the first queries"), store.server.connect(store.name) as connection:
        seconds = [_seconds(connection, query) for query in queries]
    attach_csv("first queries", [("query", "seconds"), *zip(queries, seconds, strict=True)])
    return timedelta(seconds=sum(seconds))


def first_after_restart(store: DatabaseStore) -> timedelta:
    """Return what the usual queries take at first after a restart of the server, when it has nothing in memory."""
    store.server.stop()
    store.server.start()
    return first(store)


def usual(store: DatabaseStore, queries: tuple[str, ...] = USUAL_QUERIES) -> timedelta:
    """Ask each query the same number of times and return what they take together.

    That is the median of several runs, in the quietest of several rounds: other work on the machine can only make a
    query slower.
    """
    with working_on("asking the usual queries"), store.server.connect(store.name) as connection:
        for query in queries * WARM_UP:
            _seconds(connection, query)
        rounds = [
            [statistics.median(_seconds(connection, query) for _ in range(RUNS)) for query in queries]
            for _ in range(ROUNDS)
        ]
    quietest = list(map(min, zip(*rounds, strict=True)))
    attach_csv("usual queries", [("query", "seconds"), *zip(queries, quietest, strict=True)])
    return timedelta(seconds=sum(quietest))


def _seconds(connection: psycopg.Connection[Any], query: str) -> float:
    started = time.perf_counter()
    connection.execute(query.encode()).fetchall()
    return time.perf_counter() - started
