"""The Allure page: no counter of visits, each run remembered once, and a plain word where there is no Node."""

import json
import shutil
from contextlib import contextmanager

import pytest

from drill.allure import node, page
from drill.errors import DrillError
from drill.evidence.allure_results import VERDICTS, empty, write_metadata
from tests.reporting.browser import chromium, lacking, opened, picture, whole_picture

COUNTER = (
    '<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>\n'
    "<script>\n window.dataLayer = []; function gtag(){dataLayer.push(arguments);}\n gtag('js', new Date());\n</script>"
)
ENDS = {
    "It holds": "passed",
    "It does not hold": "failed",
    "It was left out": "skipped",
    "Nobody knows": "broken",
    "The tool broke": "broken",
}
STATUSES = {"It holds": "passed", "It does not hold": "failed", "Nobody knows": "broken"}


LABELS = [{"name": "feature", "value": "A database comes back"}, {"name": "story", "value": "Nothing is lost"}]
MESSAGES = {"Nobody knows": "drill.errors.DrillError: no", "The tool broke": "KeyError: 'x'"}


def ran(reports, night, statuses):
    """Put the results of a night in the place of those that are there: scenarios of one rule, by how they ended."""
    results = reports / page.RESULTS
    empty(results)
    write_metadata(results, {"Run": f"2026110{night}T190000Z-0000000{night}", "Runtime": "docker"})
    for number, (name, status) in enumerate(statuses.items()):
        found = {"uuid": f"u{number}", "historyId": f"h{number}", "name": name, "fullName": name, "status": status}
        found |= {"statusDetails": {"message": MESSAGES[name]}} if name in MESSAGES else {}
        found |= {"labels": LABELS, "start": 1_000, "stop": 2_000, "steps": [{"name": "Given it", "status": status}]}
        (results / f"u{number}-result.json").write_text(json.dumps(found), "utf-8")


@pytest.fixture
def reports(tmp_path):
    """Results of three scenarios of one rule."""
    ran(tmp_path / "reports", 1, STATUSES)
    return tmp_path / "reports"


def test_the_counter_is_taken_out():
    assert "<p>a</p>\n<p>b</p>" == page.without_counter(f"<p>a</p>{COUNTER}\n<p>b</p>")


def test_a_counter_that_is_not_known_is_no_page():
    with pytest.raises(DrillError, match="would report its readers"):
        page.without_counter("<script>gtag('js')</script>")


def test_without_results_it_says_what_to_run(tmp_path):
    with pytest.raises(DrillError, match="holds no results; run the drill first"):
        page.made(tmp_path)


def test_without_node_the_results_stay_and_it_says_what_to_install(reports, monkeypatch):
    monkeypatch.setattr(node, "search_path", lambda: "")
    before = sorted(path.name for path in (reports / page.RESULTS).iterdir())
    with pytest.raises(DrillError, match="node is not installed; install Node 20 or newer"):
        page.made(reports)

    assert before == sorted(path.name for path in (reports / page.RESULTS).iterdir())


def test_the_lock_file_pins_everything_and_names_no_host():
    lock = json.loads((page.Path(page.__file__).parent / "package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert all(entry.get("integrity") for entry in packages.values())
    assert not any("resolved" in entry for entry in packages.values())


def test_each_run_is_remembered_once(tmp_path, reports):
    history = tmp_path / "history.jsonl"
    fresh = page.configuration(reports / page.RESULTS, output=tmp_path, history=history)
    history.write_text(json.dumps({"name": fresh["name"]}) + "\n")
    again = page.configuration(reports / page.RESULTS, output=tmp_path, history=history)

    assert (True, False) == (fresh["appendHistory"], again["appendHistory"])
    assert ["feature", "story"] == fresh["plugins"]["awesome"]["options"]["groupBy"]


def made(reports):
    if shutil.which("npm", path=node.search_path()) is None:
        lacking(f"npm is not installed; {node.INSTALL}")
    return page.made(reports)


def test_the_page_shows_the_scenarios_and_asks_nobody(reports):
    written = made(reports)
    with chromium() as browser, opened(browser, written) as shown:
        shown.get_by_text("A database comes back").first.wait_for()
        picture(shown, "allure")
        assert 0 == shown.locator("script[src^=http]").count()

    assert 1 == len((reports / page.HISTORY).read_text("utf-8").splitlines())


@pytest.fixture(scope="module")
def second(tmp_path_factory):
    """The page of a second night, in which a scenario came to every end that there is."""
    reports = tmp_path_factory.mktemp("nights") / "reports"
    ran(reports, 1, dict.fromkeys(ENDS, "passed"))
    made(reports)
    ran(reports, 2, ENDS)
    return made(reports)


@contextmanager
def shown(path, **how):
    with chromium() as browser, opened(browser, path, **how) as page:
        yield page


def after(page, *wanted):
    """The lines that follow the first ones that are as wanted, in their order."""
    lines = page.locator("body").inner_text().splitlines()
    for each in wanted:
        lines = lines[lines.index(each) + 1 :]
    return lines


def test_it_shows_what_the_run_was_made_on_and_its_scenarios_below_rule_and_feature(second):
    with shown(second) as found:
        found.get_by_text("A database comes back").first.wait_for()

        assert ["20261102T190000Z-00000002", "docker", "DR Drill"] == [
            after(found, name)[0] for name in ("Run", "Runtime", "executor")
        ]
        for name in ENDS:
            found.get_by_text(name, exact=True).first.wait_for()
        assert set(ENDS) <= set(after(found, "A database comes back", "Nothing is lost"))


def test_it_shows_below_what_that_means_every_scenario_that_is_not_proven_and_how_it_ended_before(second):
    with shown(second) as found:
        found.get_by_text("A database comes back").first.wait_for()
        found.get_by_text("It does not hold").first.click()
        found.get_by_text("History").first.wait_for()
        assert "1" == after(found, "Overview", "History")[0]

        found.go_back()
        found.get_by_text("Categories").first.click()
        meanings = [rule["name"] for rule in VERDICTS]
        for name in meanings:
            found.get_by_text(name, exact=True).first.wait_for()
        assert dict.fromkeys(meanings, "1") == {name: after(found, name)[0] for name in meanings}


def test_its_trends_show_both_runs(second):
    with shown(second, anchor="charts") as found:
        for chart in page.CHARTS:
            found.get_by_text(chart["title"]).first.wait_for()
        whole_picture(found, "allure-trends")

        assert not {"No results", "No history information available"} & set(after(found))
        for trend in ("How the newest runs ended", "How long the newest runs took"):
            earlier, newest = after(found, trend)[:2]
            assert ("Latest", 2) == (newest, earlier.count("/"))
