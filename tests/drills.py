"""Scenarios that a test runs in a pytest of their own, as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from drill.evidence.record import RunRecord

ROOT = Path(__file__).parent.parent


def drilled(feature: str, scenario: str, *options: str, reports: Path, runtime: str) -> tuple[int, str, RunRecord]:
    """Run the scenarios of a feature whose names fit; return exit status, terminal and run record."""
    command = [sys.executable, "-m", "pytest", feature, "-k", scenario]
    ran = subprocess.run(
        [*command, f"--reports={reports}", f"--runtime={runtime}", *options],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout, RunRecord.model_validate_json((reports / "latest" / "run.json").read_bytes())
