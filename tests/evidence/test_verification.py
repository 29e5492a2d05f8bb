"""Evidence that nobody touched holds; where no key or head that is known vouches for it, it is unknown."""

import json
import shutil
from datetime import timedelta

import pytest

from drill.evidence import run_index, verification
from drill.evidence.finding import Rule
from drill.evidence.statement import NAME
from drill.evidence.verdict import Verdict
from drill.evidence.verification import verify
from tests.evidence.examples import begun
from tests.evidence.stores import BEGINNING, copied, finished, reports_of, restated, rules, sealed, store


def drop_signature(run):
    envelope = json.loads((run / NAME).read_text())
    (run / NAME).write_text(json.dumps(envelope | {"signatures": []}))


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
