"""How long a database takes for its usual queries, told apart from what the machine does meanwhile."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

from drill.datasets.database import USUAL_QUERIES
from drill.errors import DrillError
from drill.evidence.attachments import attach_csv
from drill.progress import working_on
from drill.stores import DatabaseStore

# Many short rounds, for some seconds: on a busy machine only a short one is quiet, and a machine that shares its
# processors with others may be half as slow again for a second or two; work of our own beside it does not measure that.
WARM_UP, ROUNDS, RUNS, RESTARTS = 2, 240, 3, 2
# Of a statement alone; what the whole session has taken is in brackets.
USAGE = re.compile(r"^!\t([\d.]+) s user, ([\d.]+) s system", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Latency:
    """What the usual queries take.

    Attributes:
        first: what the server works on them when each is asked once, at first: the time of its processor, as it tells
            itself. How long the answers take to come tells more of what others do on a busy machine, where there is
            only one time to measure.
        usual: until the answers have come when each has been asked before.
    """

    first: timedelta
    usual: timedelta


def timed(store: DatabaseStore, queries: tuple[str, ...] = USUAL_QUERIES) -> Latency:
    """Ask each query the same number of times and return what they take together.

    Usual is the median of several runs, in the quietest of several rounds: other work on the machine can only make a
    query slower.
    """
    with working_on("asking the usual queries"), store.server.connect(store.name) as connection:
        first = _first(connection, queries)
        for query in queries * WARM_UP:
            _seconds(connection, query)
        rounds = [
            [statistics.median(_seconds(connection, query) for _ in range(RUNS)) for query in queries]
            for _ in range(ROUNDS)
        ]
    usual = list(map(min, zip(*rounds, strict=True)))
    columns = ("query", "first, s of the processor", "usual, s")
    attach_csv("usual queries", [columns, *zip(queries, first, usual, strict=True)])
    return Latency(timedelta(seconds=sum(first)), timedelta(seconds=sum(usual)))


def timed_from_start(store: DatabaseStore) -> Latency:
    """Return what the usual queries take, the first ones after a restart of the server, when it has nothing in memory.

    First is the most after several restarts: a restored database is asked for the first time only once, and a busy
    machine slows its processors, too.
    """
    firsts = [_restarted(store) for _ in range(RESTARTS)]
    attach_csv("first queries after restarts", [("restart", "seconds of the processor"), *enumerate(firsts, 1)])
    return Latency(timedelta(seconds=max(firsts)), timed(store).usual)


def _restarted(store: DatabaseStore) -> float:
    store.server.stop()
    store.server.start()
    with store.server.connect(store.name) as connection:
        return sum(_first(connection, USUAL_QUERIES))


def _first(connection: psycopg.Connection[Any], queries: tuple[str, ...]) -> list[float]:
    """Ask each query once and return the seconds of its processor that the server took for it."""
    with _telling(connection) as taken:
        return [taken(query) for query in queries]


@contextmanager
def _telling(connection: psycopg.Connection[Any]) -> Iterator[Callable[[str], float]]:
    """Have a server tell what each statement takes; give what asks it one and returns that."""
    usages: list[float] = []

    def hear(message: psycopg.errors.Diagnostic) -> None:
        usages.extend(sum(map(float, found)) for found in USAGE.findall(message.message_detail or ""))

    def taken(query: str) -> float:
        usages.clear()
        _seconds(connection, query)
        if not usages:
            remedy = "connect as somebody who may set log_statement_stats"
            raise DrillError("the server does not tell what a statement takes", remedy=remedy)
        return sum(usages)

    connection.add_notice_handler(hear)
    connection.execute("SET client_min_messages = log")
    connection.execute("SET log_statement_stats = on")
    yield taken
    connection.execute("RESET log_statement_stats")
    connection.execute("RESET client_min_messages")
    connection.remove_notice_handler(hear)


def _seconds(connection: psycopg.Connection[Any], query: str) -> float:
    started = time.perf_counter()
    connection.execute(query.encode()).fetchall()
    return time.perf_counter() - started
