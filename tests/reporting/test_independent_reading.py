"""The program with which CI holds a report against its runs sees what it is there to see."""

import base64
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

    def run(change=dict.copy, ran=dict.copy, altered=lambda _: None):
        altered(reports)
        newest = reports / "runs" / month.names[-1] / "run.json"
        record = json.loads(newest.read_text("utf-8"))
        ran(record)
        newest.write_text(json.dumps(record), "utf-8")
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
    assert (1, True) == (done.returncode, "en: the PDF holds another report than the JSON" in done.stderr)


def criterion(report, identifier):
    [found] = [each for each in report["criteria"] if each["id"] == identifier]
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda report: report["criteria"][0].update(tests=1), "INT-DB: 27 runs tested it, not 1"),
        (lambda report: report.update(verdict="proven"), "it is called proven, and is unproven"),
        (lambda report: criterion(report, "RTO-DB").update(verdict="disproven"), "RTO-DB: the runs leave it proven"),
        (lambda report: criterion(report, "RTO-DB").update(unprojected={}), "RTO-DB: it is proven up to {'redis': 10"),
        (lambda report: criterion(report, "RTO-DB")["projected"].update(value=1.0), "RTO-DB: the worst bound is"),
        (lambda report: report["metrics"]["success"].update(done=0), "counted backups were done, not 0 of"),
        (lambda report: report["metrics"]["success"].update(rate=0.5), "the success rate is 1.0, not 0.5"),
        (lambda report: report["metrics"]["success"].update(bound=0.999), "0.999 is not the lower bound of"),
        (lambda report: report["failures"][0].update(times=7), "runs did not prove it, not 7"),
        (lambda report: report["failures"].pop(), "1 runs did not prove it, not 0"),
        (lambda report: report["sabotage"]["missed"].clear(), "are accounted for"),
        (lambda report: report["sabotage"].update(run="another"), "the score of sabotage is that of"),
        (lambda report: report["document"].update(sha256="0" * 64), "it is about another policy"),
        (lambda report: criterion(report, "INT-DB")["worst"].update(text="99 differences"), "the PDF does not show 99"),
        (lambda report: report["days_without_run"].clear(), "the days without a run are others"),
        (lambda report: report["drills"].pop(), "runs are missing"),
        (lambda report: report["drills"][0].update(recovered=1), ": recovered is 75, not 1"),
        (lambda report: report["drills"][0].update(seconds=1.0), ", not 1.0"),
        (lambda report: report["undelivered"].clear(), "27 messages were not delivered, not 0 and 0 older ones"),
        (lambda report: report["undelivered"][0].update(reason="another"), "27 messages were not delivered, not 27"),
        (lambda report: report.update(undelivered_left_out=1), "27 messages were not delivered, not 27 and 1 older"),
        (lambda report: report["metrics"]["backups"][0].update(median=0.25), "backups: median of postgres is"),
        (lambda report: report["metrics"]["backups"][0].update(longest=9.5), "backups: longest of postgres is"),
        (lambda report: report["metrics"]["recoveries"].pop(), "recoveries: of ["),
        (lambda report: report["metrics"]["storage"].update(stored_bytes=5), "storage: stored_bytes is"),
        (lambda report: report["metrics"]["storage"].update(ratio=0.1), "storage: ratio is"),
        (lambda report: report["metrics"]["storage"].update(cost_per_month=0.1), "storage: cost_per_month is"),
        (lambda report: report["trends"]["recovery"][0]["points"].pop(), "the trend of RTO-"),
        (lambda report: report["trends"]["tiers"][0]["points"].pop(), "the trend of critical has other bounds"),
        (
            lambda report: report["trends"]["tiers"].pop(),
            "the tiers are those of ['critical', 'important', 'non",
        ),
        (lambda report: report["trends"]["tiers"][1].update(unknown=0), "of important 27 runs could not tell"),
        (lambda report: report["trends"]["calendar"][0].update(runs=7), "the calendar has"),
        (lambda report: report["evidence"].update(vouched=1), "runs that a key stands for: "),
        (lambda report: report["evidence"]["heads"].clear(), "ends of chains: "),
        (lambda report: criterion(report, "INT-DB").update(margin=7), "is shown for {'id': 'INT-DB'"),
        (lambda report: criterion(report, "INT-DB").update(objective="< 9 differences"), "is shown for '< 9 diff"),
        (lambda report: report["criteria"][0].update(last_proven=None), "INT-DB: it was not last proven at None"),
    ],
)
def test_it_sees_what_was_made_up(read, change, said):
    done = read(change)

    assert (1, True) == (done.returncode, said in done.stderr), done.stderr


def test_it_sees_a_disproof_after_the_proof(read):
    def disproven(record):
        criterion(record, "RTO-DB").update(verdict="disproven", selected=1, scenarios=2)

    assert "RTO-DB: the runs leave it disproven, and it is called proven" in read(ran=disproven).stderr


def test_it_sees_a_run_that_counts_and_is_not_as_it_was_sealed(read, month):
    done = read(ran=lambda record: record.update(seed=7))

    assert f"{month.names[-1]} counts, and is not as it was sealed" in done.stderr


def test_it_sees_that_a_sound_run_was_left_out(read, month):
    def leave_out(report):
        report["evidence"]["uncounted"] = [{"run": month.names[0], "because": "changed"}]

    assert f"{month.names[0]} does not count, and its evidence holds" in read(leave_out).stderr


def test_it_sees_that_a_run_counts_whose_link_was_replaced(read, month):
    """Its files are as the statement has them, and the statement is another one than the next run's was chained to."""
    lone = month.names[2]

    def forged(reports):
        path = reports / "runs" / lone / "statement.dsse.json"
        envelope = json.loads(path.read_text("utf-8"))
        stated = json.loads(base64.b64decode(envelope["payload"]))
        stated["predicate"]["warnedTests"] = ["one more"]
        envelope["payload"] = base64.b64encode(json.dumps(stated).encode()).decode()
        path.write_text(json.dumps(envelope), "utf-8")

    assert f"{month.names[3]} counts, and is not as it was sealed" in read(altered=forged).stderr
