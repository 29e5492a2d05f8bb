"""The Allure page: no counter of visits, each run remembered once, and a plain word where there is no Node."""

import json
import shutil

import pytest

from drill.allure import node, page
from drill.errors import DrillError
from drill.evidence.allure_results import write_metadata
from tests.reporting.browser import chromium, lacking, opened, picture

COUNTER = (
    '<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>\n'
    "<script>\n window.dataLayer = []; function gtag(){dataLayer.push(arguments);}\n gtag('js', new Date());\n</script>"
)
STATUSES = {"It holds": "passed", "It does not hold": "failed", "Nobody knows": "broken"}


@pytest.fixture
def reports(tmp_path):
    """Results of three scenarios of one rule."""
    results = tmp_path / "reports" / page.RESULTS
    write_metadata(results, {"Run": "20261101T190000Z-00000001", "Runtime": "docker"})
    for number, (name, status) in enumerate(STATUSES.items()):
        labels = [{"name": "feature", "value": "A database comes back"}, {"name": "story", "value": "Nothing is lost"}]
        found = {"uuid": f"u{number}", "historyId": f"h{number}", "name": name, "fullName": name, "status": status}
        found |= {"statusDetails": {"message": "drill.errors.DrillError: no"}} if status == "broken" else {}
        found |= {"labels": labels, "start": 1_000, "stop": 2_000, "steps": [{"name": "Given it", "status": status}]}
        (results / f"u{number}-result.json").write_text(json.dumps(found), "utf-8")
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


def test_the_page_shows_the_scenarios_and_asks_nobody(reports):
    if shutil.which("npm", path=node.search_path()) is None:
        lacking(f"npm is not installed; {node.INSTALL}")
    written = page.made(reports)
    with chromium() as browser, opened(browser, written) as shown:
        shown.get_by_text("A database comes back").first.wait_for()
        picture(shown, "allure")
        assert 0 == shown.locator("script[src^=http]").count()

    assert 1 == len((reports / page.HISTORY).read_text("utf-8").splitlines())
