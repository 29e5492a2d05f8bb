"""The history of all runs in one SQLite file beside them, to be asked quickly.

The run records below ``runs/`` are the truth and this is an index of them: it can be deleted at any time, is brought up
to date whenever it is opened, and is made anew when it is damaged. One thing in it is on record nowhere else: how far
each chain of statements had got when this machine last added to it. Without that the end of a chain is unknown until
the next run, unless a head was noted elsewhere.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from drill.errors import DrillError
from drill.evidence.envelope import EvidenceError
from drill.evidence.record import RunRecord
from drill.evidence.statement import Head
from drill.evidence.verdict import Verdict

FILE_NAME = "history.sqlite"
LOCK_NAME = "history.lock"
DAMAGED = ".damaged-"
"""What stands between the name of an index that was put aside and the moment."""

SCHEMA = 1
BUSY_SECONDS = 30

_TABLES = """
CREATE TABLE IF NOT EXISTS run (
    id TEXT PRIMARY KEY,
    started TEXT NOT NULL,
    seconds REAL NOT NULL,
    verdict TEXT NOT NULL,
    alike TEXT NOT NULL,
    stamp TEXT NOT NULL,
    runtime TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS result (
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    criterion TEXT NOT NULL,
    verdict TEXT NOT NULL,
    objective TEXT NOT NULL,
    selected INTEGER NOT NULL,
    scenarios INTEGER NOT NULL,
    measured REAL,
    measured_text TEXT,
    PRIMARY KEY (run, criterion)
) STRICT;
CREATE TABLE IF NOT EXISTS head (
    chain TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    run TEXT NOT NULL,
    own INTEGER NOT NULL
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What one criterion came to in one run."""

    criterion: str
    verdict: str
    objective: str
    selected: int
    scenarios: int
    measured: float | None
    measured_text: str | None


@dataclass(frozen=True, slots=True)
class IndexedRun:
    """One run of the history; runs that are ``alike`` had the same servers, data and kind of machine.

    ``seconds`` is None where nothing tells how long it took: it was killed, or still goes on.
    """

    id: str
    started: str
    seconds: float | None
    verdict: str
    runtime: str | None
    alike: str
    results: Mapping[str, Result]


class RunIndex:
    """The open index. Get one with ``opened``, which lets one process at a time write to it."""

    def __init__(self, reports: Path, database: sqlite3.Connection) -> None:
        self._reports = reports
        self._database = database
        self.unreadable: dict[str, str] = {}

    def refresh(self) -> None:
        """Take in the records that are new or have changed, and drop those that are gone.

        ``unreadable`` then names the runs whose record is none, with the reason.
        """
        stored = dict(self._database.execute("SELECT id, stamp FROM run"))
        found = {path.parent.name: (path, _stamp(path)) for path in (self._reports / "runs").glob("*/run.json")}
        with self._transaction():
            for identifier in stored.keys() - found.keys():
                self._database.execute("DELETE FROM run WHERE id = ?", (identifier,))
            for identifier, (path, stamp) in found.items():
                if stored.get(identifier) != stamp:
                    self._take(identifier, path, stamp)

    def runs(self) -> list[IndexedRun]:
        """Return every run, the oldest first."""
        results: dict[str, dict[str, Result]] = {}
        for run, *columns in self._database.execute(
            "SELECT run, criterion, verdict, objective, selected, scenarios, measured, measured_text FROM result"
        ):
            results.setdefault(run, {})[columns[0]] = Result(*columns)
        rows = self._database.execute(
            "SELECT id, started, seconds, verdict, runtime, alike FROM run ORDER BY started, id"
        )
        return [
            IndexedRun(run, started, seconds, verdict, runtime, alike, results.get(run, {}))
            for run, started, seconds, verdict, runtime, alike in rows
        ]

    def tested(self, criterion: str) -> list[datetime]:
        """Return when the runs ended that tried every scenario of a criterion, the first of them first.

        What they came to does not matter; but where they leave it unproven, not every scenario was carried out.
        """
        rows = self._database.execute(
            "SELECT run.started, run.seconds FROM run JOIN result ON result.run = run.id "
            "WHERE criterion = ? AND 0 < scenarios AND scenarios <= selected AND result.verdict <> ? "
            "ORDER BY run.started",
            (criterion, Verdict.UNPROVEN),
        )
        return [datetime.fromisoformat(started) + timedelta(seconds=seconds) for started, seconds in rows]

    def own_head(self) -> tuple[Head, str] | None:
        """Return how far the chain had got that this machine adds to, and the run that was."""
        row = self._database.execute("SELECT chain, number, sha256, run FROM head WHERE own").fetchone()
        return (Head(*row[:3]), row[3]) if row else None

    def note_head(self, head: Head, run: str, *, own: bool) -> None:
        """Note how far a chain has got. A chain never gets shorter, and only one is this machine's own."""
        with self._transaction():
            if own:
                self._database.execute("UPDATE head SET own = 0")
            self._database.execute(
                "INSERT INTO head (chain, number, sha256, run, own) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (chain) DO UPDATE SET own = max(own, excluded.own), "
                "number = excluded.number, sha256 = excluded.sha256, run = excluded.run "
                "WHERE excluded.number > number",
                (head.chain, head.number, head.sha256, run, own),
            )

    def _take(self, identifier: str, path: Path, stamp: str) -> None:
        self._database.execute("DELETE FROM run WHERE id = ?", (identifier,))
        try:
            record = RunRecord.model_validate_json(path.read_bytes())
        except (ValidationError, OSError) as error:
            self.unreadable[identifier] = str(error).splitlines()[0]
            return
        runtime = record.runtime.name if record.runtime else None
        self._database.execute(
            "INSERT INTO run (id, started, seconds, verdict, runtime, alike, stamp) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (identifier, record.started, record.seconds, record.verdict, runtime, _alike(record), stamp),
        )
        self._database.executemany(
            "INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    identifier,
                    criterion.id,
                    criterion.verdict,
                    criterion.objective,
                    criterion.selected,
                    criterion.scenarios,
                    criterion.measured,
                    criterion.measured_text,
                )
                for criterion in record.criteria
            ],
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


@contextmanager
def opened(reports: Path) -> Iterator[RunIndex]:
    """Open the index of a directory of reports, up to date; a damaged one is put aside and made anew.

    Others wait meanwhile, so that runs that end together are chained one after the other.

    Raises:
        DrillError: there is no such directory, or it cannot be written to.
    """
    try:
        with in_turn(reports), closing(_connected(reports)) as database:
            index = RunIndex(reports, database)
            index.refresh()
            yield index
    except (OSError, sqlite3.Error) as error:
        raise DrillError(
            f"the history of {reports} cannot be kept: {error}",
            remedy="see that it is a directory of reports that can be written to, with space left",
        ) from error


@contextmanager
def in_turn(reports: Path) -> Iterator[None]:
    """Let one process at a time change what all runs below a directory of reports share.

    Raises:
        OSError: there is no such directory, or it cannot be written to.
    """
    with (reports / LOCK_NAME).open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def recorded_heads(reports: Path) -> list[tuple[Head, str]]:
    """Return how far the index says that each chain had got, and the run that was; changes nothing.

    Raises:
        EvidenceError: there is an index and it cannot be read.
    """
    path = reports / FILE_NAME
    if not path.exists():
        return []
    problem: Exception | None = None
    # Reading leaves files behind, unless SQLite is promised that nobody writes; a log says that somebody may.
    for way in ("mode=ro", "immutable=1") if path.with_name(f"{FILE_NAME}-wal").exists() else ("immutable=1",):
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{way}", uri=True)) as database:
                rows = database.execute("SELECT chain, number, sha256, run FROM head").fetchall()
            return [(Head(*row[:3]), row[3]) for row in rows]
        except sqlite3.Error as error:
            problem = error
    raise EvidenceError(
        f"{path} cannot be read ({problem})", remedy="dr-drill history makes it anew; compare the head with a noted one"
    ) from problem


def _connected(reports: Path) -> sqlite3.Connection:
    path = reports / FILE_NAME
    try:
        return _prepared(path)
    except sqlite3.DatabaseError as error:
        # Its subclasses speak of locks, space and rights, which a new file would not mend.
        if type(error) is not sqlite3.DatabaseError:
            raise
    aside = f"{FILE_NAME}{DAMAGED}{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    path.replace(reports / aside)
    for leftover in ("-wal", "-shm"):
        path.with_name(FILE_NAME + leftover).unlink(missing_ok=True)
    return _prepared(path)


def _prepared(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA foreign_keys = ON")
        [(sound,)] = database.execute("PRAGMA quick_check(1)").fetchall()
        [(schema,)] = database.execute("PRAGMA user_version").fetchall()
        _require(f"{sound}, schema {schema}", {"ok, schema 0", f"ok, schema {SCHEMA}"})
        database.executescript(_TABLES)
        database.execute(f"PRAGMA user_version = {SCHEMA}")
    except BaseException:
        database.close()
        raise
    return database


def _require(state: str, sound: set[str]) -> None:
    if state not in sound:
        raise sqlite3.DatabaseError(f"the file is unsound: {state}")


def _stamp(path: Path) -> str:
    facts = path.stat()
    return f"{facts.st_ino} {facts.st_size} {facts.st_mtime_ns}"


def _alike(record: RunRecord) -> str:
    """Return what has to be the same for two runs' times to be compared."""
    runtime: Any = record.runtime
    servers = [runtime.name, runtime.disk, *(engine.product for engine in runtime.engines)] if runtime else []
    machine = [record.machine.get(name) for name in ("architecture", "cores")]
    return json.dumps([servers, record.seed, record.scale, machine])
