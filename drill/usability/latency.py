"""How long a database takes for its usual queries, told apart from what the machine does meanwhile."""

from __future__ import annotations

import dataclasses
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

SESSIONS, WARM_UP, ROUNDS, RESTARTS = 12, 2, 8, 2
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
        relative: how many times as long that is as for the bystander.
    """

    first: timedelta
    usual: timedelta
    relative: float

    def beside(self, before: Latency) -> float:
        """Return how many times as long they take as before, whatever else the machine did then and now."""
        return self.relative / before.relative


def timed(store: DatabaseStore, bystander: DatabaseStore, queries: tuple[str, ...] = USUAL_QUERIES) -> Latency:
    """Ask each query the same number of times, in turns with a bystander, and return what they take together.

    A machine that shares its processors with others may be half as fast for minutes: times taken at different moments
    tell of that, too. So a database of the same content that nothing happens to is asked in the same moment each time;
    what slows both down counts for neither. Where a session of a server runs is chosen when it begins, and beside
    whom: there are many. What is said is the median of all rounds.
    """
    with working_on("asking the usual queries"):
        with store.server.connect(store.name) as connection:
            first = _first(connection, queries)
        rounds = [times for _ in range(SESSIONS) for times in _in_turns(store, bystander, queries)]
    usual = [[statistics.median(each) for each in zip(*times, strict=True)] for times in zip(*rounds, strict=True)]
    totals = [[sum(each) for each in zip(*times, strict=True)] for times in rounds]
    relative = statistics.median(ours / theirs for ours, theirs in totals)
    rows = [(query, begun, *both) for query, begun, both in zip(queries, first, usual, strict=True)]
    attach_csv("usual queries", [("query", "first, s of the processor", "usual, s", "bystander's, s"), *rows])
    return Latency(timedelta(seconds=sum(first)), timedelta(seconds=sum(ours for ours, _ in usual)), relative)


def timed_from_start(store: DatabaseStore, bystander: DatabaseStore) -> Latency:
    """Return what the usual queries take, the first ones after a restart of the server, when it has nothing in memory.

    First is the most after several restarts: a restored database is asked for the first time only once, and a busy
    machine slows its processors, too.
    """
    firsts = [_restarted(store) for _ in range(RESTARTS)]
    attach_csv("first queries after restarts", [("restart", "seconds of the processor"), *enumerate(firsts, 1)])
    return dataclasses.replace(timed(store, bystander), first=timedelta(seconds=max(firsts)))


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


def _in_turns(
    store: DatabaseStore, bystander: DatabaseStore, queries: tuple[str, ...]
) -> list[list[tuple[float, float]]]:
    """Return the seconds that each query takes of the store and of the bystander, by rounds; each begins in turn."""
    with store.server.connect(store.name) as ours, bystander.server.connect(bystander.name) as theirs:
        rounds = []
        for _ in range((WARM_UP + ROUNDS) // 2):
            rounds.append([(_seconds(ours, query), _seconds(theirs, query)) for query in queries])
            turned = [(_seconds(theirs, query), _seconds(ours, query)) for query in queries]
            rounds.append([(own, other) for other, own in turned])
    return rounds[WARM_UP:]


def _seconds(connection: psycopg.Connection[Any], query: str) -> float:
    started = time.perf_counter()
    connection.execute(query.encode()).fetchall()
    return time.perf_counter() - started
