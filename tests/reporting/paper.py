"""A report's PDF as it is printed: its first page and those with drawings as pictures, none of which may be blank.

    python -m tests.reporting.paper HISTORY [--few-days] FILE.pdf…

A drawing of few days has hardly more strokes than a table: with --few-days none is demanded.

Pictures are kept beside those of the pages, named after the history that they are of.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pypdfium2
from PIL.Image import Image
from pypdfium2.raw import FPDF_PAGEOBJ_PATH

from tests.reporting.browser import PICTURES

SCALE = 1.5
"""Pixels for each of a page's 72 units an inch."""
FEWEST_STROKES = 150
"""Paths on a page that has a drawing; the lines of a table are far fewer for the room that they take."""
LEAST_INK = 0.005
"""The share of a page that is not paper where something is printed on it."""
LEAST_COLOUR = 0.0005
"""The share of a page that is neither paper, ink nor grey where there is a drawing on it."""


def pictures(path: Path) -> dict[int, Image]:
    """The first page and every page with a drawing, by number."""
    with pypdfium2.PdfDocument(path) as document:
        numbers = [number for number in range(len(document)) if number == 0 or has_drawing(document[number])]
        return {number + 1: document[number].render(scale=SCALE).to_pil().convert("RGB") for number in numbers}


def has_drawing(page: pypdfium2.PdfPage) -> bool:
    return sum(1 for _ in page.get_objects(filter=[FPDF_PAGEOBJ_PATH], max_depth=8)) >= FEWEST_STROKES


def ink(picture: Image) -> float:
    """The share of a picture that is not paper."""
    shades = picture.convert("L").histogram()
    return sum(shades[:240]) / sum(shades)


def colour(picture: Image) -> float:
    """The share of a picture that is coloured."""
    saturations = picture.convert("HSV").getchannel("S").histogram()
    return sum(saturations[90:]) / sum(saturations)


def wrong(path: Path, *, drawn_on: bool = True) -> list[str]:
    """What is not as it is to be on a report's pages."""
    shown = pictures(path)
    blank = [f"page {number} is blank" for number, picture in shown.items() if ink(picture) < LEAST_INK]
    drawn = [number for number, picture in shown.items() if number > 1 and colour(picture) >= LEAST_COLOUR]
    return blank + ([] if drawn or not drawn_on else ["no page has a drawing"])


def keep(path: Path, history: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for number, picture in pictures(path).items():
        picture.save(PICTURES / f"{history}-{path.stem}-page-{number}.png")


if __name__ == "__main__":
    name, *files = (each for each in sys.argv[1:] if each != "--few-days")
    found = []
    for file in map(Path, files):
        keep(file, name)
        found += [f"{file}: {each}" for each in wrong(file, drawn_on="--few-days" not in sys.argv)]
    sys.exit("\n".join(found) or 0)
