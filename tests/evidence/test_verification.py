"""Evidence that was tampered with is found out, whichever way; evidence that was not is left alone."""

import base64
import json
import shutil
from datetime import timedelta

import pytest

from drill.evidence import keys, run_index, verification
from drill.evidence.envelope import wrapped
from drill.evidence.redaction import conceal
from drill.evidence.sealing import heads_on_disk, seal
from drill.evidence.statement import NAME
from drill.evidence.verdict import Verdict
from drill.evidence.verification import Rule, verify
from tests.evidence.examples import begun, report
from tests.evidence.stores import BEGINNING, copied, exchanged, finished, restated, sealed, store


@pytest.fixture(scope="session")
def pair(tmp_path_factory):
    return keys.create(tmp_path_factory.mktemp("keys") / "pair")


@pytest.fixture(scope="session")
def signer(pair):
    return keys.signer_from({keys.VARIABLE: str(pair.private)})


@pytest.fixture(scope="session")
def public(pair):
    return [keys.public_key(pair.public)]


@pytest.fixture(scope="session")
def other_signer(tmp_path_factory):
    other = keys.create(tmp_path_factory.mktemp("keys") / "other")
    return keys.signer_from({keys.VARIABLE: str(other.private)})


@pytest.fixture
def runs(tmp_path):
    """Three runs in one directory of reports; nobody has signed them."""
    reports = tmp_path / "reports"
    return [reports / "runs" / record.id for record in store(reports)]


@pytest.fixture
def signed(tmp_path, signer):
    """Three runs that were signed."""
    reports = tmp_path / "signed"
    return [reports / "runs" / record.id for record in store(reports, signer=signer)]


def reports_of(runs):
    return runs[0].parent.parent


def rules(reports, **further):
    return {finding.rule for finding in verify(reports, **further).findings}


def edit(path, change):
    path.write_bytes(change(path.read_bytes()))


def drop_signature(run):
    envelope = json.loads((run / NAME).read_text())
    (run / NAME).write_text(json.dumps(envelope | {"signatures": []}))


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


UNRECORDED = {
    "the history is gone": lambda reports: (reports / "history.sqlite").unlink(),
    "the history is empty": lambda reports: (reports / "history.sqlite").write_bytes(b""),
    "the history was made anew": lambda reports: made_anew(reports),
}


def made_anew(reports):
    (reports / "history.sqlite").unlink()
    with run_index.opened(reports):
        pass


@pytest.mark.parametrize("lost", UNRECORDED)
@pytest.mark.parametrize("rolled_back", [False, True])
def test_where_nothing_tells_how_far_a_chain_had_got_its_end_is_unknown(signed, public, lost, rolled_back):
    reports = reports_of(signed)
    for file in reports.glob("history.sqlite-*"):
        file.unlink()
    UNRECORDED[lost](reports)
    if rolled_back:
        shutil.rmtree(signed[-1])
    found = verify(reports, keys=public)

    assert (True, Verdict.UNPROVEN) == (Rule.UNRECORDED in {each.rule for each in found.findings}, found.verdict)


def test_a_head_that_was_noted_tells_it_as_well_as_the_history(signed, public):
    reports = reports_of(signed)
    noted = [str(head) for head in verify(reports).heads]
    (reports / "history.sqlite").unlink()

    assert Verdict.PROVEN == verify(reports, keys=public, expected=noted).verdict
    assert {Rule.UNRECORDED} == rules(reports, keys=public)


def test_the_head_of_another_chain_tells_nothing(signed, tmp_path, public):
    other, _ = sealed(tmp_path / "others")
    shutil.copytree(tmp_path / "others" / "runs" / other.id, reports_of(signed) / "runs" / other.id)

    assert {Rule.UNRECORDED, Rule.UNSIGNED} == rules(reports_of(signed), keys=public)


def test_the_next_run_puts_its_chain_on_record_again(signed, public, signer):
    (reports_of(signed) / "history.sqlite").unlink()
    sealed(reports_of(signed), signer=signer, at=BEGINNING + timedelta(days=9))

    assert Verdict.PROVEN == verify(reports_of(signed), keys=public).verdict


def test_evidence_that_nobody_touched_holds(signed, public):
    found = verify(reports_of(signed), keys=public)

    assert (Verdict.PROVEN, ()) == (found.verdict, found.findings)
    assert {run.name for run in signed} == found.vouched
    assert [3] == [head.number for head in found.heads]


def test_verifying_writes_nothing(signed, public):
    reports = reports_of(signed)
    before = {path: path.stat().st_mtime_ns for path in reports.rglob("*")}
    verify(reports, keys=public)

    assert before == {path: path.stat().st_mtime_ns for path in reports.rglob("*")}


def test_signed_evidence_without_a_key_to_check_it_is_unknown(signed):
    found = verify(reports_of(signed))

    assert ({Rule.UNCHECKED}, Verdict.UNPROVEN) == ({each.rule for each in found.findings}, found.verdict)


def test_evidence_that_nobody_signed_is_unknown(runs, public):
    found = verify(reports_of(runs), keys=public)

    assert ({Rule.UNSIGNED}, Verdict.UNPROVEN) == ({each.rule for each in found.findings}, found.verdict)


def test_a_statement_that_is_made_anew_without_the_key_is_a_forgery(signed, public):
    restated(signed[2], verdict="disproven")

    assert Rule.FORGED in rules(reports_of(signed), keys=public)


def test_a_signature_by_another_key_vouches_for_nothing(tmp_path, other_signer, public):
    store(tmp_path / "reports", signer=other_signer)

    assert {Rule.FORGED} == rules(tmp_path / "reports", keys=public)


def test_a_signature_that_is_taken_away_at_the_end_leaves_it_unknown(signed, public):
    drop_signature(signed[2])

    assert {Rule.UNSIGNED} == rules(reports_of(signed), keys=public)


def test_a_signed_run_vouches_for_the_unsigned_ones_before_it(tmp_path, runs, signer, public):
    last, _ = sealed(reports_of(runs), signer=signer, at=BEGINNING + timedelta(days=9))
    found = verify(reports_of(runs), keys=public)

    assert (Verdict.PROVEN, {*(run.name for run in runs), last.id}) == (found.verdict, found.vouched)


def test_it_does_not_vouch_across_a_broken_link(tmp_path, runs, signer, public):
    last, _ = sealed(reports_of(runs), signer=signer, at=BEGINNING + timedelta(days=9))
    restated(runs[2], verdict="disproven")

    assert {last.id} == verify(reports_of(runs), keys=public).vouched


def test_a_head_that_was_noted_tells_a_rollback_that_took_the_history_along(signed, tmp_path, public):
    earlier = copied(reports_of(signed), tmp_path / "earlier", history=True)
    _, newest = sealed(reports_of(signed), at=BEGINNING + timedelta(days=3))
    noted = [str(verify(earlier).heads[0]), str(newest.head)]

    assert Verdict.PROVEN == verify(earlier, keys=public).verdict
    assert {Rule.ROLLED_BACK} == rules(earlier, keys=public, expected=noted)
    assert Rule.ROLLED_BACK not in rules(reports_of(signed), keys=public, expected=noted)


def test_the_run_after_a_rollback_leaves_the_hole_to_be_seen(runs):
    shutil.rmtree(runs[2])
    _, newest = sealed(reports_of(runs), at=BEGINNING + timedelta(days=4))

    assert 4 == newest.head.number
    assert {Rule.MISSING, Rule.UNSIGNED} == rules(reports_of(runs))


def test_runs_from_before_there_were_statements_are_unknown_and_count_for_nothing(tmp_path):
    old = finished(tmp_path, at=BEGINNING - timedelta(days=1))
    new, _ = sealed(tmp_path)
    found = verify(tmp_path)

    assert {Rule.UNSEALED, Rule.UNSIGNED} == {each.rule for each in found.findings}
    assert (Verdict.UNPROVEN, {new.id}) == (found.verdict, set(found.sealed))
    assert old.id in str(found.findings)


def test_a_run_that_was_killed_is_told_of_and_breaks_nothing(signed, public):
    killed = signed[0].with_name("20261103T030000Z-0a0a0a0a")
    killed.mkdir()
    (killed / "events.jsonl").write_text("{}\n")
    found = verify(reports_of(signed), keys=public)

    assert (Verdict.PROVEN, (killed.name,)) == (found.verdict, found.unfinished)


def test_a_run_that_is_about_to_be_sealed_accuses_nobody_and_one_that_never_was_does(signed, public):
    run = begun(reports_of(signed))
    run.expect({"features/a.feature::test_a": ()})
    run.finish(status=0, totals={})

    going_on = verify(reports_of(signed), keys=public)
    assert (Verdict.PROVEN, (run.id,)) == (going_on.verdict, going_on.unfinished)

    run.let_go()  # as its end would, however it came
    assert {Rule.ADDED} == rules(reports_of(signed), keys=public)


def test_no_evidence_at_all_is_unknown(tmp_path):
    assert Verdict.UNPROVEN == verify(tmp_path).verdict


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


def test_a_history_that_was_damaged_leaves_heads_unknown(signed, public):
    reports = reports_of(signed)
    (reports / "history.sqlite").write_bytes(b"no database" * 100)
    first = verify(reports, keys=public)
    sealed(reports, at=BEGINNING + timedelta(days=4))

    assert {Rule.UNCHECKED, Rule.UNRECORDED} == {each.rule for each in first.findings}
    assert Rule.UNCHECKED in rules(reports, keys=public)


@pytest.mark.parametrize("before", [True, False])
def test_a_run_that_ends_while_others_are_verified_is_no_rollback(signed, public, signer, monkeypatch, before):
    recorded_heads = verification.recorded_heads

    def looked_up(reports):
        early = [] if before else recorded_heads(reports)
        sealed(reports, signer=signer, at=BEGINNING + timedelta(days=9))
        return recorded_heads(reports) if before else early

    monkeypatch.setattr(verification, "recorded_heads", looked_up)

    assert Verdict.PROVEN == verify(reports_of(signed), keys=public).verdict


def test_every_rule_is_seen_here():
    seen = {rule for _, expected in TAMPERED.values() for rule in expected}

    assert set(Rule) == seen | {Rule.FORGED, *verification.UNKNOWN}
