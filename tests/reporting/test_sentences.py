"""Whatever a month came to is said in its first sentence and its warnings, on the page and on paper."""

import html as entities
import io
import re

import pytest

from drill.reporting.composition import composed
from drill.reporting.html import html
from drill.reporting.pdf import pdf
from drill.reporting.words import Words
from tests.reporting.conftest import NOVEMBER, POLICY, needed, report_of
from tests.reporting.months import Nights, history

SMALL = {"scenarios": 40, "storage": False}


def nothing(reports, signer):
    reports.mkdir()


def failures(reports, signer):
    tested = [each.id for each in POLICY.criteria if each.is_tested]
    history(reports, POLICY, Nights(number=3, failing=dict.fromkeys(range(3), tested), **SMALL))


def nobody_vouching(reports, signer):
    history(reports, POLICY, Nights(number=30, **SMALL))


def altered_log(reports, signer):
    names = history(reports, POLICY, Nights(number=30, **SMALL), signer=signer)
    log = reports / "runs" / names[-1] / "events.jsonl"
    log.write_text(log.read_text("utf-8") + "\n", "utf-8")


def unfinished(reports, signer):
    first, second = history(reports, POLICY, Nights(number=2, **SMALL))
    (reports / "runs" / first / "statement.dsse.json").unlink()
    (reports / "runs" / second / "statement.dsse.json").unlink()
    (reports / "runs" / second / "run.json").unlink()
    (reports / "history.sqlite").unlink()  # which no run was ever on


MONTHS = {
    nothing: ("It is not proven that the policy is kept", ["No run counts in this span. Nothing was proven."]),
    failures: ("The policy is not kept", ["None of them proved anything in whole.", "nobody vouches for: 3"]),
    nobody_vouching: ("It is not proven that the policy is kept", ["Runs whose evidence nobody vouches for: 30."]),
    altered_log: (
        "Nothing can be concluded, because the evidence does not hold",
        ["The evidence does not hold. Findings: 1, listed below.", "because their evidence does not hold: 1."],
    ),
    unfinished: (
        "It is not proven that the policy is kept",
        ["No run counts", "Runs that never ended, or still go on: 1"],
    ),
}


def on_paper(page):
    needed("pypdf", "pip install 'dr-drill[readers]'")
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(pdf(page, attachment=b"{}", day=NOVEMBER.judged_on)))
    return "".join("".join(each.extract_text() for each in reader.pages[:2]).split())


@pytest.mark.parametrize("month", MONTHS, ids=lambda month: month.__name__)
def test_a_months_sentence_and_warnings_are_read_first(tmp_path, signer, public, month):
    month(tmp_path / "reports", signer)
    page = composed(report_of(tmp_path / "reports", public=public), Words("en"), runs="../runs")
    shown, printed = entities.unescape(html(page)), on_paper(page)
    beginning, warnings = MONTHS[month]

    assert page.sentence.startswith(f"{beginning}: of {len(POLICY.criteria)} criteria")
    assert [] == [said for said in warnings if not any(said in warning.text for warning in page.warnings)]
    assert f'<p class="sentence">{page.sentence}</p>' in shown
    for said in (page.sentence, *(warning.text for warning in page.warnings)):
        assert "".join(said.split()) in printed
    for warning in page.warnings:
        item = f'<a href="{warning.href}">{warning.text}</a>' if warning.href else warning.text
        assert f"<li>{item}</li>" in shown
        assert warning.href is not None or not re.search(r"\d", warning.text)
