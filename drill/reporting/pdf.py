"""Pages as PDF: archivable (PDF/A-3) and accessible (PDF/UA-1), the report's with its JSON attached to it."""

from __future__ import annotations

import json
import tempfile
import unicodedata
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, is_dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import matplotlib as mpl
import typst
from matplotlib.ft2font import FT2Font

from drill.errors import DrillError
from drill.reporting.page import Bullets, Figure, Page, Table
from drill.reporting.plots import coloured
from drill.reporting.style import LIGHT

PARTS = "parts.typ"
"""What all templates share."""
_NOTHING: Mapping[str, bytes] = MappingProxyType({})
STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]
_FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
"""Where the font lies that is taken for what the first one lacks: drawings are measured in it, too."""
_FALLBACK = "DejaVuSans.ttf"


def pdf(page: Page, *, attachment: bytes, day: date) -> bytes:
    """Return the page as PDF.

    Args:
        page: what is read.
        attachment: the report's JSON.
        day: that the file is dated with; not the moment of making it, so that the same report has the same bytes.

    Raises:
        DrillError: it cannot be typeset.
    """
    return typeset("report.typ", plain(page), day=day, beside={"report.json": attachment})


def typeset(template: str, page: Mapping[str, Any], *, day: date, beside: Mapping[str, bytes] = _NOTHING) -> bytes:
    """Return a page as PDF.

    Args:
        template: the name of the one that says how it looks.
        page: what is read, as plain data.
        day: that the file is dated with.
        beside: further files that the template needs, by name.

    Raises:
        DrillError: it cannot be typeset.
    """
    templates = files("drill.reporting") / "templates"
    with tempfile.TemporaryDirectory(prefix="dr-drill-typeset-") as name:
        directory = Path(name)
        for part in (template, PARTS):
            (directory / part).write_bytes((templates / part).read_bytes())
        dated = {**page, "colours": dict(LIGHT), "date": [day.year, day.month, day.day]}
        (directory / "page.json").write_text(json.dumps(dated), "utf-8")
        for file, content in beside.items():
            (directory / file).write_bytes(content)
        try:
            return typst.compile(
                str(directory / template),
                font_paths=[str(_FONTS)],
                pdf_standards=[*STANDARDS],
                ignore_system_fonts=True,
            )
        except typst.TypstError as error:
            reason = getattr(error, "diagnostic", None) or error
            raise DrillError(f"the PDF cannot be typeset: {reason}", remedy="make the report without it") from error


def plain(value: Any) -> Any:
    """Return a page or a part of one as data for a template, without what no font here shows."""
    if isinstance(value, Figure):
        svg = coloured(value.svg, lambda name: LIGHT[name])
        return asdict(value) | {"kind": "figure", "svg": svg, "evidence": plain(value.evidence)}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if isinstance(value, str):
        return printable(value)
    if is_dataclass(value):
        fields = {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
        kinds = {Table: "table", Bullets: "bullets"}
        return fields | {"kind": kinds.get(type(value), "paragraph")} if "kind" not in fields else fields
    return value


def printable(text: str) -> str:
    """Return a text without what no font here shows, as the standards demand: pictures go, letters become a sign."""
    return "".join(each if ord(each) in _shown() else _in_place_of(each) for each in text)


def _in_place_of(letter: str) -> str:
    if letter.isspace():
        return " "
    return "" if unicodedata.category(letter) in ("So", "Mn", "Cf", "Cc") else "\ufffd"


@cache
def _shown() -> AbstractSet[int]:
    return FT2Font(str(_FONTS / _FALLBACK)).get_charmap().keys()
