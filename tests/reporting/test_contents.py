"""The directory of reports can be browsed: every run, report and page is listed, and every link leads somewhere."""

import fcntl
import re
import shutil

import pytest
from typer.testing import CliRunner

from drill.cli import app
from drill.evidence.run_index import LOCK_NAME
from drill.evidence.verification import verify
from drill.reporting import contents
from tests.reporting.conftest import POLICY
from tests.reporting.months import Nights, history


def links(path):
    return [link.partition("#")[0] for link in re.findall(r'href="([^"]+)"', path.read_text("utf-8"))]


def lines(path):
    """The row of each run in the table, as it is written."""
    rows = re.findall(r'<tr><th scope="row".*?</tr>', path.read_text("utf-8"), re.DOTALL)
    return {re.search(r'class="code">([^<]+)<', row)[1]: row for row in rows}


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


def test_whoever_writes_it_has_seen_all_that_ended_before_somebody_else_writes_it(tmp_path, monkeypatch):
    history(tmp_path, POLICY, Nights(number=1, scenarios=10))
    seen = []

    def watched(reports, *, keys):
        with (reports / LOCK_NAME).open("a") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        seen.append(reports)
        return verify(reports, keys=keys)

    monkeypatch.setattr(contents, "verify", watched)
    contents.write(tmp_path)

    assert [tmp_path] == seen


def test_what_is_not_as_it_was_sealed_is_not_shown_as_proven(month, tmp_path, public):
    reports = tmp_path / "reports"
    shutil.copytree(month.reports, reports)
    tampered, added = month.names[-2], month.names[-3]
    log = reports / "runs" / tampered / "events.jsonl"
    log.write_text(log.read_text("utf-8") + "\n", "utf-8")
    (reports / "runs" / added / "statement.dsse.json").unlink()
    contents.write(reports, verification=verify(reports, keys=public))
    shown = lines(reports / contents.PAGE)

    assert "not as it was sealed: changed" in shown[tampered]
    assert "not as it was sealed: added" in shown[added]
    for name in (tampered, added):
        assert "its record says proven" in shown[name]
        assert 'class="verdict proven"' not in shown[name]
    assert 'class="verdict proven"' in shown[month.names[-5]]


def test_a_run_that_was_never_sealed_is_told(tmp_path):
    [name] = history(tmp_path, POLICY, Nights(number=1, scenarios=30))
    (tmp_path / "runs" / name / "statement.dsse.json").unlink()
    (tmp_path / "history.sqlite").unlink()

    assert ">never sealed<" in lines(contents.write(tmp_path))[name]


def test_a_signature_that_nobody_checked_is_told(month, tmp_path):
    reports = tmp_path / "reports"
    shutil.copytree(month.reports, reports)
    contents.write(reports)

    assert "its signature is not checked" in lines(reports / contents.PAGE)[month.names[-1]]


def test_full_drills_are_marked_and_lead_to_their_timelines(month, tmp_path):
    reports = tmp_path / "reports"
    shutil.copytree(month.reports, reports)
    page = contents.write(reports, policy=POLICY)
    text, newest = page.read_text("utf-8"), month.names[-1]
    anchor = f"timeline-{newest}"

    assert f'href="monthly/dr-drill-2026-11.en.html#{anchor}"' in text
    assert f'id="{anchor}"' in month.file("en.html").read_text("utf-8")
    assert "full drill" in lines(page)[newest]


def test_a_report_in_one_language_is_led_to_all_the_same(month, tmp_path):
    reports = tmp_path / "reports"
    shutil.copytree(month.reports, reports)
    (reports / "monthly" / "dr-drill-2026-11.en.html").unlink()
    text = contents.write(reports, policy=POLICY).read_text("utf-8")

    assert f'href="monthly/dr-drill-2026-11.vi.html#timeline-{month.names[-1]}"' in text
    assert "no report has its timeline yet" not in text


def test_without_a_policy_nothing_is_said_of_drills_that_there_are_not(tmp_path):
    history(tmp_path, POLICY, Nights(number=1, scenarios=30))

    assert "Not known: no policy.toml" in contents.write(tmp_path).read_text("utf-8")
    assert "Not known" not in contents.write(tmp_path, policy=POLICY).read_text("utf-8")
