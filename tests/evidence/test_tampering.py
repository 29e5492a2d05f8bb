"""Evidence that was tampered with is found out, whichever way."""

import shutil
from datetime import timedelta

import pytest

from drill.evidence.envelope import wrapped
from drill.evidence.finding import UNKNOWN, Rule
from drill.evidence.statement import NAME
from drill.evidence.verdict import Verdict
from drill.evidence.verification import verify
from tests.evidence.stores import BEGINNING, copied, exchanged, finished, reports_of, restated, rules, sealed


def edit(path, change):
    path.write_bytes(change(path.read_bytes()))


def envelope_of(payload):
    return wrapped(payload, None).encode()


TAMPERED = {
    "a record says something else": (
        lambda runs: edit(runs[1] / "run.json", lambda text: text.replace(b"proven", b"proved", 1)),
        {Rule.CHANGED},
    ),
    "one bit of a log is another": (
        lambda runs: edit(runs[0] / "events.jsonl", lambda text: bytes([text[0] ^ 1]) + text[1:]),
        {Rule.CHANGED},
    ),
    "a log is cut off": (lambda runs: edit(runs[2] / "events.jsonl", lambda text: text[:-9]), {Rule.CHANGED}),
    "a log is gone": (lambda runs: (runs[1] / "events.jsonl").unlink(), {Rule.MISSING}),
    "a file has been added": (lambda runs: (runs[1] / "more.json").write_text("{}"), {Rule.ADDED}),
    "a link has been added": (lambda runs: (runs[1] / "logs").symlink_to("/"), {Rule.ADDED}),
    "a file is now a link to the same": (
        lambda runs: ((runs[0] / "run.json").rename(runs[0].parent.parent / "x"),
                      (runs[0] / "run.json").symlink_to(runs[0].parent.parent / "x")),
        {Rule.CHANGED},
    ),
    "a run in the middle is gone": (lambda runs: shutil.rmtree(runs[1]), {Rule.MISSING}),
    "the first run is gone": (lambda runs: shutil.rmtree(runs[0]), {Rule.MISSING}),
    "the newest run is gone": (lambda runs: shutil.rmtree(runs[2]), {Rule.ROLLED_BACK}),
    "all runs are gone": (lambda runs: [shutil.rmtree(run) for run in runs], {Rule.ROLLED_BACK}),
    "two runs have changed places": (lambda runs: exchanged(runs[0], runs[1]), {Rule.REORDERED}),
    "a run is there twice": (
        lambda runs: shutil.copytree(runs[1], runs[1].with_name("20261102T020000Z-00000000")),
        {Rule.REORDERED},
    ),
    "a run has been given another number": (lambda runs: restated(runs[1], number=5), {Rule.MISSING}),
    "a statement has been made anew": (lambda runs: restated(runs[1], verdict="disproven"), {Rule.CHANGED}),
    "the newest statement has been made anew": (
        lambda runs: restated(runs[2], verdict="disproven"),
        {Rule.ROLLED_BACK},
    ),
    "a statement is gone": (lambda runs: (runs[1] / NAME).unlink(), {Rule.MISSING, Rule.ADDED}),
    "a statement is no statement": (
        lambda runs: (runs[1] / NAME).write_text("[]"), {Rule.UNREADABLE, Rule.MISSING}
    ),
    "a statement is now a link to the same": (
        lambda runs: ((runs[1] / NAME).rename(runs[0].parent.parent / "x"),
                      (runs[1] / NAME).symlink_to(runs[0].parent.parent / "x")),
        {Rule.UNREADABLE, Rule.MISSING},
    ),
    "a statement is cut off": (
        lambda runs: edit(runs[1] / NAME, lambda text: text[:200]), {Rule.UNREADABLE, Rule.MISSING}
    ),
    "a statement holds what is no text": (
        lambda runs: (runs[1] / NAME).write_bytes(envelope_of(b'{"_type": "\xff"}')), {Rule.UNREADABLE, Rule.MISSING}
    ),
    "a statement is nested without end": (
        lambda runs: (runs[1] / NAME).write_bytes(envelope_of(b'{"x":' + b"[" * 9_999)), {Rule.UNREADABLE, Rule.MISSING}
    ),
    "a run has been put there": (
        lambda runs: finished(reports_of(runs), at=BEGINNING + timedelta(days=1, hours=1)), {Rule.ADDED}
    ),
    "a file lies beside the runs": (lambda runs: (runs[0].parent / "note").write_text("x"), {Rule.ADDED}),
}  # fmt: skip


@pytest.mark.parametrize("tampered", TAMPERED)
def test_what_was_tampered_with_is_found(runs, tampered):
    tamper, expected = TAMPERED[tampered]
    assert {Rule.UNSIGNED} == rules(reports_of(runs))
    tamper(runs)
    found = verify(reports_of(runs))

    assert expected == {finding.rule for finding in found.findings} - {Rule.UNSIGNED}
    assert Verdict.DISPROVEN == found.verdict


@pytest.mark.parametrize("tampered", TAMPERED)
def test_another_machine_finds_it_with_the_public_key_and_the_head_that_was_noted(signed, tmp_path, public, tampered):
    elsewhere = copied(reports_of(signed), tmp_path / "elsewhere", history=False)
    noted = [str(verify(elsewhere).heads[0])]
    assert Verdict.PROVEN == verify(elsewhere, keys=public, expected=noted).verdict
    TAMPERED[tampered][0]([elsewhere / "runs" / run.name for run in signed])

    assert Verdict.DISPROVEN == verify(elsewhere, keys=public, expected=noted).verdict


def test_a_statement_that_is_made_anew_without_the_key_is_a_forgery(signed, public):
    restated(signed[2], verdict="disproven")

    assert Rule.FORGED in rules(reports_of(signed), keys=public)


def test_the_run_after_a_rollback_leaves_the_hole_to_be_seen(runs):
    shutil.rmtree(runs[2])
    _, newest = sealed(reports_of(runs), at=BEGINNING + timedelta(days=4))

    assert 4 == newest.head.number
    assert {Rule.MISSING, Rule.UNSIGNED} == rules(reports_of(runs))


def test_every_rule_is_seen_here():
    seen = {rule for _, expected in TAMPERED.values() for rule in expected}

    assert set(Rule) == seen | {Rule.FORGED, *UNKNOWN}
