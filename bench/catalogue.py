"""How long the catalogue of a large repository takes, and how much memory; on backups that are made for it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench.measurement import Measurement, seconds

BACKUPS = 100_000
SECONDS, MEGABYTES = 5.0, 300.0
CHAIN = 4
"""A full backup and three increments."""
FIRST = datetime(2025, 12, 1, tzinfo=UTC)
APART = timedelta(minutes=5)

_FILES = {"base.tar.gz": b"base", "backup_manifest": b"{}", "roles.sql": b"--"}
_PEAK = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from drill import inventory
from bench.measurement import peak_megabytes, seconds

took = seconds(lambda: inventory.take(Path(sys.argv[1]), now=datetime(2040, 1, 1, tzinfo=UTC)))
print(took, peak_megabytes())
"""
COMMANDS = {
    "dr-drill catalogue": ("-c", "from drill.cli import app; app()", "catalogue"),
    "dr-drill catalogue --json": ("-c", "from drill.cli import app; app()", "catalogue", "--json"),
    "retention_prune --dry-run": ("-m", "backup_scripts.retention_prune", "--dry-run"),
}
_PRUNE_PEAK = """
from backup_scripts import retention_prune
from bench.measurement import peak_megabytes, seconds

took = seconds(lambda: retention_prune.main(["--dry-run"]))
print(took, peak_megabytes())
"""
NOW = datetime(2026, 12, 1, tzinfo=UTC)
KEPT = {
    "RETENTION_DAYS": "30",
    "RETENTION_DAILY": "35",
    "RETENTION_WEEKLY": "9",
    "RETENTION_MONTHLY": "12",
    "RETENTION_COPIES": "archive=1825 compliance=1825",
    "RETENTION_TIME_ZONE": "Asia/Ho_Chi_Minh",
}


def catalogue(*, backups: int, checkout: Path) -> list[Measurement]:
    """Measure the listing of so many backups, and of a tenth of them, to see that it is linear.

    The first reading warms the directory's cache, so that the disk is not what is measured.
    """
    with tempfile.TemporaryDirectory(prefix="catalogue-") as directory:
        large, small = Path(directory) / "large", Path(directory) / "small"
        made = seconds(lambda: generate(large, backups=backups))
        generate(small, backups=backups // 10)
        taken = {place: [_listed(place, checkout) for _ in range(2)][-1] for place in (small, large)}
        decided = {place: pruned(place, checkout) for place in (small, large)}
        commands = [_command(name, large, small, checkout, backups=backups) for name in COMMANDS]
    (tenth, _), (took, peak) = taken[small], taken[large]
    (tenth_decided, _), (decision, decision_peak) = decided[small], decided[large]
    detail = f"made in {made:.0f} s; a tenth of them {tenth:.2f} s"
    what = f"the catalogue of {backups:,} backups"
    return [
        Measurement(what=what, runtime="none", value=took, unit="s", limit=SECONDS, detail=detail),
        Measurement(
            what=f"memory of {what}",
            runtime="none",
            value=peak,
            unit="MB",
            limit=MEGABYTES,
            detail="the interpreter included",
        ),
        Measurement(
            what=f"the decision what of {backups:,} backups may go",
            runtime="none",
            value=decision,
            unit="s",
            limit=SECONDS,
            detail=f"a tenth of them {tenth_decided:.2f} s; nothing is removed",
        ),
        Measurement(
            what=f"memory of the decision what of {backups:,} backups may go",
            runtime="none",
            value=decision_peak,
            unit="MB",
            limit=MEGABYTES,
            detail="the interpreter included",
        ),
        *commands,
    ]


def _command(name: str, large: Path, small: Path, checkout: Path, *, backups: int) -> Measurement:
    """Measure a command as somebody runs it: from its start until all that it says has been taken in."""
    tenth, took = (seconds(partial(_run, COMMANDS[name], place, checkout)) for place in (small, large))
    return Measurement(
        what=f"{name} of {backups:,} backups",
        runtime="none",
        value=took,
        unit="s",
        limit=SECONDS,
        detail=f"a tenth of them {tenth:.2f} s; the interpreter's start and all output included",
    )


def _run(words: Sequence[str], repository: Path, checkout: Path) -> None:
    command = [sys.executable, *words, *([str(repository)] if "catalogue" in words else [])]
    done = subprocess.run(
        command, cwd=checkout, env={**os.environ, **_facts(repository)}, capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command} failed: {done.stderr.decode(errors='replace').strip()[-2000:]}")


def pruned(repository: Path, checkout: Path) -> tuple[float, float]:
    """Have retention decide about a repository without removing anything; return seconds and peak megabytes."""
    command = [sys.executable, "-c", _PRUNE_PEAK]
    done = subprocess.run(
        command,
        cwd=checkout,
        env={**os.environ, **_facts(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the decision failed: {done.stderr.strip()[-2000:]}")
    took, peak = done.stdout.splitlines()[-1].split()
    return float(took), float(peak)


def _facts(repository: Path) -> dict[str, str]:
    return {"BACKUP_REPOSITORY": str(repository), "BACKUP_SET": "postgres", "BACKUP_NOW": NOW.isoformat(), **KEPT}


def generate(repository: Path, *, backups: int) -> None:
    """Write a repository of that many backups in chains, each with a few tiny files."""
    home = repository / "postgres"
    home.mkdir(parents=True)
    parent: str | None = None
    for number in range(backups):
        finished = FIRST + number * APART
        kind = "incremental" if number % CHAIN else "full"
        identifier = f"{finished:%Y%m%dT%H%M%S.%fZ}-{kind}"
        place = home / identifier
        place.mkdir()
        for name, content in _FILES.items():
            (place / name).write_bytes(content)
        manifest = _manifest(identifier, kind, finished, parent if kind == "incremental" else None)
        (place / "manifest.json").write_text(json.dumps(manifest), "ascii")
        parent = identifier


def _manifest(identifier: str, kind: str, finished: datetime, parent: str | None) -> dict[str, object]:
    total = sum(map(len, _FILES.values()))
    fields: dict[str, object] = {
        "schema": 1,
        "id": identifier,
        "set": "postgres",
        "kind": kind,
        "parent": parent,
        "started": (finished - timedelta(minutes=1)).isoformat(),
        "finished": finished.isoformat(),
        "source": {"engine": "postgres", "server_version": "18.6"},
        "tool": {"name": "bench", "version": "1"},
        "files": [
            {"path": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in _FILES.items()
        ],
        "stored_bytes": total,
        "source_bytes": total * 3,
        "encryption": None,
        "tier": "daily",
        "retain_until": (finished + timedelta(days=30)).isoformat(),
    }
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    return fields | {"manifest_sha256": hashlib.sha256(canonical).hexdigest()}


def _listed(repository: Path, checkout: Path) -> tuple[float, float]:
    command = [sys.executable, "-c", _PEAK, str(repository)]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the catalogue failed: {done.stderr.strip()[-2000:]}")
    took, peak = done.stdout.split()
    return float(took), float(peak)
