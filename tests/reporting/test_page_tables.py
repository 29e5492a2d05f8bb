"""The tables of the page, as a browser shows them, hold what the JSON holds: compared by code that is none of ours."""

import copy
import json

import pytest
from report_tables import differences

from drill.policy import Suppression
from tests.reporting.browser import chromium, opened, unfold
from tests.reporting.conftest import NOVEMBER, POLICY, Month, write
from tests.reporting.months import Nights, history

TABLES = """() => ({
    ...Object.fromEntries([...document.querySelectorAll('table')].map(table => [table.id,
        [...table.querySelectorAll('tbody tr')].map(row => [...row.children].map(cell => cell.innerText))])),
    gaps: [...document.querySelectorAll('section[aria-labelledby=gaps-title] > p')].map(text => [text.innerText]),
})"""
BARE = """() => [...document.querySelectorAll('tbody .number, main figure, dl.counts dd, #gaps-title + p')]
    .filter(each => /[1-9]/.test(each.innerText) && !['Objective', 'Data'].includes(each.dataset.label))
    .filter(each => !(each.closest('tr') || each).querySelector('a[href]'))
    .map(each => `${(each.closest('table') || each).id}: ${each.innerText}`)"""
"""Numbers and drawings with no way to evidence beside them."""
FINDING = {"rule": "changed", "where": "there", "what": "all of it", "remedy": "none"}


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


def read(browser, path, script=TABLES):
    with opened(browser, path) as page:
        unfold(page)
        return page.evaluate(script)


@pytest.fixture(scope="module")
def data(month):
    return json.loads(month.file("json").read_text("utf-8"))


@pytest.fixture(scope="module")
def tables(month, browser):
    return read(browser, month.file("en.html"))


@pytest.fixture(scope="module")
def excused(tmp_path_factory):
    """A month of one night in which a criterion is suppressed."""
    reports = tmp_path_factory.mktemp("excused") / "reports"
    history(reports, POLICY, Nights(number=1, scenarios=40, storage=False))
    excuse = Suppression(id="RTO-DB", reason="new disks", owner="somebody", expires=NOVEMBER.until)
    gate = POLICY.gate.model_copy(update={"suppress": (excuse,)})
    write(reports, "vi", policy=POLICY.model_copy(update={"gate": gate}))
    return Month(reports, [])


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_tables_hold_the_numbers_of_the_json(month, browser, data, language):
    assert [] == list(differences(data, read(browser, month.file(f"{language}.html")), language))


def test_a_month_of_one_night_with_a_suppression_is_shown_as_it_is(excused, browser):
    data = json.loads(excused.file("json").read_text("utf-8"))
    tables = read(browser, excused.file("vi.html"))

    assert [] == list(differences(data, tables, "vi"))
    data["suppressions"][0]["expires"] = "2026-12-02"
    assert ["suppressions: '1/12/2026 (đã hết hạn)' is shown for '2026-12-02'"] == list(differences(data, tables, "vi"))


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("criteria", lambda data: data["criteria"].pop()),
        ("criteria", lambda data: data["criteria"][0].update(tests=26)),
        ("metrics-document", lambda data: data["metrics"]["metrics"][0].update(clause="another")),
        ("metrics-observed", lambda data: data["metrics"]["success"].update(bound=0.5)),
        ("metrics-observed", lambda data: data["metrics"]["storage"].update(stored_bytes=7e9)),
        ("metrics-observed", lambda data: data["metrics"]["storage"].update(cost_per_month=None)),
        ("metrics-backups", lambda data: data["metrics"]["backups"][0].update(median=9.9)),
        ("metrics-recoveries", lambda data: data["metrics"]["recoveries"][0].update(done=1)),
        ("timelines", lambda data: data["timelines"][0]["steps"][1].update(seconds=4.0)),
        ("timelines", lambda data: data["timelines"][0]["steps"].pop()),
        ("undelivered", lambda data: data["undelivered"].clear()),
        ("undelivered", lambda data: data["undelivered"][0].update(reason="another")),
        ("undelivered", lambda data: data["undelivered"][0]["to"].append("another")),
        ("runs", lambda data: data["drills"][0].update(verdict="unproven")),
        ("runs", lambda data: data["drills"][3].update(started="2026-11-05T19:00:00+00:00")),
        ("failed", lambda data: data["failures"][0].update(cause="another")),
        ("failed", lambda data: data["failures"][0].update(resolved=None)),
        ("score", lambda data: data["sabotage"].update(refused=1)),
        ("score", lambda data: data["sabotage"]["missed"].append("ANOTHER")),
        ("defects", lambda data: data["defects"].update(survived=[])),
        ("usual-checks", lambda data: data["usual_checks"]["checks"][0]["missed"].pop()),
        ("usual-matrix", lambda data: data["usual_checks"]["kinds"]["dump"].pop()),
        ("attestations", lambda data: data["attestations"][0].update(owner="another")),
        ("environments", lambda data: data["environments"][0].update(runs=28)),
        ("findings", lambda data: data["evidence"]["findings"].append(FINDING)),
        ("gaps", lambda data: data["days_without_run"].pop()),
    ],
)
def test_a_table_that_shows_something_else_is_seen(data, tables, table, change):
    changed = copy.deepcopy(data)
    change(changed)

    assert table in {each.partition(":")[0] for each in differences(changed, tables, "en")}


def test_no_figure_of_the_page_is_without_a_way_to_its_evidence(month, browser):
    assert [] == read(browser, month.file("en.html"), BARE)


def test_a_figure_without_a_way_to_its_evidence_is_seen(month, browser, tmp_path):
    html = month.file("en.html").read_text("utf-8")
    bare = html.replace('<a href="#runs">', "<a>")
    (tmp_path / "bare.html").write_text(bare, "utf-8")
    found = read(browser, tmp_path / "bare.html", BARE)

    assert any(each.startswith("plot-calendar:") for each in found)
    assert any(each.startswith("metrics-observed:") for each in found)
