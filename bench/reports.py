"""How long a year's report takes, how much memory and how large its page is; and the Allure page of a whole run."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from bench.measurement import Measurement, seconds
from drill.allure.page import RESULTS, made
from drill.errors import DrillError
from drill.features import scenarios
from drill.policy import Policy
from tests.reporting.months import Nights, history

RUNS, SCENARIOS = 365, 150
SECONDS, MEGABYTES, PAGE_MEGABYTES, ALLURE_SECONDS = 5.0, 300.0, 3.0, 5.0
FIRST = datetime(2025, 12, 1, 19, tzinfo=UTC)
SPAN = ("--since", "2025-12-01", "--until", "2026-12-01")

_IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
"""What names a result, its attachments and its history: a UUID, or a hash."""

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
    """Measure the Allure page of as many results as a whole run has: those of the newest run here, over and over."""
    place, value = checkout / "reports", None
    wanted = len(list(scenarios(checkout / "features")))
    with tempfile.TemporaryDirectory(prefix="allure-") as name:
        results, page = Path(name) / "results", Path(name) / "allure.html"
        real = multiplied(place / RESULTS, results, wanted=wanted)
        detail = f"{wanted} scenarios, made of {real} that ran"
        try:
            value = [seconds(lambda: made(Path(name), results=results, page=page)) for _ in range(2)][-1]
            detail += f"; {page.stat().st_size / 1e6:.1f} MB"
        except DrillError as error:
            detail = str(error)
    return Measurement(
        what="the Allure page of a whole run",
        runtime="none",
        value=value,
        unit="s",
        limit=ALLURE_SECONDS,
        detail=detail,
    )


def multiplied(results: Path, target: Path, *, wanted: int) -> int:
    """Fill a directory with so many results, repeating real ones with identifiers and attachments of their own.

    Returns:
        how many real ones there were.
    """
    target.mkdir()
    real = sorted(results.glob("*-result.json"))
    for path in results.glob("environment.properties"):
        (target / path.name).write_bytes(path.read_bytes())
    endless = ((repetition, path) for repetition in count() for path in real) if real else iter(())
    for repetition, path in islice(endless, wanted):
        renamed = _renaming(repetition)
        text = path.read_text("utf-8")
        (target / renamed(path.name)).write_text(renamed(text), "utf-8")
        for source in re.findall(r'"source": "([^"/]+)"', text):
            (target / renamed(source)).write_bytes((results / source).read_bytes())
    return len(real)


def _renaming(repetition: int) -> Callable[[str], str]:
    """Return what gives every identifier in a text another one, the same each time in one repetition."""

    def other(found: re.Match[str]) -> str:
        made_up = uuid5(NAMESPACE_OID, f"{repetition} {found[0]}")
        return str(made_up) if "-" in found[0] else made_up.hex

    return lambda text: _IDENTIFIER.sub(other, text)


def _reported(place: Path, checkout: Path) -> tuple[float, float]:
    command = [sys.executable, "-c", _PEAK, "report", "--reports", str(place), *SPAN]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the report failed: {done.stderr.strip()[-2000:]}")
    took, peak = done.stdout.splitlines()[-1].split()
    return float(took), float(peak)
