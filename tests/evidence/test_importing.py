"""Runs from elsewhere: taken in as they are or refused, and nothing here is written over."""

import json
import shutil
import stat
import zipfile
from datetime import timedelta

import pytest

from drill.errors import DrillError
from drill.evidence.finding import Rule
from drill.evidence.importing import Fate, take_in
from drill.evidence.run_index import opened
from drill.evidence.statement import NAME
from drill.evidence.verification import verify
from tests.evidence.stores import BEGINNING, finished, sealed, store


@pytest.fixture
def elsewhere(tmp_path):
    """Three runs of a pipeline."""
    return [tmp_path / "artifact" / "runs" / record.id for record in store(tmp_path / "artifact")]


@pytest.fixture
def here(tmp_path):
    return tmp_path / "here"


def fates(reports, source):
    return [each.fate for each in take_in(reports, source)]


def test_a_run_s_directory_is_taken_in(here, elsewhere):
    assert [Fate.TAKEN] == fates(here, elsewhere[0])
    with opened(here) as index:
        assert [elsewhere[0].name] == [run.id for run in index.runs()]


def test_all_runs_of_a_zip_are_taken_in_with_their_chain(tmp_path, here, elsewhere):
    archive = tmp_path / "artifact.zip"
    shutil.make_archive(str(archive.with_suffix("")), "zip", tmp_path / "artifact")

    assert {Fate.TAKEN, Fate.KNOWN} >= set(fates(here, archive))
    found = verify(here)
    assert ({Rule.UNSIGNED}, [3]) == ({each.rule for each in found.findings}, [head.number for head in found.heads])


def test_taking_in_twice_changes_nothing(here, elsewhere):
    take_in(here, elsewhere[0].parent)
    before = {path: path.stat().st_mtime_ns for path in (here / "runs").rglob("*")}

    assert [Fate.KNOWN] * 3 == fates(here, elsewhere[0].parent)
    assert before == {path: path.stat().st_mtime_ns for path in (here / "runs").rglob("*")}


def test_another_run_of_the_same_id_is_refused(here, elsewhere):
    take_in(here, elsewhere[0])
    before = (here / "runs" / elsewhere[0].name / "events.jsonl").read_bytes()
    (elsewhere[0] / "events.jsonl").write_text("{}\n")

    assert [Fate.REFUSED] == fates(here, elsewhere[0])
    assert before == (here / "runs" / elsewhere[0].name / "events.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda run: (run / "run.json").write_text("{}"), "does not parse"),
        (lambda run: (run / "run.json").write_text("nonsense"), "does not parse"),
        (lambda run: (run / "events.jsonl").unlink(), "not those that its statement lists"),
        (lambda run: (run / "more").write_text("x"), "not those that its statement lists"),
        (lambda run: (run / NAME).write_text("{}"), "no DSSE envelope"),
        (lambda run: (run / "more").symlink_to("/etc/hostname"), "no file"),
    ],
)
def test_a_run_that_does_not_hold_is_refused(here, elsewhere, damage, reason):
    damage(elsewhere[1])
    [refused] = take_in(here, elsewhere[1])

    assert (Fate.REFUSED, True) == (refused.fate, reason in refused.reason)
    assert [] == list((here / "runs").iterdir())


def test_a_run_that_names_another_place_is_refused(here, elsewhere):
    record = json.loads((elsewhere[0] / "run.json").read_text())
    (elsewhere[0] / "run.json").write_text(json.dumps(record | {"id": "../../outside"}))
    [refused] = take_in(here, elsewhere[0])

    assert (Fate.REFUSED, True) == (refused.fate, "is no id of a run" in refused.reason)


def test_a_run_that_was_never_sealed_is_taken_in_and_said_to_be(here, tmp_path):
    record = finished(tmp_path / "artifact")
    [taken] = take_in(here, tmp_path / "artifact" / "runs" / record.id)

    assert (Fate.TAKEN, "it was never sealed") == (taken.fate, taken.reason)


@pytest.mark.parametrize(
    ("name", "mode"),
    [("../outside/run.json", 0), ("/outside/run.json", 0), ("a/..\\..\\run.json", 0), ("run.json", stat.S_IFLNK)],
)
def test_a_zip_that_would_write_elsewhere_is_refused_whole(here, tmp_path, name, mode):
    archive = tmp_path / "bad.zip"
    with zipfile.ZipFile(archive, "w") as file:
        member = zipfile.ZipInfo(name)
        member.external_attr = mode << 16
        file.writestr(member, "{}")

    with pytest.raises(DrillError, match="no plain file"):
        take_in(here, archive)
    assert {here, archive, here / "runs"} == set(tmp_path.rglob("*"))


def test_a_zip_without_end_is_refused(here, tmp_path, monkeypatch):
    monkeypatch.setattr("drill.evidence.importing.LARGEST", 1000)
    with zipfile.ZipFile(tmp_path / "big.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("run.json", "0" * 1001)

    with pytest.raises(DrillError, match="more than 1000 bytes"):
        take_in(here, tmp_path / "big.zip")


def test_what_is_no_zip_is_refused(here, tmp_path):
    (tmp_path / "a.zip").write_text("nonsense")

    with pytest.raises(DrillError, match="cannot be unpacked"):
        take_in(here, tmp_path / "a.zip")


def test_a_directory_without_a_run_is_refused(here, tmp_path):
    with pytest.raises(DrillError, match="holds no run"):
        take_in(here, tmp_path)


def test_this_machine_s_own_chain_goes_on_beside_what_was_taken_in(here, elsewhere):
    own, _ = sealed(here, at=BEGINNING + timedelta(days=7))
    take_in(here, elsewhere[0].parent)
    _, second = sealed(here, at=BEGINNING + timedelta(days=8))
    found = verify(here)

    assert (own.id, 2) == (second.head.chain, second.head.number)
    assert ({Rule.UNSIGNED}, [2, 3]) == (
        {each.rule for each in found.findings},
        sorted(head.number for head in found.heads),
    )


def test_what_was_taken_in_is_missed_when_it_is_gone(here, elsewhere):
    take_in(here, elsewhere[0].parent)
    shutil.rmtree(here / "runs" / elsewhere[2].name)

    assert Rule.ROLLED_BACK in {finding.rule for finding in verify(here).findings}


def test_of_other_chains_it_puts_nothing_on_record(here, elsewhere):
    own = [sealed(here, at=BEGINNING + timedelta(days=day))[0] for day in (7, 8)]
    (here / "history.sqlite").unlink()
    shutil.rmtree(here / "runs" / own[1].id)
    take_in(here, elsewhere[0].parent)

    assert [own[0].id] == [each.where for each in verify(here).findings if each.rule is Rule.UNRECORDED]


def test_taking_in_what_is_here_puts_its_chain_on_record_again(here, elsewhere):
    take_in(here, elsewhere[0].parent)
    (here / "history.sqlite").unlink()
    assert Rule.UNRECORDED in {finding.rule for finding in verify(here).findings}
    take_in(here, elsewhere[0].parent)

    assert Rule.UNRECORDED not in {finding.rule for finding in verify(here).findings}
