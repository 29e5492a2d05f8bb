"""Damage below the rows of a PostgreSQL server: in its pages, its indexes, between these and in how it starts.

PostgreSQL's own tools look: pg_checksums at every page of the stopped server, pg_amcheck at the structure of tables
and indexes and, with ``--heapallindexed``, for rows that an index has lost (PostgreSQL manual, "pg_checksums",
"pg_amcheck"). pg_controldata tells how a server was left that a directory is of, pg_verifybackup whether the files of
one that was restored are what a server had sent, before anything is started on them. A tool that cannot look is an
error, not a finding.
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
STATE = re.compile(r"^Database cluster state: +(?P<state>.+)$", re.MULTILINE)
BAD_FILE = re.compile(r"^(?:pg_verifybackup|pg_waldump): (?:error|fatal): (?P<what>.*)$", re.MULTILINE)
NAMED_FILE = re.compile(r'"(?P<file>[^"]+)"')
MANIFEST = "backup_manifest"
MADE_ANEW = "tablespace_map"
"""What a restore writes that puts tablespaces elsewhere, and what pg_verifybackup does not leave out by itself."""
CORRUPT = 2
"""pg_amcheck's exit status where it found something."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One place that is damaged: ``PAGE-CHECKSUM``, ``STRUCTURE`` or ``BACKUP-FILE``, where, what the tool said."""

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


def altered_files(server: PostgresServer) -> list[Damage]:
    """Return which files of a restored directory are not what PostgreSQL's manifest of the backup says they are.

    Whoever restores may have looked, too; here nobody takes their word for it.

    Args:
        server: has not been started on the directory yet.

    Raises:
        DrillError: pg_verifybackup could not look, as where there is no such manifest.
    """
    if not (server.data / MANIFEST).is_file():
        raise DrillError(
            f"{server.data} has no {MANIFEST}", remedy="restore what pg_basebackup made, with all its files"
        )
    outcome = _tool(server, "pg_verifybackup", f"--ignore={MADE_ANEW}", str(server.data))
    said = outcome.output + outcome.diagnostics
    bad = list(BAD_FILE.finditer(said))
    if outcome.status != DONE and not bad:
        raise DrillError(f"pg_verifybackup could not look: {said[-600:].strip()}", remedy="read what it says")
    return [
        Damage("BACKUP-FILE", named["file"] if (named := NAMED_FILE.search(each["what"])) else "the log", each["what"])
        for each in bad
    ]


def flaw_of_start(server: PostgresServer) -> str | None:
    """Return why nobody knows from where a data directory has to be recovered; None where it is known.

    A copy of a running server is whole only from the checkpoint on that its ``backup_label`` names. Without that, the
    server starts from the newest checkpoint that the copied control file happens to know: it runs, answers, and keeps
    pages that were torn while they were copied (PostgreSQL manual, "Making a Base Backup Using the Low Level API").

    Args:
        server: has not been started on the directory yet.

    Raises:
        DrillError: pg_controldata could not look.
    """
    if not (server.data / "PG_VERSION").exists() or (server.data / "backup_label").exists():
        return None
    outcome = _tool(server, "pg_controldata", f"--pgdata={server.data}")
    found = STATE.search(outcome.output)
    if outcome.status != DONE or found is None:
        said = (outcome.output + outcome.diagnostics)[-600:].strip()
        raise DrillError(f"pg_controldata could not look: {said}", remedy="read what it says")
    if found["state"].startswith("shut down"):
        return None
    return f"it is of a server that was {found['state']!r}, and no backup_label tells where its recovery has to begin"


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
