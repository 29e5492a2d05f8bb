"""Where an operator types the document's commands: a directory, a shell and a server to reach."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from drill.commands import execution
from drill.evidence.attachments import attach_text
from drill.fingerprints import Fingerprint
from drill.fingerprints.postgres import fingerprint
from drill.policy import Policy
from drill.servers.postgres import PostgresClusters, PostgresServer
from drill.stores import DatabaseStore

STANDS_FOR = {" -h localhost -U username": "", "table_name": "counting.count_events"}
"""What is meant by the document's placeholders; host and user are libpq's to know."""
AS_WRITTEN: Mapping[str, str] = MappingProxyType({})
LIMIT = timedelta(minutes=5)
ANSWER = ".answer"


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a typed command: its exit status, what it printed and what it complained of."""

    status: int
    answer: str
    complaints: str


def typed(command: str, *, environment: Mapping[str, str], directory: Path) -> Said:
    """Give a command to a shell in a directory and show what came of it."""
    outcome = execution.run(
        ["sh", "-c", f"exec >{ANSWER}\n{command}"], environment=environment, directory=directory, limit=LIMIT
    )
    said = Said(outcome.status, (directory / ANSWER).read_text("utf-8", "replace"), outcome.diagnostics)
    attach_text(command, f"exit status {said.status}\n{said.answer}{said.complaints}")
    return said


@dataclass(frozen=True, slots=True)
class Desk:
    """The place of one trial.

    Attributes:
        store: the database that the document's commands are tried on.
        policy: has the commands.
        clusters: makes servers that hold nothing.
        directory: where the commands are typed, and find and leave their files.
    """

    store: DatabaseStore
    policy: Policy
    clusters: PostgresClusters
    directory: Path

    def run(
        self,
        identifier: str,
        *,
        database: str | None = None,
        server: PostgresServer | None = None,
        instead: Mapping[str, str] = AS_WRITTEN,
    ) -> Said:
        """Carry out the document's command of this id and show what came of it.

        Args:
            identifier: which command.
            database: stands for ``database_name``; the store's where none is named.
            server: where it is, the store's where none is named.
            instead: words of the command, and what is typed for them.
        """
        command = self.policy.documented_command(identifier).command
        name = database or self.store.name
        for words, meant in {**STANDS_FOR, "database_name": name, **instead}.items():
            command = command.replace(words, meant)
        surroundings = (server or self.store.server).environment(name) | {"HOME": os.environ.get("HOME", "/")}
        return typed(command, environment=surroundings, directory=self.directory)

    def file(self, name: str) -> Path:
        """Return a file or directory of this place."""
        return self.directory / name

    def held(self, database: str | None = None, *, server: PostgresServer | None = None) -> Fingerprint:
        """Return what a database holds."""
        with (server or self.store.server).connect(database or self.store.name) as connection:
            return fingerprint(connection)

    @contextmanager
    def new_database(self) -> Iterator[str]:
        """Make an empty database beside the store's; it goes with the block."""
        name = f"{self.store.name}_again"
        self.store.server.create_database(name)
        try:
            yield name
        finally:
            self.store.server.drop_database(name)

    @contextmanager
    def new_server(self) -> Iterator[PostgresServer]:
        """Start a server with an empty database of the store's name; it goes with the block."""
        server = self.clusters.blank()
        try:
            server.create_database(self.store.name)
            yield server
        finally:
            server.discard()
