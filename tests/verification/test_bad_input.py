"""Bad input: each kind of it has an exit status and a name, nothing is written into it, and no rehearsal mixes with it.

Beside these: a repository that cannot be written to (test_read_only), and one of ten thousand backups
(test_repository_verification).
"""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drill.backups.catalogue import contents
from drill.cli import app
from drill.errors import DrillError
from drill.rehearsal.record import SCHEMA
from drill.rehearsal.rehearsal import make_room
from drill.verification.reading import Stamp, of_rights
from tests.procedures import SHIPPED
from tests.repositories import state, stated, written

OUTSIDE = [{"path": "../../../etc/passwd", "size": 1, "sha256": "0" * 64}]


def empty(repository):
    """It holds nothing."""


def half_written(repository):
    backup = written(repository / "redis")
    backup.directory.rename(repository / "redis" / f".partial-{backup.id}")


def of_a_newer_version(repository):
    backup = written(repository / "redis")
    state(backup.directory, stated(backup.directory) | {"schema": 2})


def with_a_newer_record(repository):
    record(repository, json.dumps({"schema": SCHEMA + 1, "record_sha256": ""}))


def with_foreign_files(repository):
    (repository / "redis").mkdir()
    (repository / "redis" / "dump.rdb").write_bytes(b"REDIS")
    (repository / "redis" / "notes").mkdir()
    (repository / "Thumbs.db").write_bytes(b"")


def pointing_outside(repository):
    backup = written(repository / "redis")
    state(backup.directory, stated(backup.directory) | {"files": OUTSIDE})


def with_a_record_that_is_none(repository):
    record(repository, "[]")


def with_a_record_without_end(repository):
    record(repository, "[" * 100_000)


def with_a_manifest_that_python_cannot_read(repository):
    backup = written(repository / "unheard-of")
    text = (backup.directory / "manifest.json").read_text("utf-8")
    (backup.directory / "manifest.json").write_text(text[:-1] + f', "note": {"1" * 5000}}}', "utf-8")


def record(repository, text):
    (repository / ".rehearsal").mkdir()
    (repository / ".rehearsal" / "record.json").write_text(text, "utf-8")


KINDS = {
    empty: (3, {"NO-SETS", "RECORD-MISSING"}),
    half_written: (1, {"NO-BACKUPS", "RECORD-MISSING"}),
    of_a_newer_version: (1, {"MANIFEST-FOREIGN", "NO-BACKUPS"}),
    with_a_newer_record: (3, {"NO-SETS", "RECORD-MISSING"}),
    with_foreign_files: (1, {"STRAY", "MANIFEST-MISSING", "NO-BACKUPS"}),
    pointing_outside: (1, {"MANIFEST-INVALID", "NO-BACKUPS"}),
    with_a_record_that_is_none: (1, {"NO-SETS", "RECORD-ALTERED"}),
    with_a_record_without_end: (1, {"NO-SETS", "RECORD-ALTERED"}),
    with_a_manifest_that_python_cannot_read: (1, {"MANIFEST-ALTERED", "SET-UNKNOWN"}),
}
by_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@pytest.fixture
def repository(tmp_path):
    place = tmp_path / "repository"
    place.mkdir(mode=0o711)
    return place


@by_kind
def test_it_is_named_and_left_alone(kind, repository, runtime, tmp_path):
    kind(repository)
    before = Stamp.of([repository]), contents(repository)
    told = tmp_path / "told.json"
    options = [f"--runtime={runtime.name}", f"--policy={SHIPPED.file}", f"--json={told}"]
    ran = CliRunner().invoke(app, ["verify", str(repository), *options])
    status, ids = KINDS[kind]

    assert status == ran.exit_code, ran.output
    assert ids <= {each["id"] for each in json.loads(told.read_text("utf-8"))["findings"]}
    assert before == (Stamp.of([repository]), contents(repository))


@by_kind
def test_a_rehearsal_does_not_mix_with_it(kind, repository):
    kind(repository)
    if kind is empty:
        make_room(repository)
    else:
        before = Stamp.of([repository]), contents(repository)
        with pytest.raises(DrillError, match="is not empty"):
            make_room(repository)
        assert before == (Stamp.of([repository]), contents(repository))


def test_the_command_says_so(repository):
    pointing_outside(repository)
    ran = CliRunner().invoke(app, ["rehearse", "--repository", str(repository), f"--policy={SHIPPED.file}"])

    assert 2 == ran.exit_code
    assert re.match(r"error: .*repository is not empty; name a directory that is empty", ran.stderr)


def test_a_rehearsal_needs_a_directory_that_can_be_written_to(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DrillError, match="is no directory"):
        make_room(tmp_path / "file")
    with pytest.raises(DrillError, match="Not a directory; name a directory that can be written to"):
        make_room(tmp_path / "file" / "below")
    # Not even root makes one there.
    with pytest.raises(DrillError, match="name a directory that can be written to"):
        make_room(Path("/sys/rehearsal"))


def test_a_name_that_leads_nowhere_is_wrong_input(runtime):
    options = [f"--runtime={runtime.name}", f"--policy={SHIPPED.file}"]
    for name, why in (("nowhere", "is no directory"), ("x" * 300, "File name too long")):
        ran = CliRunner().invoke(app, ["verify", name, *options])

        assert 2 == ran.exit_code, ran.output
        assert re.match(f"error: {name}.*{why}.*; name the directory that holds the sets", ran.stderr)


def test_what_others_can_change_is_named(repository):
    backup = written(repository / "redis", files={"dump.rdb": b"REDIS0011"})
    opened(backup)
    (backup.directory / "dump.rdb").chmod(0o602)
    assert [("UNGUARDED", f"redis/{backup.id}/dump.rdb")] == found(repository)

    (backup.directory / "dump.rdb").chmod(0o600)
    backup.directory.chmod(0o733)
    repository.chmod(0o777)
    assert [("UNGUARDED", str(repository)), ("UNGUARDED", f"redis/{backup.id}")] == found(repository)

    repository.chmod(0o1777)
    backup.directory.parent.chmod(0o700)
    assert [] == found(repository), "nobody else gets that far, nor takes away what is another's"


def test_a_lock_that_others_can_read_holds_nothing_of_the_source(repository):
    backup = written(repository / "redis", files={"dump.rdb": b"REDIS0011"})
    opened(backup)
    lock = repository / "redis" / ".lock"
    lock.touch()
    lock.chmod(0o644)
    assert [] == found(repository)

    (backup.directory / "dump.rdb").chmod(0o644)
    backup.directory.rename(repository / "redis" / ".partial-1")
    assert [("EXPOSED", "redis/.partial-1/dump.rdb")] == found(repository)


def opened(backup):
    """Let everybody get as far as a backup, and read none of it."""
    for place in (backup.directory.parent, backup.directory):
        place.chmod(0o711)
    for file in backup.directory.iterdir():
        file.chmod(0o600)


def found(repository):
    return [(finding.id, finding.object) for finding in of_rights(repository, ["redis"])]


def test_what_is_removed_while_it_is_read_is_no_error(repository):
    home = repository / "redis"
    home.mkdir(mode=0o755)
    (home / "a").symlink_to("elsewhere")
    (home / "b").write_bytes(b"seen by all")
    findings = of_rights(repository, ["redis"])

    assert "LINK" == next(findings).id
    (home / "b").unlink()
    assert [] == list(findings)
    assert Stamp(frozenset()) == Stamp.of([home / "b"])
