"""Makes one HTML file of a run's Allure results, with the history of the runs before it; it works offline."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from drill.allure import node
from drill.errors import DrillError
from drill.evidence.allure_results import ENVIRONMENT, NAME, VERDICTS

RESULTS = "allure-results"
PAGE = "allure.html"
HISTORY = "allure-history.jsonl"
"""What Allure remembers of earlier runs; beside the results, which each run empties."""

CHARTS = (
    {"type": "currentStatus", "title": "How this run ended"},
    {"type": "statusDynamics", "title": "How the newest runs ended"},
    {"type": "durationDynamics", "title": "How long the newest runs took"},
    {"type": "durations", "title": "How long scenarios took", "groupBy": "none"},
    {"type": "successRateDistribution", "title": "How scenarios ended, feature by feature"},
)
"""What is drawn of a run and those before it. Of Allure's own choice half needs labels that scenarios do not have."""

# Allure 3 has no switch for these: a tag that loads the counter, and one that starts it.
_COUNTER = re.compile(r"<script\b[^>]*googletagmanager[^>]*></script>\s*<script>[^<]*gtag\([^<]*</script>")
_TRACES = ("googletagmanager", "google-analytics", "gtag(")


def made(reports: Path, *, results: Path | None = None, page: Path | None = None) -> Path:
    """Make the page and return where it is; the results stay as they are.

    Args:
        reports: holds the results and the history.
        results: other results.
        page: where to write it; otherwise among the reports.

    Raises:
        DrillError: there are no results, no Node, or Allure failed.
    """
    results = results or reports / RESULTS
    page = page or reports / PAGE
    if not any(results.glob("*-result.json")):
        raise DrillError(f"{results} holds no results", remedy="run the drill first: pytest features/")
    home = node.installed(Path(__file__).parent)
    with tempfile.TemporaryDirectory(prefix="dr-drill-allure-") as name:
        directory = Path(name)
        settings = configuration(results, output=directory / "page", history=reports.absolute() / HISTORY)
        rules = directory / "allurerc.json"
        rules.write_text(json.dumps(settings), "utf-8")
        allure = str(home / "node_modules" / "allure" / "cli.js")
        command = [node.program("node"), allure, "generate", "--config", str(rules), str(results.absolute())]
        done = node.run(command, directory=directory)
        written = directory / "page" / "index.html"
        if done.returncode or not written.is_file():
            said = (done.stderr or done.stdout).strip()[-node.LONGEST_REASON :]
            raise DrillError(f"Allure could not make the page: {said}", remedy=node.INSTALL)
        _write(page, without_counter(written.read_text("utf-8")))
    return page


def configuration(results: Path, *, output: Path, history: Path) -> dict[str, Any]:
    """Return Allure's settings: feature, rule, scenario; defects called by verdict; each run in the history once."""
    run = _run(results)
    title = f"{NAME}, {run}" if run else NAME
    awesome = {
        "singleFile": True,
        "reportName": title,
        "reportLanguage": "en",
        "groupBy": ["feature", "story"],
        "theme": "auto",
        "sections": ["charts", "timeline"],
        "charts": list(CHARTS),
    }
    return {
        "name": title,
        "output": str(output),
        "historyPath": str(history),
        "appendHistory": title not in _remembered(history),
        "categories": {"rules": VERDICTS},
        "plugins": {"awesome": {"options": awesome}},
    }


def without_counter(html: str) -> str:
    """Return the page without the counter of visits that Allure puts into it.

    Raises:
        DrillError: there is more of it than is known; better no page than one that tells others of its readers.
    """
    plain = _COUNTER.sub("", html)
    left = [trace for trace in _TRACES if trace in plain]
    if left:
        raise DrillError(
            f"the page that Allure made would report its readers ({', '.join(left)})",
            remedy="pin the version that drill/allure/package.json had before",
        )
    return plain


def _run(results: Path) -> str | None:
    try:
        lines = (results / ENVIRONMENT).read_text("ascii").splitlines()
    except OSError:
        return None
    return next((line.removeprefix("Run=") for line in lines if line.startswith("Run=")), None)


def _remembered(history: Path) -> set[str]:
    try:
        lines = history.read_text("utf-8").splitlines()
    except OSError:
        return set()
    return {str(json.loads(line).get("name")) for line in lines if line.strip()}


def _write(path: Path, text: str) -> None:
    try:
        partial = path.with_name(f".{path.name}.partial")
        partial.write_text(text, "utf-8")
        partial.replace(path)
    except OSError as error:
        raise DrillError(f"{path} cannot be written: {error.strerror}", remedy="name another with --output") from error
