"""A run that is sealed states what it holds and came to, and goes on from the newest statement that is there."""

import base64
import json
import shutil
from datetime import timedelta

from drill.evidence.finding import Rule
from drill.evidence.redaction import conceal
from drill.evidence.sealing import heads_on_disk, seal
from drill.evidence.statement import NAME
from drill.evidence.verdict import Verdict
from drill.evidence.verification import verify
from tests.evidence.examples import report
from tests.evidence.stores import BEGINNING, copied, finished, reports_of, rules, sealed


def test_a_statement_lists_every_file_and_says_what_the_run_came_to(tmp_path):
    record, _ = sealed(tmp_path, report("a", "INT-DB", server_log="a log"), report("b", verdict=Verdict.UNPROVEN))
    run = tmp_path / "runs" / record.id
    envelope = json.loads((run / NAME).read_text())
    statement = json.loads(base64.b64decode(envelope["payload"]))

    assert ("application/vnd.in-toto+json", []) == (envelope["payloadType"], envelope["signatures"])
    assert ["events.jsonl", "logs/0001.log", "run.json"] == [each["name"] for each in statement["subject"]]
    assert ("https://in-toto.io/Statement/v1", "https://in-toto.io/attestation/test-result/v0.1") == (
        statement["_type"],
        statement["predicateType"],
    )
    assert "FAILED" == statement["predicate"]["result"]
    assert ["features/a.feature::test_b"] == statement["predicate"]["failedTests"]
    assert ["INT-DB", "features/a.feature::test_a"] == statement["predicate"]["passedTests"]


def test_a_secret_in_a_scenario_s_name_is_masked_in_the_statement_too(tmp_path):
    conceal("trout-fishing-4711")
    record, _ = sealed(tmp_path, report("opened-with-trout-fishing-4711"))
    envelope = json.loads((tmp_path / "runs" / record.id / NAME).read_text())

    assert b"trout" not in base64.b64decode(envelope["payload"])


def test_what_is_unproven_does_not_pass(tmp_path):
    record, _ = sealed(tmp_path, report("a", "INT-DB", verdict=Verdict.UNPROVEN))
    sealed_run = verify(tmp_path).sealed[record.id].statement

    assert ("FAILED", Verdict.UNPROVEN) == (sealed_run.predicate.result, sealed_run.link.verdict)


def test_a_broken_statement_does_not_keep_the_next_run_from_being_sealed(runs):
    (runs[2] / NAME).write_text("nonsense")
    _, newest = sealed(reports_of(runs), at=BEGINNING + timedelta(days=4))

    assert 4 == newest.head.number


def test_a_chain_goes_on_where_the_history_was_deleted(runs):
    (reports_of(runs) / "history.sqlite").unlink()
    _, newest = sealed(reports_of(runs), at=BEGINNING + timedelta(days=4))

    assert 4 == newest.head.number
    assert {Rule.UNSIGNED} == rules(reports_of(runs))


def test_a_statement_without_its_head_on_record_is_gone_on_from(runs):
    """As a machine leaves it that stops after the statement and before the head."""
    reports = reports_of(runs)
    before = copied(reports, reports.with_name("before"), history=True)
    record = finished(reports, at=BEGINNING + timedelta(days=5))
    seal(reports / "runs" / record.id, record, signer=None)
    for file in reports.glob("history.sqlite*"):
        file.unlink()
    shutil.copy(before / "history.sqlite", reports)
    sealed(reports, at=BEGINNING + timedelta(days=6))

    assert [5] == [head.number for head, _ in heads_on_disk(reports).values()]
    assert {Rule.UNSIGNED} == rules(reports)
