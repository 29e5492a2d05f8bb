"""A verification proves what is whole, names what is not, and writes nothing."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drill.backups.catalogue import backups, contents
from drill.evidence.verdict import Verdict
from drill.fingerprints.git.repository import ask
from drill.machines import template
from drill.machines.machine import NAME
from drill.rehearsal import Record, obstacle
from drill.rehearsal.record import SCHEMA
from drill.rehearsal.rehearsal import chosen
from drill.verification.reading import Stamp
from tests.procedures import SHIPPED
from tests.repositories import state, stated, written
from tests.verification.conftest import rehearsed_into


def ids(report):
    return {finding.id for finding in report.findings}


def test_what_was_rehearsed_is_proven_and_left_alone(rehearsed, verified):
    before = Stamp.of([rehearsed]), contents(rehearsed)

    report = verified(rehearsed)

    assert ([], Verdict.PROVEN) == (report.findings, report.verdict)
    assert {"end", "immediate", "name:before-the-mistake"} == {each.target for each in report.restorations}
    assert all(each.compared for each in report.restorations)
    assert before == (Stamp.of([rehearsed]), contents(rehearsed))


def test_tablespaces_are_restored_below_the_target_wherever_they_were(rehearsed):
    stored = backups(rehearsed / "postgres-physical")

    # Without this, "proven" above would say nothing of them.
    assert all(backup.manifest.source["tablespaces"] for backup in stored)


def test_a_damaged_backup_is_refused_and_named(copy, verified):
    (backup,) = backups(copy / "redis")
    file = backup.directory / "dump.rdb"
    file.write_bytes(file.read_bytes()[:-9])

    report = verified(copy, only="redis")

    assert Verdict.DISPROVEN == report.verdict
    assert {"SIZE-DIFFERS", "RESTORE-REFUSED"} == ids(report)
    assert f"redis/{backup.id}" in {finding.object for finding in report.findings}


def test_without_a_record_it_is_unproven_that_the_content_is_right(copy, verified):
    for file in (copy / ".rehearsal").iterdir():
        file.unlink()

    report = verified(copy, only="redis")

    assert ({"RECORD-MISSING", "CONTENT-UNRECORDED"}, Verdict.UNPROVEN) == (ids(report), report.verdict)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("record.json", b'"seed": 1', b'"seed": 2', {"RECORD-ALTERED", "CONTENT-UNRECORDED"}),
        ("0000.json", b"1", b"2", {"RECORD-ALTERED"}),
    ],
)
def test_an_altered_record_is_no_proof(copy, verified, file, old, new, expected):
    place = copy / ".rehearsal" / file
    place.write_bytes(place.read_bytes().replace(old, new, 1))

    report = verified(copy, only="postgres")

    assert (expected, Verdict.DISPROVEN) == (ids(report), report.verdict)


def test_a_record_written_anew_differs_from_the_checksum_that_was_noted(copy, rehearsed, verified):
    noted = Record.read(rehearsed).checksum
    Record.read(copy).model_copy(update={"seed": 2}).write(copy)

    assert {"RECORD-ALTERED"} == ids(verified(copy, only="redis", expected_record=noted))


def test_a_record_of_a_newer_version_is_not_understood(copy, verified):
    place = copy / ".rehearsal" / "record.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | {"schema": SCHEMA + 1}))

    report = verified(copy, only="redis")

    assert ({"RECORD-MISSING", "CONTENT-UNRECORDED"}, Verdict.UNPROVEN) == (ids(report), report.verdict)


def test_a_lost_backup_is_missed_by_name(copy, verified):
    (backup,) = backups(copy / "redis")
    backup.directory.rename(copy / "taken-away")

    report = verified(copy, only="redis")

    assert {"NO-BACKUPS", "BACKUP-LOST"} == ids(report)


def test_what_others_can_read_is_named(copy, verified):
    (backup,) = backups(copy / "redis")
    (backup.directory / "dump.rdb").chmod(0o644)
    assert set() == ids(verified(copy, only="redis")), "nobody else gets that far"
    backup.directory.chmod(0o711)
    backup.directory.parent.chmod(0o711)

    assert {"EXPOSED"} == ids(verified(copy, only="redis"))


@pytest.fixture
def repository(tmp_path):
    place = tmp_path / "repository"
    (place / "redis").mkdir(parents=True, mode=0o700)
    (place / "unheard-of").mkdir(mode=0o700)
    return place


def test_an_empty_repository_proves_nothing(tmp_path, verified):
    report = verified(tmp_path)

    assert ({"NO-SETS", "RECORD-MISSING"}, Verdict.UNPROVEN) == (ids(report), report.verdict)


def test_a_backup_that_was_never_finished_is_none(repository, verified):
    backup = written(repository / "redis")
    backup.directory.rename(repository / "redis" / f".partial-{backup.id}")

    report = verified(repository, only="redis")

    assert ({"NO-BACKUPS", "RECORD-MISSING"}, Verdict.DISPROVEN) == (ids(report), report.verdict)


def test_a_set_that_no_procedure_keeps_is_unproven(repository, verified):
    written(repository / "unheard-of")

    report = verified(repository, only="unheard-of")

    assert Verdict.UNPROVEN == report.verdict
    assert "SET-UNKNOWN" in ids(report)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"schema": 2}, "MANIFEST-FOREIGN"),
        ({"files": [{"path": "../../other", "size": 1, "sha256": "0" * 64}]}, "MANIFEST-INVALID"),
        ({"files": [{"path": "/etc/passwd", "size": 1, "sha256": "0" * 64}]}, "MANIFEST-INVALID"),
    ],
)
def test_a_manifest_that_cannot_be_is_named_and_nothing_is_restored(repository, verified, facts, expected):
    backup = written(repository / "redis")
    state(backup.directory, stated(backup.directory) | facts)

    report = verified(repository)

    assert expected in ids(report)
    assert [] == report.restorations


def test_a_link_out_of_the_repository_is_named(copy, verified, tmp_path):
    (backup,) = backups(copy / "redis")
    file = backup.directory / "dump.rdb"
    file.rename(tmp_path / "dump.rdb")
    file.symlink_to(tmp_path / "dump.rdb")

    assert "LINK" in ids(verified(copy, only="redis"))


def test_whoever_asks_for_one_backup_does_not_wait_for_the_others_to_be_read(copy, verified):
    (wanted,), (other, *_) = backups(copy / "redis"), backups(copy / "postgres")
    file = other.directory / other.manifest.files[0].path
    file.chmod(0o600)
    file.write_bytes(bytes(file.stat().st_size))

    assert (set(), Verdict.PROVEN) == (ids(one := verified(copy, backup=wanted.id)), one.verdict)
    assert "CHECKSUM-DIFFERS" in ids(verified(copy, backup=other.id))


def test_an_id_that_is_not_there_is_unproven(copy, verified):
    report = verified(copy, only="redis", backup="20000101T000000.000000Z-full")

    assert ({"NO-SUCH-BACKUP"}, Verdict.UNPROVEN) == (ids(report), report.verdict)


def multiply(backup, number):
    """Put so many older backups beside one, each a second after the other and with a file of its own."""
    original, content = stated(backup.directory), b"older"
    del original["manifest_sha256"]
    file = {"path": "dump.rdb", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    for second in range(number):
        at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
        place = backup.directory.with_name(f"{at:%Y%m%dT%H%M%S}.000000Z-snapshot")
        place.mkdir(mode=0o700)
        (place / file["path"]).write_bytes(content)
        facts = {"id": place.name, "files": [file], "stored_bytes": len(content)}
        state(place, original | facts | {"started": at.isoformat(), "finished": at.isoformat()})


@pytest.mark.parametrize("number", [1_000, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_many_backups_are_read_by_the_command_and_the_newest_restored(copy, runtime, tmp_path, number):
    (backup,) = backups(copy / "redis")
    multiply(backup, number)
    before = Stamp.of([copy])
    told = tmp_path / "told.json"
    options = ["--set=redis", "--newest=1", f"--json={told}", f"--runtime={runtime.name}"]
    dr_drill = Path(sys.executable).with_name("dr-drill")
    ran = subprocess.run(
        [dr_drill, "verify", copy, *options], cwd=SHIPPED.directory, capture_output=True, text=True, check=False
    )
    report = json.loads(told.read_text("utf-8"))

    assert 3 == ran.returncode, ran.stdout + ran.stderr
    assert [("NOT-RESTORED", f"{number} older backups were not restored")] == [
        (each["id"], each["what"]) for each in report["findings"]
    ]
    assert [f"redis/{backup.id}"] == [each["backup"] for each in report["restorations"]]
    assert before == Stamp.of([copy])


def test_a_log_that_the_servers_user_cannot_read_where_it_lies_is_read_all_the_same(copy, verified):
    # A copy by root belongs to root; the server that replays the log runs as somebody else.
    last = backups(copy / "postgres-physical")[-1]

    report = verified(copy, only="postgres-physical", backup=last.id, moment="end")

    assert ([], Verdict.PROVEN) == (report.findings, report.verdict)
    assert ["end"] == [each.target for each in report.restorations]


def test_a_chain_of_files_is_proven_link_by_link(copy, verified):
    chain = backups(copy / "configuration")

    report = verified(copy, only="configuration")

    assert ["full", "incremental", "incremental"] == [each.manifest.kind for each in chain]
    assert ([], Verdict.PROVEN) == (report.findings, report.verdict)
    assert [f"configuration/{each.id}" for each in chain] == [each.backup for each in report.restorations]


def test_a_branch_that_somebody_has_moved_in_a_mirror_is_no_proof(copy, verified):
    (backup,) = backups(copy / "source-code")
    mirror = backup.directory / "mirror.git"
    ask(mirror, "update-ref", "refs/heads/main", "main^")

    report = verified(copy, only="source-code")

    assert Verdict.DISPROVEN == report.verdict
    assert "RESTORE-REFUSED" in ids(report)


def test_another_machine_than_the_drill_s_own_is_unproven(repository, verified):
    written(repository / "system", source={"engine": "machine", "host": "production-7"})
    (repository / "system").chmod(0o700)

    report = verified(repository, only="system")

    assert Verdict.UNPROVEN == report.verdict, report.findings
    assert "TARGET-MISSING" in ids(report)
    assert [] == report.restorations


def test_a_machine_where_none_can_be_made_is_unproven(repository, verified, monkeypatch):
    monkeypatch.setattr(template, "PROGRAMS", {"no-such-emulator": "qemu-system-x86"})
    written(repository / "system", source={"engine": "machine", "host": NAME})
    (repository / "system").chmod(0o700)

    report = verified(repository, only="system")
    (missing,) = [each for each in report.findings if each.id == "TARGET-MISSING"]

    assert Verdict.UNPROVEN == report.verdict
    assert "apt-get install" in missing.what


@pytest.mark.machine
@pytest.mark.nightly
def test_a_machine_is_rehearsed_built_again_and_proven(runtime, clusters, settings, verified):
    repository = runtime.workspace.directory / "rehearsed-machine"
    repository.mkdir(mode=0o711)
    procedures = chosen(settings.policy, ["system"])
    if reason := obstacle(procedures[0]):
        pytest.skip(reason)
    rehearsed_into(repository, procedures, runtime=runtime, clusters=clusters, policy=settings.policy)

    report = verified(repository)

    assert ([], Verdict.PROVEN) == (report.findings, report.verdict)
    assert [True] == [each.compared for each in report.restorations]
