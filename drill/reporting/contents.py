"""``reports/index.html``: everything that lies there, for whoever opens the directory in a browser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from drill.errors import DrillError
from drill.evidence.audits import FOLDER as MONTHLY
from drill.reporting import reading
from drill.reporting.html import environment
from drill.reporting.style import DARK, LIGHT
from drill.reporting.words import Words

PAGE = "index.html"
ALLURE = "allure.html"
MOST_RUNS = 400
FILES = ("run.json", "events.jsonl", "statement.dsse.json")
LANGUAGES = {".en.html": "HTML", ".vi.html": "HTML, tiếng Việt", ".en.pdf": "PDF", ".vi.pdf": "PDF, tiếng Việt"}
ENDINGS = {**LANGUAGES, ".oscal.json": "OSCAL", ".json": "JSON"}


@dataclass(frozen=True, slots=True)
class Line:
    """One run as it is listed; ``verdict`` is None where its record cannot be read, or never was written."""

    name: str
    when: str
    verdict: str | None
    runtime: str
    scenarios: str
    files: tuple[str, ...]


def write(reports: Path) -> Path:
    """Write the page and return where it is; it says what is there and judges nothing.

    Raises:
        DrillError: it cannot be written.
    """
    runs = sorted((path for path in (reports / "runs").glob("*") if path.is_dir()), reverse=True)
    lines = [_line(reports, run) for run in runs[:MOST_RUNS]]
    text = (
        environment()
        .get_template("contents.html.j2")
        .render(lines=lines, number=len(runs), months=_months(reports), allure=_allure(reports), light=LIGHT, dark=DARK)
    )
    path = reports / PAGE
    try:
        partial = path.with_name(f".{PAGE}.partial")
        partial.write_text(text, "utf-8")
        partial.replace(path)
    except OSError as error:
        raise DrillError(f"{path} cannot be written: {error.strerror}", remedy="make it writable") from error
    return path


def _line(reports: Path, run: Path) -> Line:
    words, began = Words("en"), reading.started(run.name)
    files = tuple(name for name in FILES if (run / name).is_file())
    when = words.moment(began) if began else ""
    told = reading.gist(reports, run.name)
    if told is None:
        return Line(run.name, when, None, "", "", files)
    return Line(run.name, when, told.verdict, told.runtime, f"{told.proven} of {told.scenarios}", files)


def _months(reports: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the reports by the span that they are about: the file and what it is."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted((reports / MONTHLY).glob("dr-drill-*")):
        ending = next((ending for ending in ENDINGS if path.name.endswith(ending)), None)
        if ending is not None:
            span = path.name.removeprefix("dr-drill-").removesuffix(ending)
            found.setdefault(span, []).append((f"{MONTHLY}/{path.name}", ENDINGS[ending]))
    return dict(sorted(found.items(), reverse=True))


def _allure(reports: Path) -> str | None:
    return ALLURE if (reports / ALLURE).is_file() else None
