"""Writes a report's files: page and PDF in a language, and the same as JSON for programs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from drill.errors import DrillError
from drill.reporting.composition import composed
from drill.reporting.html import html
from drill.reporting.oscal import oscal
from drill.reporting.page import Page
from drill.reporting.pdf import pdf
from drill.reporting.period import Period
from drill.reporting.summary import Summary
from drill.reporting.words import Words


def published(
    summary: Summary, period: Period, *, language: str, directory: Path, reports: Path
) -> tuple[Page, list[Path]]:
    """Write the report, and return what was written; each file is there whole or not at all.

    Args:
        summary: the report's data.
        period: what it is about; files are called after it.
        language: of page and PDF.
        directory: where to; made if need be.
        reports: holds ``runs/``, which the page links to.

    Raises:
        DrillError: it cannot be written.
    """
    runs = os.path.relpath((reports / "runs").resolve(), directory.resolve()).replace(os.sep, "/")
    page = composed(summary, Words(language), runs=runs)
    contents = dict(_contents(summary, period, page))
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            _replace(directory / name, content)
    except OSError as error:
        what = f"{error.filename or directory} cannot be written: {error.strerror}"
        raise DrillError(what, remedy="name another directory with --output") from error
    return page, [directory / name for name in contents]


def _contents(summary: Summary, period: Period, page: Page) -> Iterator[tuple[str, bytes]]:
    data = f"{summary.model_dump_json(indent=2)}\n".encode()
    name = f"dr-drill-{period.name}"
    yield f"{name}.{page.language}.html", html(page).encode()
    yield f"{name}.{page.language}.pdf", pdf(page, attachment=data, day=period.judged_on)
    yield f"{name}.json", data
    yield f"{name}.oscal.json", oscal(summary)


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)
