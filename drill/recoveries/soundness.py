"""Damage below the rows of a PostgreSQL server: in its pages, its indexes and between an index and its table.

PostgreSQL's own tools look: pg_checksums at every page of the stopped server, pg_amcheck at the structure of tables
and indexes and, with ``--heapallindexed``, for rows that an index has lost (PostgreSQL manual, "pg_checksums",
"pg_amcheck"). A tool that cannot look is an error, not a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from drill.commands.execution import DONE, Outcome, run
from drill.errors import DrillError
from drill.servers.postgres import PostgresServer

LIMIT = timedelta(minutes=30)
BAD_PAGE = re.compile(r'checksum verification failed in file "(?P<file>[^"]+)", block (?P<block>\d+)')
BAD_STRUCTURE = re.compile(
    r"^(?P<kind>heap table|btree index|sequence|relation) \"(?P<name>.+?)\"(?P<place>.*):$", re.MULTILINE
)
CORRUPT = 2
"""pg_amcheck's exit status where it found something."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One place that is damaged: ``PAGE-CHECKSUM`` or ``STRUCTURE``, where, and what the tool said."""

    id: str
    where: str
    what: str


def damages(server: PostgresServer) -> list[Damage]:
    """Return what is damaged in a running server; it is stopped for a while and runs again afterwards.

    Raises:
        DrillError: a tool could not look, as where the server has no page checksums.
        ServerError: the server did not start again.
    """
    found = list(_structures(server))
    server.stop()
    found += _pages(server)
    server.start()
    return found


def _structures(server: PostgresServer) -> Iterator[Damage]:
    outcome = _tool(server, "pg_amcheck", "--all", "--heapallindexed", "--no-password", "--install-missing")
    said = outcome.output + outcome.diagnostics
    if outcome.status not in (DONE, CORRUPT):
        raise DrillError(f"pg_amcheck could not look: {said[-600:].strip()}", remedy="read what it says")
    lines = said.splitlines()
    for number, line in enumerate(lines):
        if found := BAD_STRUCTURE.match(line):
            what = lines[number + 1].strip() if number + 1 < len(lines) else ""
            yield Damage("STRUCTURE", f"{found['kind']} {found['name']}{found['place']}", what)
    if outcome.status == CORRUPT and not BAD_STRUCTURE.search(said):
        yield Damage("STRUCTURE", "somewhere", said[-600:].strip())


def _pages(server: PostgresServer) -> Iterator[Damage]:
    outcome = _tool(server, "pg_checksums", "--check", f"--pgdata={server.data}")
    said = outcome.output + outcome.diagnostics
    bad = list(BAD_PAGE.finditer(said))
    if outcome.status != DONE and not bad:
        raise DrillError(
            f"pg_checksums could not look: {said[-600:].strip()}", remedy="initialise the server with them"
        )
    for page in bad:
        file = Path(page["file"])
        where = file.relative_to(server.data) if file.is_relative_to(server.data) else file
        yield Damage("PAGE-CHECKSUM", f"{where}, page {page['block']}", page[0])


def _tool(server: PostgresServer, *command: str) -> Outcome:
    environment = server.environment("postgres") | {"LC_ALL": "C"}
    return run(list(command), environment=environment, directory=server.service.home, limit=LIMIT)
