"""Our backup and restore scripts beside the bare client programs that they call."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from bench.laboratory import DATABASE, PARTITIONS, Laboratory, run
from bench.measurement import Measurement, alternating, ratio, seconds, spread

LIMIT = 1.1
# Half as fast again as the document's own restore.
RESTORE_LIMIT = 0.667
JOBS = f"--jobs={os.cpu_count()}"


def backup_and_restore(laboratory: Laboratory, *, rounds: int, checkout: Path) -> Measurement:
    """Measure backup plus restore of the laboratory's database, both ways in turns."""
    _round(
        laboratory, BarePrograms(laboratory)
    )  # the first restore makes the target's WAL files, later ones reuse them
    ours, bare = alternating(
        lambda: _round(laboratory, Scripts(laboratory, checkout)),
        lambda: _round(laboratory, BarePrograms(laboratory)),
        rounds=rounds,
    )
    return Measurement(
        what=f"backup and restore of {laboratory.bytes / 1e9:.2f} GB, ours : pg_dump and pg_restore",
        runtime=laboratory.runtime.name,
        value=ratio(ours, bare),
        unit="×",
        limit=LIMIT,
        detail=f"ours {spread(ours)}, bare {spread(bare)}, {rounds} pairs, {JOBS}",
    )


def restore(laboratory: Laboratory, *, rounds: int, checkout: Path) -> Measurement:
    """Measure our restore beside the document's ``psql < backup.sql``, each of one backup that is there already."""
    scripts, plain = Scripts(laboratory, checkout), PlainText(laboratory)
    for way in (scripts, plain):
        way.directory.mkdir()
        way.back_up()
    ours, theirs = alternating(
        lambda: _restored(laboratory, scripts), lambda: _restored(laboratory, plain), rounds=rounds
    )
    for way in (scripts, plain):
        shutil.rmtree(way.directory)
    return Measurement(
        what=f"logical restore of {laboratory.bytes / 1e9:.2f} GB, ours : psql < backup.sql",
        runtime=laboratory.runtime.name,
        value=ratio(ours, theirs),
        unit="×",
        limit=RESTORE_LIMIT,
        detail=f"ours {spread(ours)}, psql {spread(theirs)}: {1 / ratio(ours, theirs):.2f} times as fast, "
        f"{rounds} pairs, {JOBS}, {PARTITIONS} partitions",
    )


class Scripts:
    """What a user of ours runs: verified, with manifest, roles and checksums."""

    def __init__(self, laboratory: Laboratory, checkout: Path) -> None:
        self.directory = laboratory.directory / "repository"
        self._laboratory = laboratory
        self._checkout = checkout
        self._backup_id = ""

    def back_up(self) -> None:
        """Take a backup."""
        printed = self._run("postgres_dump", self._laboratory.source.environment(DATABASE))
        self._backup_id = json.loads(printed.splitlines()[-1])["id"]

    def restore(self) -> None:
        """Restore it onto the blank server."""
        environment = self._laboratory.target.environment("postgres")
        self._run("postgres_restore", environment | {"BACKUP_ID": self._backup_id})

    def _run(self, script: str, environment: dict[str, str]) -> str:
        contract = {"BACKUP_REPOSITORY": str(self.directory), "BACKUP_SET": "bench"}
        command = [sys.executable, "-m", f"backup_scripts.{script}", JOBS]
        return run(command, environment=environment | contract, directory=self._checkout).stdout


class BarePrograms:
    """The same client programs with the same options, and nothing around them."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.directory = laboratory.directory / "bare"
        self._laboratory = laboratory

    def back_up(self) -> None:
        """Run pg_dump."""
        run(
            ["pg_dump", "--format=directory", JOBS, "--statistics", f"--file={self.directory / 'dump'}"],
            environment=self._laboratory.source.environment(DATABASE),
        )

    def restore(self) -> None:
        """Run pg_restore onto the blank server."""
        run(
            ["pg_restore", "--create", "--exit-on-error", JOBS, "--dbname=postgres", str(self.directory / "dump")],
            environment=self._laboratory.target.environment("postgres"),
        )


class PlainText:
    """What the document does: pg_dump's text, read by psql into an empty database."""

    def __init__(self, laboratory: Laboratory) -> None:
        self.directory = laboratory.directory / "plain"
        self._laboratory = laboratory

    def back_up(self) -> None:
        """Run pg_dump."""
        run(
            ["pg_dump", f"--file={self.directory / 'backup.sql'}"],
            environment=self._laboratory.source.environment(DATABASE),
        )

    def restore(self) -> None:
        """Make the database and run psql."""
        self._laboratory.target.create_database(DATABASE)
        environment = self._laboratory.target.environment(DATABASE)
        run(["psql", "--quiet"], environment=environment, feed=self.directory / "backup.sql")


def _restored(laboratory: Laboratory, way: Scripts | PlainText) -> float:
    laboratory.clear_target()
    return seconds(way.restore)


def _round(laboratory: Laboratory, way: Scripts | BarePrograms) -> float:
    laboratory.clear_target()
    way.directory.mkdir()
    took = seconds(way.back_up)
    laboratory.settle()
    took += seconds(way.restore)
    shutil.rmtree(way.directory)
    return took
