"""The directory of reports can be browsed: every run, report and page is listed, and every link leads somewhere."""

import re
import shutil

from typer.testing import CliRunner

from drill.cli import app
from drill.reporting import contents


def links(path):
    return re.findall(r'href="([^"#]+)"', path.read_text("utf-8"))


def test_every_run_and_report_is_listed_and_every_link_leads_somewhere(month, tmp_path):
    reports = tmp_path / "reports"
    shutil.copytree(month.reports, reports)
    (reports / contents.ALLURE).write_text("<html></html>")
    page = contents.write(reports)
    found = links(page)

    assert {f"runs/{name}/run.json" for name in month.names} <= set(found)
    assert {"allure.html", "monthly/dr-drill-2026-11.vi.pdf", "monthly/dr-drill-2026-11.oscal.json"} <= set(found)
    assert [] == [link for link in found if not (reports / link).exists()]


def test_a_run_without_a_record_is_listed_as_such(tmp_path):
    killed = tmp_path / "runs" / "20261101T190000Z-00000000"
    killed.mkdir(parents=True)
    (killed / "events.jsonl").write_text("")
    text = contents.write(tmp_path).read_text("utf-8")

    assert "no record" in text
    assert [f"runs/{killed.name}/events.jsonl"] == links(tmp_path / contents.PAGE)


def test_a_directory_without_anything_says_what_to_do(tmp_path):
    shown = CliRunner().invoke(app, ["index", "--reports", str(tmp_path)])
    text = (tmp_path / contents.PAGE).read_text("utf-8")

    assert 0 == shown.exit_code
    assert all(word in text for word in ("dr-drill report", "dr-drill allure", "There was no run."))
