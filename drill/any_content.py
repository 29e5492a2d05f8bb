"""Databases that hold whatever people put into databases, for procedures to carry."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from drill.datasets import awkward
from drill.datasets.awkward import Abilities, Example
from drill.evidence.attachments import attach_text
from drill.progress import working_on
from drill.servers.postgres import PostgresServer
from drill.stores import DatabaseCopy

NAME = "any_content"
MADE_UP = 60
"""How many schemas are made up at random."""
_numbers = itertools.count(1)


class AnyContent(DatabaseCopy):
    """A database on the session's shared server that no application asks anything of."""

    def health(self) -> tuple[object, ...]:
        """Return how many tables there are."""
        with self.server.connect(self.name) as connection:
            return tuple(connection.execute("SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p')").fetchall())


@contextmanager
def one_of_everything(server: PostgresServer) -> Iterator[AnyContent]:
    """Make a database that holds one of everything; it goes with the block."""
    with _holding(server, awkward.everything) as store:
        yield store


@contextmanager
def made_up(server: PostgresServer, *, seed: int) -> Iterator[AnyContent]:
    """Make a database with content that the seed decides; it goes with the block."""
    with _holding(server, lambda abilities: awkward.made_up(MADE_UP, seed=seed, abilities=abilities)) as store:
        yield store


def add_to(server: PostgresServer, *, seed: int) -> None:
    """Put a database beside those of a server: with one of everything, and with content that the seed decides."""
    server.create_database(NAME)
    _fill(
        server,
        NAME,
        lambda abilities: [
            *awkward.everything(abilities),
            *awkward.made_up(MADE_UP, seed=seed, abilities=abilities),
        ],
    )


@contextmanager
def _holding(server: PostgresServer, make: Callable[[Abilities], Sequence[Example]]) -> Iterator[AnyContent]:
    name = f"{NAME}_{next(_numbers)}"
    server.create_database(name)
    try:
        _fill(server, name, make)
        yield AnyContent(server, name=name)
    finally:
        server.drop_database(name)


def _fill(server: PostgresServer, name: str, make: Callable[[Abilities], Sequence[Example]]) -> None:
    with working_on("making up content"), server.connect(name) as connection:
        examples = make(awkward.abilities(connection))
        attach_text("content", "\n\n".join(f"-- example {number}\n{each}" for number, each in enumerate(examples, 1)))
        awkward.fill(connection, examples)
