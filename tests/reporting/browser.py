"""A real headless Chromium, offline: what a page shows, what it says on the console, and pictures of it as evidence."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drill.allure.node import installed
from drill.errors import DrillError
from tests.evidence.rehearsal import REPOSITORY

INSTALL = "install Debian's chromium, and pip install 'dr-drill[readers]'"
PICTURES = REPOSITORY / "reports" / "screenshots"
AXE = Path(__file__).parent / "axe"
SERIOUS = {"serious", "critical"}
TALLEST = 8000
"""Pixels of height in one picture."""
PATIENCE = 300_000
"""Milliseconds until a browser counts as hung; a busy machine is no failure."""


def lacking(said):
    """Skip for want of a program; in CI, where there has to be one, fail."""
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


@contextmanager
def chromium() -> Iterator[object]:
    """The browser, or no test."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking(f"there is no driver for a browser; {INSTALL}")
    program = shutil.which("chromium") or lacking(f"there is no chromium; {INSTALL}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"], timeout=PATIENCE)
        yield browser
        browser.close()


@contextmanager
def opened(browser, path, *, width=1280, scheme="light", media="screen", anchor="") -> Iterator[object]:
    """A page as somebody without a network sees it; what it writes to the console fails the test."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.emulate_media(media=media, color_scheme=scheme)
    said, asked = [], []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{path.as_uri()}#{anchor}" if anchor else path.as_uri())
    yield page
    context.close()

    assert [] == said
    assert [] == [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]


def unfold(page):
    """Open whatever is folded."""
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")


def picture(page, name):
    """Keep what the page looks like from its top, for whoever wants to see it."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(PICTURES / f"{name}.png"))


def whole_picture(page, name):
    """Keep what the whole page looks like, in pieces that a browser can draw."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    width, height = page.evaluate("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
    for number, top in enumerate(range(0, height, TALLEST), start=1):
        piece = {"x": 0, "y": top, "width": width, "height": min(TALLEST, height - top)}
        page.screenshot(path=str(PICTURES / f"{name}-{number}.png"), full_page=True, clip=piece)


def axe() -> str:
    """axe-core, as its lock file has it, fetched once."""
    try:
        home = installed(AXE)
    except DrillError as error:
        lacking(str(error))
    return (home / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def violations(page, source) -> list[str]:
    """What axe-core finds that is serious, with the places."""
    page.evaluate(source)
    # Whatever is as it should be would be described place by place, which takes minutes on a page of tables.
    found = page.evaluate("() => axe.run({resultTypes: ['violations']}).then(found => found.violations)")
    return [
        f"{each['id']} ({each['impact']}): {each['nodes'][0]['target']} and {len(each['nodes']) - 1} more"
        for each in found
        if each["impact"] in SERIOUS
    ]


if __name__ == "__main__":
    history, *files = sys.argv[1:]
    with chromium() as found:
        for argument in files:
            for scheme, width in (("light", 1280), ("dark", 1280), ("light", 390)):
                with opened(found, Path(argument).resolve(), width=width, scheme=scheme) as shown:
                    unfold(shown)
                    whole_picture(shown, f"{history}-{Path(argument).name.removesuffix('.html')}-{scheme}-{width}")
