"""Runs of whose evidence nobody can be sure count for nothing, and the report says which they are."""

from datetime import timedelta

import pytest

from drill.evidence.verdict import Verdict
from drill.reporting.composition import composed
from drill.reporting.summary import CaveatKind
from drill.reporting.words import Words
from tests.reporting.conftest import NOVEMBER, POLICY, SMALL, kinds, report_of, standing
from tests.reporting.months import Nights, history


@pytest.fixture
def reports(tmp_path):
    return tmp_path / "reports"


def test_nobody_vouching_leaves_the_month_unproven(reports):
    history(reports, POLICY, Nights(number=30, **SMALL))
    summary = report_of(reports)

    assert (Verdict.UNPROVEN, 30) == (summary.evidence.verdict, kinds(summary)[CaveatKind.EVIDENCE_UNVOUCHED])


def test_what_nobody_vouches_for_outside_the_span_is_not_laid_to_its_runs(reports, signer, public):
    october = Nights(number=1, first=NOVEMBER.beginning - timedelta(days=3), **SMALL)
    history(reports, POLICY, october)
    history(reports, POLICY, Nights(number=30, **SMALL), signer=signer)
    summary = report_of(reports, public=public)
    [warning] = [each for each in composed(summary, Words("en"), runs="../runs").warnings if "vouches" in each.text]

    assert (Verdict.UNPROVEN, 30, 30) == (summary.evidence.verdict, summary.evidence.runs, summary.evidence.vouched)
    assert warning.text.startswith("A known key vouches for every run of the span, but not for all the evidence")


@pytest.mark.parametrize("damage", ["altered", "removed"])
def test_a_run_whose_evidence_does_not_hold_counts_for_nothing(reports, signer, public, damage):
    names = history(reports, POLICY, Nights(number=30, **SMALL), signer=signer)
    log = reports / "runs" / names[-1] / "events.jsonl"
    log.write_text(log.read_text("utf-8") + "\n", "utf-8") if damage == "altered" else log.unlink()
    summary = report_of(reports, public=public)

    assert Verdict.DISPROVEN is summary.verdict
    assert {names[-1]} == {each.run for each in summary.evidence.uncounted}
    assert names[-2] == standing(summary, "INT-DB").last_proven_run
    assert {CaveatKind.EVIDENCE_BROKEN, CaveatKind.RUNS_NOT_COUNTED} <= kinds(summary).keys()


def test_a_run_without_a_statement_and_one_that_never_ended_count_for_nothing(reports):
    first, second = history(reports, POLICY, Nights(number=2, **SMALL))
    (reports / "runs" / first / "statement.dsse.json").unlink()
    (reports / "runs" / second / "statement.dsse.json").unlink()
    (reports / "runs" / second / "run.json").unlink()
    summary = report_of(reports)

    assert {first: "unsealed"} == {each.run: each.because for each in summary.evidence.uncounted}
    assert (second,) == summary.evidence.unfinished
    assert CaveatKind.NO_RUNS in kinds(summary)


def test_a_record_that_cannot_be_read_is_named(reports):
    [name] = history(reports, POLICY, Nights(number=1, **SMALL))
    (reports / "runs" / name / "run.json").write_text("{}")

    assert name in {each.run for each in report_of(reports).evidence.uncounted}
