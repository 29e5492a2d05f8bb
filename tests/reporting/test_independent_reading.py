"""The program with which CI holds a report against its runs sees what it is there to see."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.evidence.rehearsal import REPOSITORY
from tests.reporting.conftest import needed


@pytest.fixture
def read(month, tmp_path):
    needed("pypdf", "pip install 'dr-drill[readers]'")
    reports = tmp_path / "reports"
    shutil.copytree(month.reports, reports)

    def run(change=dict.copy):
        path = reports / "monthly" / "dr-drill-2026-11.json"
        report = json.loads(path.read_text("utf-8"))
        change(report)
        path.write_text(json.dumps(report), "utf-8")
        command = [sys.executable, REPOSITORY / ".ci" / "read_report", reports, "2026-11", "en"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def test_it_sees_that_the_pdf_holds_another_report(read):
    done = read()

    # The same data, written in another way.
    assert (1, "en: the PDF holds another report than the JSON") == (done.returncode, done.stderr.strip())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda report: report["criteria"][0].update(tests=1), "INT-DB: 27 runs tested it, not 1"),
        (lambda report: report.update(verdict="proven"), "it is called proven"),
        (lambda report: report["days_without_run"].clear(), "the days without a run are others"),
        (lambda report: report["drills"].pop(), "runs are missing"),
        (lambda report: report["criteria"][0].update(last_proven=None), "INT-DB: it was not last proven at None"),
    ],
)
def test_it_sees_what_was_made_up(read, change, said):
    done = read(change)

    assert (1, True) == (done.returncode, said in done.stderr), done.stderr
