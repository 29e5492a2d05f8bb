"""What the verification of one backup costs beside its restore, and how long the whole catalogue of faults takes."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median

from bench.laboratory import run
from bench.measurement import Measurement, seconds, spread
from drill.backups import catalogue
from drill.backups.catalogue import StoredBackup
from drill.commands.runbook import DONE, Runbook
from drill.evidence.journal import Journal
from drill.evidence.verdict import Verdict
from drill.policy import Policy, Procedure
from drill.rehearsal import Sources, rehearse
from drill.runtimes import Runtime
from drill.servers.postgres import PostgresClusters
from drill.verification import Targets, verify
from drill.verification.verification import Request

VERIFY_LIMIT, CATALOGUE_LIMIT = 1.0, 480.0
READINGS = 1.5
"""So often may a backup and what comes out of it be read, beside being restored once."""
PROCEDURES = ("postgres", "redis", "user-data")
SCALE = 20


def verification(
    runtime: Runtime, clusters: PostgresClusters, policy: Policy, *, rounds: int, checkout: Path
) -> list[Measurement]:
    """Measure the verification of one backup of each kind, in turns with a restore and a reading of it."""
    repository = runtime.workspace.directory / "bench-verification"
    repository.mkdir(mode=0o711)
    sources = Sources(policy, runtime, clusters, repository=repository, seed=policy.estate.seed, scale=SCALE)
    runbook = Runbook(policy, repository=repository, directory=checkout, journal=Journal())
    procedures = [policy.procedures[name] for name in PROCEDURES]
    with sources.opened(procedures) as stores:
        rehearse(sources, dict(stores), runbook=runbook)
    return [_measured(each, Targets(policy, runtime, clusters), runbook, rounds=rounds) for each in procedures]


def faults(*, checkout: Path) -> Measurement:
    """Measure the whole catalogue of faults on embedded servers, as ``dr-drill sabotage`` tries it."""
    with tempfile.TemporaryDirectory(prefix="bench-faults-") as home:
        told = Path(home) / "score.json"
        command = [str(Path(sys.executable).with_name("dr-drill")), "sabotage", "--runtime=embedded", f"--json={told}"]
        took = seconds(lambda: run(command, environment=os.environ, directory=checkout))
        score = json.loads(told.read_text("utf-8"))
    return Measurement(
        what=f"the whole catalogue of {score['faults']} faults",
        runtime="embedded",
        value=took,
        unit="s",
        limit=CATALOGUE_LIMIT,
        detail=f"{score['caught']} caught, {score['refused']} refused, {len(score['missed'])} missed, two at once",
    )


def _measured(procedure: Procedure, targets: Targets, runbook: Runbook, *, rounds: int) -> Measurement:
    backup, *_ = catalogue.backups(runbook.repository / procedure.set)
    _verify(procedure, backup, targets, runbook)  # what is made once for a session belongs to no single backup
    verified, restored, read = [], [], []
    for _ in range(rounds):
        verified.append(seconds(lambda: _verify(procedure, backup, targets, runbook)))
        restoring, reading = _restore_and_read(procedure, backup, targets, runbook)
        restored.append(restoring)
        read.append(reading)
    allowed = [restoring + READINGS * reading for restoring, reading in zip(restored, read, strict=True)]
    return Measurement(
        what=f"verification of one backup of {procedure.name} : its restore and {READINGS} readings",
        runtime=targets.runtime.name,
        value=median(ours / limit for ours, limit in zip(verified, allowed, strict=True)),
        unit="×",
        limit=VERIFY_LIMIT,
        detail=f"verification {spread(verified)}; restore, its target made and put away {spread(restored)}; stored "
        f"bytes and restored content read once {spread(read)}; {backup.manifest.source_bytes / 1e6:.1f} MB, "
        f"{rounds} rounds",
    )


def _verify(procedure: Procedure, backup: StoredBackup, targets: Targets, runbook: Runbook) -> None:
    with closing(targets):
        report = verify(
            runbook.repository,
            policy=runbook.policy,
            targets=targets,
            request=Request(only=procedure.set, backup=backup.id),
        )
    if report.verdict is not Verdict.PROVEN:
        raise RuntimeError(f"the verification of {procedure.set} failed: {report.findings}")


def _restore_and_read(
    procedure: Procedure, backup: StoredBackup, targets: Targets, runbook: Runbook
) -> tuple[float, float]:
    """Return the seconds of a restore, and of one reading of what is stored and what came back.

    The blank target is made for it and put away after it, as a verification has to.
    """
    started = time.monotonic()
    with targets.blank(procedure, backup) as store:
        outcome = runbook.restore(store, backup.id)
        if outcome.status != DONE:
            raise RuntimeError(f"the restore of {procedure.set} failed: {outcome}")
        reading = seconds(lambda: _hash(backup)) + seconds(store.fingerprint)
    return time.monotonic() - started - reading, reading


def _hash(backup: StoredBackup) -> None:
    for file in backup.manifest.files:
        with (backup.directory / file.path).open("rb") as stored:
            hashlib.file_digest(stored, "sha256")
