"""Our physical backup and recovery beside the bare tools, ``cp -r`` and pgBackRest."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import pgbackrest
from bench.laboratory import DATABASE, Laboratory, configure, run
from bench.measurement import Measurement, alternating, ratio, seconds, spread
from bench.pgbackrest import PgBackRest
from bench.recovery import Phases, blank_place, by_phase, clear, put_aside, recovered
from drill.errors import DrillError
from drill.policy import Policy
from drill.runtimes import Runtime
from drill.runtimes.service_user import ServiceUser
from drill.servers.postgres import PostgresClusters, PostgresServer
from drill.servers.wal_keeping import WalKeeping
from drill.stores import ClusterStore

COPY_LIMIT = 1.3
RIVAL_LIMIT = 1.0
OVERHEAD_LIMIT = 1.05
PROCEDURE = "postgres-physical"
JOBS = f"--jobs={pgbackrest.PROCESSES}"
DECOMPRESS = {"gz": "gzip -dc", "zst": "zstd -dcq"}
# What an operator would type, with the program that decompresses before it.
UNPACK = """
set -e
mkdir -m 700 "$2"
$1 "$3"/base.tar.* | tar --extract --directory="$2"
$1 "$3"/pg_wal.tar.* | tar --extract --directory="$2"/pg_wal
cp "$3"/backup_manifest "$2"
pg_verifybackup --quiet "$2"
sync --file-system "$2"
"""
# The same for a copy that needs no unpacking; as durable as a restore has to be.
COPY = """
set -e
cp -r "$1"/. "$2"
test "$3" != flushed || sync --file-system "$2"
"""
FORGET = ("-type", "f", "-exec", "dd", "if={}", "iflag=nocache", "count=0", "status=none", ";")


@dataclass(frozen=True, slots=True)
class Site:
    """How the source's log is kept, by us and by the rival; where there is none, why."""

    ours: WalKeeping
    rival: PgBackRest | None
    absence: str

    @classmethod
    def prepared(cls, runtime: Runtime, policy: Policy) -> Site:
        """Make the repositories."""
        repository = runtime.workspace.make("repositories")
        ours = WalKeeping.prepared(policy, PROCEDURE, repository=repository, workspace=runtime.workspace)
        try:
            return cls(ours, pgbackrest.prepared(runtime), "")
        except DrillError as error:  # no engine, no base, no mirror: the rival is missed, and the rest is measured
            return cls(ours, None, error.what)

    @property
    def keeping(self) -> tuple[WalKeeping, ...]:
        """All ways of keeping the log, whose directories a server must reach."""
        return (self.ours, *([self.rival.keeping] if self.rival else []))


class Scripts:
    """What a user of ours runs: compressed, with manifest and checksums, verified."""

    def __init__(self, keeping: WalKeeping, checkout: Path, *, backup_set: str) -> None:
        self._keeping = keeping
        self._checkout = checkout
        self._contract = {"BACKUP_REPOSITORY": str(keeping.directory.parent), "BACKUP_SET": backup_set}

    def back_up(self, source: PostgresServer, *options: str) -> Path:
        """Take a backup; return its directory."""
        command = [sys.executable, "-m", "backup_scripts.postgres_basebackup", *options]
        environment = source.environment("postgres") | self._contract
        done = run(command, environment=environment, directory=self._checkout)
        identifier = json.loads(done.stdout.splitlines()[-1])["id"]
        return Path(self._contract["BACKUP_REPOSITORY"], self._contract["BACKUP_SET"], identifier)

    def restore(self, target: PostgresServer, backup: Path) -> None:
        """Make the server's data directory of a backup."""
        facts = {"BACKUP_ID": backup.name, "RESTORE_TARGET": str(target.data)}
        facts["RESTORE_COMMAND"] = self._keeping.restore_command or ""
        command = [sys.executable, "-m", "backup_scripts.postgres_recover", JOBS]
        environment = target.environment("postgres") | self._contract | facts
        run(command, environment=environment, directory=self._checkout)


def physical(
    site: Site, laboratory: Laboratory, clusters: PostgresClusters, *, rounds: int, checkout: Path
) -> Iterator[Measurement]:
    """Measure backup and recovery of the laboratory's server; it is stopped meanwhile and runs again afterwards."""
    scripts = Scripts(site.ours, checkout, backup_set=site.ours.directory.name)
    source = laboratory.source
    configure(source, archive_command=site.ours.archiving_command)
    backup = scripts.back_up(source)
    ClusterStore(source, site.ours, name=DATABASE).archive_now()
    configure(source, archive_command="true")
    yield _backup_overhead(laboratory, scripts, backup, rounds=rounds)
    if site.rival:
        configure(source, archive_command=site.rival.keeping.archiving_command)
        site.rival.adopt(source, compression=_compression(backup))
        site.rival.back_up(source)
        configure(source, archive_command="true")
    with blank_place(clusters, site.keeping) as target, _stopped(source):
        yield _recovery_overhead(laboratory, scripts, backup, target, rounds=rounds)
        yield from _beside_copy(laboratory, scripts, backup, target, rounds=rounds)
        yield _beside_rival(laboratory, scripts, backup, target, rival=site.rival or site.absence, rounds=rounds)


def _backup_overhead(laboratory: Laboratory, scripts: Scripts, example: Path, *, rounds: int) -> Measurement:
    source, bare_copy = laboratory.source, laboratory.directory / "bare"
    method = {"gz": "gzip:1", "zst": "server-zstd"}[_compression(example)]
    command = ["pg_basebackup", f"--pgdata={bare_copy}", "--format=tar", "--wal-method=stream", "--checkpoint=fast"]

    def ours() -> float:
        laboratory.settle()
        made: list[Path] = []
        took = seconds(lambda: made.append(scripts.back_up(source)))
        shutil.rmtree(made[0])
        return took

    def bare() -> float:
        laboratory.settle()
        environment = source.environment("postgres")
        took = seconds(lambda: run([*command, f"--compress={method}"], environment=environment))
        shutil.rmtree(bare_copy)
        return took

    return _compared(
        f"postgres_basebackup of {_size(laboratory)} : pg_basebackup",
        laboratory,
        alternating(ours, bare, rounds=rounds),
        limit=OVERHEAD_LIMIT,
        detail=f"both compressed by {method} and flushed to disk; ours with SHA-256 of every file",
    )


def _recovery_overhead(
    laboratory: Laboratory, scripts: Scripts, backup: Path, target: PostgresServer, *, rounds: int
) -> Measurement:
    bare_copy = laboratory.directory / "bare"
    environment = target.environment("postgres")
    command = ["sh", "-c", UNPACK, "sh", DECOMPRESS[_compression(backup)], str(bare_copy), str(backup)]

    def ours() -> float:
        clear(target)
        return seconds(lambda: scripts.restore(target, backup))

    def bare() -> float:
        clear(target)
        took = seconds(lambda: run(command, environment=environment))
        put_aside(bare_copy)
        return took

    return _compared(
        f"postgres_recover of {_size(laboratory)} : tar and pg_verifybackup",
        laboratory,
        alternating(ours, bare, rounds=rounds),
        limit=OVERHEAD_LIMIT,
        detail="both flushed to disk and not started; ours with SHA-256 of every stored file and a check of the log",
    )


def _beside_copy(
    laboratory: Laboratory, scripts: Scripts, backup: Path, target: PostgresServer, *, rounds: int
) -> Iterator[Measurement]:
    """Measure from disk to disk, as after a disaster, and beside a copy within memory (docs/decisions/0067)."""
    yield _restored_or_copied(laboratory, scripts, backup, target, rounds=rounds, by_disk=True)
    yield _restored_or_copied(laboratory, scripts, backup, target, rounds=rounds, by_disk=False)


def _restored_or_copied(
    laboratory: Laboratory, scripts: Scripts, backup: Path, target: PostgresServer, *, rounds: int, by_disk: bool
) -> Measurement:
    found: list[Phases] = []

    def ours() -> float:
        if by_disk:
            _forget(backup)
        found.append(recovered(target, lambda: scripts.restore(target, backup)))
        return found[-1].total

    def copy() -> float:
        if by_disk:
            _forget(laboratory.source.data, user=laboratory.runtime.workspace.user)
        return recovered(target, lambda: _copy(laboratory, target, flushed=by_disk)).total

    way = "both read from the disk and flushed to it" if by_disk else "the copy read from memory and left there"
    return _compared(
        f"physical restore of {_size(laboratory)} to the first answer, ours : cp -r and start"
        + ("" if by_disk else ", the copy within memory"),
        laboratory,
        alternating(ours, copy, rounds=rounds),
        limit=COPY_LIMIT if by_disk else None,
        detail=f"{way}; ours from {_compression(backup)}, {JOBS}, by phase: {by_phase(found)}",
    )


def _beside_rival(
    laboratory: Laboratory,
    scripts: Scripts,
    backup: Path,
    target: PostgresServer,
    *,
    rival: PgBackRest | str,
    rounds: int,
) -> Measurement:
    what = f"physical restore of {_size(laboratory)} to the first answer, ours : pgBackRest"
    if isinstance(rival, str):
        name = laboratory.runtime.name
        return Measurement(what=what, runtime=name, value=None, unit="×", limit=RIVAL_LIMIT, detail=rival)
    found: list[Phases] = []

    def theirs() -> float:
        found.append(recovered(target, lambda: rival.restore(target)))
        return found[-1].total

    samples = alternating(
        lambda: recovered(target, lambda: scripts.restore(target, backup)).total, theirs, rounds=rounds
    )
    detail = f"pgBackRest {rival.version}, both from {_compression(backup)} with {pgbackrest.PROCESSES} processes"
    return _compared(
        what, laboratory, samples, limit=RIVAL_LIMIT, detail=f"{detail}; theirs by phase: {by_phase(found)}"
    )


def _compared(
    what: str, laboratory: Laboratory, samples: tuple[list[float], list[float]], *, limit: float | None, detail: str
) -> Measurement:
    ours, theirs = samples
    return Measurement(
        what=what,
        runtime=laboratory.runtime.name,
        value=ratio(ours, theirs),
        unit="×",
        limit=limit,
        detail=f"{spread(ours)} : {spread(theirs)}, {len(ours)} pairs; {detail}",
    )


def _copy(laboratory: Laboratory, target: PostgresServer, *, flushed: bool) -> None:
    workspace = laboratory.runtime.workspace
    command = ["sh", "-c", COPY, "sh", str(laboratory.source.data), str(target.data), "flushed" if flushed else ""]
    run(
        command,
        environment=target.environment("postgres"),
        directory=workspace.directory,
        user=workspace.user,
    )


def _forget(directory: Path, *, user: ServiceUser | None = None) -> None:
    """Have whoever reads these files next read them from the disk."""
    run(["find", str(directory), *FORGET], environment=os.environ, directory=directory.parent, user=user)


def _compression(backup: Path) -> str:
    """Return how a backup is compressed, by the suffix of its base."""
    return next(backup.glob("base.tar.*")).suffix.removeprefix(".")


def _size(laboratory: Laboratory) -> str:
    return f"{laboratory.bytes / 1e9:.2f} GB"


@contextmanager
def _stopped(source: PostgresServer) -> Iterator[None]:
    """Have the data directory be copied as it lies."""
    source.stop()
    yield
    source.start()
