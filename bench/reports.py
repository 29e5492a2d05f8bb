"""How long a year's report takes, how much memory and how large its page is; and the Allure page of one run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.measurement import Measurement, seconds
from drill.allure.page import made
from drill.errors import DrillError
from drill.policy import Policy
from tests.reporting.months import Nights, history

RUNS, SCENARIOS = 365, 150
SECONDS, MEGABYTES, PAGE_MEGABYTES, ALLURE_SECONDS = 5.0, 300.0, 3.0, 5.0
FIRST = datetime(2025, 12, 1, 19, tzinfo=UTC)
SPAN = ("--since", "2025-12-01", "--until", "2026-12-01")

_PEAK = """
import sys
from bench.measurement import peak_megabytes, seconds
from drill.cli import app

took = seconds(lambda: app(sys.argv[1:], standalone_mode=False))
print(took, peak_megabytes())
"""


def reports(policy: Policy, *, checkout: Path) -> list[Measurement]:
    """Measure on a history that nobody ran; Python's own start is not in the time."""
    with tempfile.TemporaryDirectory(prefix="reports-") as name:
        place = Path(name) / "reports"
        history(place, policy, Nights(number=RUNS, scenarios=SCENARIOS, first=FIRST))
        took, peak = [_reported(place, checkout) for _ in range(2)][-1]
        [page] = (place / "monthly").glob("*.html")
        size = page.stat().st_size / 1e6
    what = f"the report of {RUNS} runs of {SCENARIOS} scenarios"
    return [
        Measurement(what=what, runtime="none", value=took, unit="s", limit=SECONDS, detail="HTML, PDF, JSON and OSCAL"),
        Measurement(
            what=f"memory of {what}", runtime="none", value=peak, unit="MB", limit=MEGABYTES, detail="all of it"
        ),
        Measurement(what=f"page of {what}", runtime="none", value=size, unit="MB", limit=PAGE_MEGABYTES, detail="HTML"),
    ]


def allure(*, checkout: Path) -> Measurement:
    """Measure the Allure page of the newest run here, whatever its size; the detail says how many scenarios it has."""
    place = checkout / "reports"
    number = len(list((place / "allure-results").glob("*-result.json")))
    value, detail = None, f"{number} scenarios"
    with tempfile.TemporaryDirectory(prefix="allure-") as name:
        try:
            page = Path(name) / "allure.html"
            value = [seconds(lambda: made(place, page=page)) for _ in range(2)][-1]
        except DrillError as error:
            detail = str(error)
    return Measurement(
        what="the Allure page of one run", runtime="none", value=value, unit="s", limit=ALLURE_SECONDS, detail=detail
    )


def _reported(place: Path, checkout: Path) -> tuple[float, float]:
    command = [sys.executable, "-c", _PEAK, "report", "--reports", str(place), *SPAN]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the report failed: {done.stderr.strip()[-2000:]}")
    took, peak = done.stdout.splitlines()[-1].split()
    return float(took), float(peak)
