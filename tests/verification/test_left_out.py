"""What the policy has procedures for and nobody rehearsed is a gap; what nobody asked for is told of and is none."""

import shutil

import pytest
from typer.testing import CliRunner

from drill.cli import app
from drill.evidence.verdict import Verdict
from drill.rehearsal import Record, rehearsal
from tests.procedures import SHIPPED
from tests.verification.conftest import SETS

OTHERS = {each.set for each in SHIPPED.procedures.values()} - {"redis"}
NO_EMULATOR = "no qemu-system-x86_64; apt-get install qemu-system-x86"


@pytest.fixture
def cache_alone(copy):
    """A rehearsal of one set, whose record says of every other one that nobody asked for it."""
    record = Record.read(copy)
    for name in record.sets.keys() - {"redis"}:
        shutil.rmtree(copy / name)
    stated(copy, sets={"redis": record.sets["redis"]}, left_out=dict.fromkeys(OTHERS))
    return copy


def stated(repository, **changes):
    Record.read(repository).model_copy(update=changes).write(repository)


def missing(report):
    return {each.object: each.what for each in report.findings if each.id == "SET-MISSING"}


def test_a_rehearsal_of_some_sets_says_that_nobody_asked_for_the_others(rehearsed):
    left_out = Record.read(rehearsed).left_out

    assert dict.fromkeys(OTHERS - set(SETS)) == left_out


def test_what_nobody_asked_for_is_no_gap_and_is_told_of(cache_alone, verified):
    report = verified(cache_alone)

    assert ([], Verdict.PROVEN) == (report.findings, report.verdict)
    assert OTHERS == set(report.unasked) == set(report.as_json()["not_asked_for"])


def test_what_could_not_be_rehearsed_is_unproven_and_says_why(cache_alone, verified):
    stated(cache_alone, left_out=dict.fromkeys(OTHERS) | {"system": NO_EMULATOR})
    report = verified(cache_alone)

    assert ({"system": NO_EMULATOR}, Verdict.UNPROVEN) == (missing(report), report.verdict)
    assert "system" not in report.unasked


def test_what_the_policy_did_not_have_then_is_unproven(cache_alone, verified):
    stated(cache_alone, left_out=dict.fromkeys(OTHERS - {"logs"}))

    assert {"logs": "it was not rehearsed: there was no procedure for it then"} == missing(verified(cache_alone))


def test_who_asks_for_one_set_or_backup_is_told_of_that_alone(cache_alone, verified):
    stated(cache_alone, left_out={})
    (backup,) = Record.read(cache_alone).sets["redis"].backups

    assert [] == verified(cache_alone, only="redis").findings
    assert [] == verified(cache_alone, backup=backup.id).findings


def test_a_set_that_was_recorded_and_is_gone_is_lost_and_not_missing_as_well(cache_alone, verified):
    sets = Record.read(cache_alone).sets
    stated(cache_alone, sets={**sets, "logs": sets["redis"]}, left_out=dict.fromkeys(OTHERS - {"logs"}))

    assert ["SET-LOST"] == [each.id for each in verified(cache_alone).findings]


def test_without_a_record_every_procedure_is_held_against_the_sets(cache_alone, verified):
    shutil.rmtree(cache_alone / ".rehearsal")

    assert OTHERS == missing(verified(cache_alone)).keys()


def test_the_commands_do_not_pass_over_what_cannot_be_rehearsed_here(runtime, monkeypatch):
    monkeypatch.setattr(rehearsal, "obstacle", lambda procedure: None if procedure.name == "redis" else NO_EMULATOR)
    place = runtime.workspace.directory / "rehearsed-in-part"
    options = [f"--runtime={runtime.name}", f"--policy={SHIPPED.file}"]
    taken = CliRunner().invoke(app, ["rehearse", "--repository", str(place), *options])
    told = CliRunner().invoke(app, ["verify", str(place), *options])

    assert 3 == taken.exit_code, taken.output
    assert dict.fromkeys(OTHERS, NO_EMULATOR) == Record.read(place).left_out
    assert f"not rehearsed: system; {NO_EMULATOR}" in taken.stderr
    assert 3 == told.exit_code, told.output
    assert "SET-MISSING" in told.output
