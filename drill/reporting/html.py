"""The page as one HTML file: no script, no font, nothing from elsewhere."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from drill.reporting import page as pages
from drill.reporting.page import Cell, Figure, Page, Text
from drill.reporting.plots import coloured
from drill.reporting.style import DARK, LIGHT


def html(page: Page) -> str:
    """Return the page as HTML."""
    environment = Environment(
        loader=PackageLoader("drill.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"drawing": drawing, "rows": rows_of}
    environment.tests |= {
        "table": lambda block: isinstance(block, pages.Table),
        "figure": lambda block: isinstance(block, pages.Figure),
        "bullets": lambda block: isinstance(block, pages.Bullets),
    }
    return environment.get_template("report.html.j2").render(page=page, light=LIGHT, dark=DARK)


def drawing(figure: Figure) -> Markup:
    """Return a figure's SVG, coloured by the style sheet, and hidden from whoever has its text read instead."""
    svg = coloured(figure.svg, lambda name: f"var(--{name})")
    svg = (
        svg.replace("'DejaVu Sans'", "inherit")
        .replace('id="', f'id="{figure.id}-')
        .replace("url(#", f"url(#{figure.id}-")
    )
    svg = svg.replace('xlink:href="#', f'href="#{figure.id}-')
    return Markup(svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704 (matplotlib's own)


def rows_of(cell: Cell) -> list[list[Text]]:
    """Return a cell's pieces line by line."""
    lines: list[list[Text]] = []
    for place, piece in enumerate(cell):
        if place == 0 or piece.breaks:
            lines.append([])
        lines[-1].append(piece)
    return lines
