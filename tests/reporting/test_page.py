"""The HTML report in a real browser: offline, light and dark, on paper and on a phone, and to be read by anybody."""

import re
from urllib.parse import unquote, urlsplit

import pytest

from tests.reporting.browser import axe, chromium, opened, picture, unfold, violations
from tests.reporting.conftest import POLICY, Month, write
from tests.reporting.months import Nights, history

WAYS = [
    ("en", "desktop", {"width": 1280}),
    ("vi", "dark", {"width": 1280, "scheme": "dark"}),
    ("vi", "phone", {"width": 390}),
    ("vi", "print", {"width": 794, "media": "print"}),
]
WIDTHS = (720, 1024, 1100, 1280)
A4 = 688
"""Pixels between the margins of the paper."""
TOO_WIDE = """() => [...document.querySelectorAll('table :is(td, th)')].flatMap(cell => {
    const style = getComputedStyle(cell), box = cell.getBoundingClientRect();
    const right = box.right - parseFloat(style.paddingRight) + .5, left = box.left - .5;
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), wide = [];
    while (texts.nextNode()) {
        const range = document.createRange();
        range.selectNodeContents(texts.currentNode);
        for (const piece of range.getClientRects())
            if (piece.width && (piece.right > right || piece.left < left))
                wide.push(`${cell.closest('table').id}: ${texts.currentNode.textContent}`);
    }
    return wide;
}).concat([...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth)
    .map(each => `${each.getAttribute('aria-labelledby')} has to be scrolled`))"""
"""Texts that leave their cell, and tables that leave the page."""
HARMFUL = "<img src=x onerror=alert(1)></table>{{ 7*7 }}"
LINKS = """() => [...document.querySelectorAll('a[href]')].map(link => link.getAttribute('href'))"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def accessibility():
    return axe()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The page of a month with one night, in which something was said that would do harm as HTML."""
    reports = tmp_path_factory.mktemp("hostile") / "reports"
    cause = f"AssertionError: {HARMFUL}"
    history(reports, POLICY, Nights(number=1, scenarios=40, failing={0: ["RTO-DB"]}, cause=cause))
    write(reports, "en")
    return Month(reports, []).file("en.html")


@pytest.mark.parametrize(("language", "way", "options"), WAYS, ids=[f"{language}-{way}" for language, way, _ in WAYS])
def test_it_is_shown_everywhere_without_a_sound(month, browser, language, way, options):
    with opened(browser, month.file(f"{language}.html"), **options) as page:
        picture(page, f"report-{language}-{way}")

        assert language == page.locator("html").get_attribute("lang")
        assert page.evaluate("document.documentElement.scrollWidth") <= options["width"]
        assert 11 == page.locator("main > section > h2").count()


@pytest.mark.parametrize("language", ["en", "vi"])
def test_no_text_is_wider_than_its_cell(month, browser, language):
    found = {}
    with opened(browser, month.file(f"{language}.html")) as page:
        unfold(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found[width] = page.evaluate(TOO_WIDE)

    assert {width: [] for width in WIDTHS} == found


def test_a_text_that_is_wider_than_its_cell_is_seen(month, browser):
    with opened(browser, month.file("vi.html"), width=1100) as page:
        unfold(page)
        page.add_style_tag(content=".verdict { white-space: nowrap; font-size: 1.6rem } #runs { min-width: 90rem }")
        found = page.evaluate(TOO_WIDE)

    assert "headings: chưa chứng minh" in found
    assert "runs-caption has to be scrolled" in found


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("vi", "dark")])
def test_it_can_be_read_by_everybody(month, browser, accessibility, language, scheme):
    with opened(browser, month.file(f"{language}.html"), scheme=scheme) as page:
        unfold(page)
        assert [] == violations(page, accessibility)


def test_a_violation_is_seen(hostile, browser, accessibility, tmp_path):
    html = hostile.read_text("utf-8")
    html = html.replace("--muted: #53606f", "--muted: #d0d0d0").replace('<html lang="en">', "<html>")
    (tmp_path / "worse.html").write_text(html, "utf-8")
    with opened(browser, tmp_path / "worse.html") as page:
        found = " ".join(violations(page, accessibility))

    assert "color-contrast" in found
    assert "html-has-lang" in found


def test_what_is_folded_on_a_screen_is_open_on_paper(month, browser):
    seen = "document.querySelector('#controls td').checkVisibility()"
    with opened(browser, month.file("en.html")) as page:
        assert not page.evaluate(seen)
        unfold(page)
        assert page.evaluate(seen)
    with opened(browser, month.file("en.html"), width=794, media="print") as page:
        assert page.evaluate(seen)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_on_paper_tables_are_tables_and_no_text_is_wider_than_its_cell(month, browser, language):
    shown = "[...document.querySelectorAll('#criteria :is(thead, td)')].map(each => getComputedStyle(each).display)"
    with opened(browser, month.file(f"{language}.html"), width=A4, media="print") as page:
        assert {"table-header-group", "table-cell"} == set(page.evaluate(shown))
        assert [] == page.evaluate(TOO_WIDE)


def test_light_and_dark_differ(month, browser):
    papers = set()
    for scheme in ("light", "dark"):
        with opened(browser, month.file("en.html"), scheme=scheme) as page:
            papers.add(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))

    assert {"rgb(255, 255, 255)", "rgb(17, 22, 29)"} == papers


def test_every_value_and_moment_leads_to_evidence_that_is_there(month, browser):
    path = month.file("en.html")
    with opened(browser, path) as page:
        links = page.evaluate(LINKS)
        ids = set(page.evaluate("() => [...document.querySelectorAll('[id]')].map(each => each.id)"))
        bare = page.evaluate(
            "() => [...document.querySelectorAll('#criteria tbody td:nth-child(3)')]"
            ".filter(cell => cell.innerText != '–' && !cell.querySelector('a')).length"
        )
        named = page.evaluate("() => [...document.querySelectorAll('.facts a')].map(each => each.innerText)")

    inside = {link[1:] for link in links if link.startswith("#")}
    outside = {unquote(urlsplit(link).path) for link in links if not link.startswith("#")}
    assert inside <= ids
    assert len(outside) >= len(month.names)
    assert [] == [link for link in outside if not (path.parent / link).is_file()]
    assert 0 == bare
    assert [str(len(month.names)), "proven"] == named


def test_nothing_in_it_comes_from_elsewhere_or_runs(month):
    for language in ("en", "vi"):
        html = month.file(f"{language}.html").read_text("utf-8")

        assert "<script" not in html
        assert [] == re.findall(r"(?:src|href)=\"(?:https?:)?//", html)
        assert [] == re.findall(r"@import|@font-face|url\(['\"]?http", html)


def test_every_id_is_there_once(month):
    ids = re.findall(r'\bid="([^"]+)"', month.file("en.html").read_text("utf-8"))

    assert len(ids) == len(set(ids))


def test_a_hostile_record_is_shown_as_text(hostile, browser):
    with opened(browser, hostile) as page:
        assert 0 == page.locator("img").count()
        assert HARMFUL in page.locator("#failed").inner_text()
