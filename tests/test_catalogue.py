"""What counts as a backup, and what does not, whatever it is called."""

import shutil
from datetime import timedelta, timezone

import pytest

from drill.backups import catalogue
from drill.backups.catalogue import MANIFEST, CatalogueError
from tests.repositories import FILES, LAST_NIGHT, state, stated, written

DAY = timedelta(days=1)


@pytest.fixture
def home(tmp_path):
    """The directory of a set."""
    return tmp_path / "redis"


@pytest.fixture
def backup(home):
    return written(home)


def test_backups_are_listed_by_when_they_were_finished(home):
    newer, older = written(home), written(home, finished=LAST_NIGHT - DAY)

    assert [older.id, newer.id] == [stored.id for stored in catalogue.backups(home)]
    assert newer.id == catalogue.newest(home).id


def test_a_set_that_was_never_written_to_has_no_backups(home):
    assert [] == catalogue.backups(home)
    with pytest.raises(CatalogueError, match="no complete backup; take one"):
        catalogue.newest(home)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"schema": 2}, id="another schema"),
        pytest.param({"id": "20200101T000000.000000Z-full"}, id="another id"),
        pytest.param({"set": "postgres"}, id="another set"),
        pytest.param({"finished": "2026-03-01T02:00:00"}, id="a time without its zone"),
        pytest.param({"finished": "2020-01-01T00:00:00+00:00"}, id="an end before the beginning"),
        pytest.param({"files": [{"path": "../small", "size": 5, "sha256": "0" * 64}]}, id="a file outside"),
        pytest.param({"files": [{"path": "/etc/hosts", "size": 5, "sha256": "0" * 64}]}, id="a file elsewhere"),
        pytest.param({"files": [{"path": "small", "size": -1, "sha256": "0" * 64}]}, id="a negative size"),
        pytest.param({"files": [{"path": "small", "size": 5, "sha256": "0"}]}, id="half a checksum"),
        pytest.param({"files": "small"}, id="files that are none"),
    ],
)
def test_a_manifest_that_cannot_be_makes_no_backup(home, backup, changes):
    state(backup.directory, stated(backup.directory) | changes)

    assert [] == catalogue.backups(home)
    with pytest.raises(CatalogueError, match="take a new backup"):
        catalogue.read(backup.directory)


@pytest.mark.parametrize("key", ["schema", "id", "set", "kind", "parent", "started", "finished", "files"])
def test_a_manifest_that_lacks_something_makes_no_backup(home, backup, key):
    facts = stated(backup.directory)
    del facts[key]
    state(backup.directory, facts)

    assert [] == catalogue.backups(home)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', pytest.param("\udcff", id="no UTF-8")])
def test_a_manifest_that_is_no_object_makes_no_backup(home, backup, text):
    (backup.directory / MANIFEST).write_bytes(text.encode("utf-8", "surrogateescape"))

    assert [] == catalogue.backups(home)


def test_what_is_no_backup_is_passed_over(home, backup):
    shutil.copytree(backup.directory, home / ".partial-20260302T020000.000000Z-full")
    (home / "notes").mkdir()
    (home / "stray.txt").write_text("not a directory")
    (home / "manifest-is-a-directory" / MANIFEST).mkdir(parents=True)

    assert [backup.id] == [stored.id for stored in catalogue.backups(home)]


def test_a_damaged_backup_is_still_listed_because_only_a_restore_reads_its_files(home, backup):
    (backup.directory / "small").unlink()

    assert [backup.id] == [stored.id for stored in catalogue.backups(home)]


def test_a_restamped_backup_is_one_more_backup_with_the_same_bytes(home, backup):
    copy = catalogue.restamp(backup, finished=LAST_NIGHT + DAY, into=home)

    assert [backup.id, copy.id] == [stored.id for stored in catalogue.backups(home)]
    assert LAST_NIGHT + DAY == copy.finished
    assert backup.manifest.files == copy.manifest.files
    for path, content in FILES.items():
        assert content == (copy.directory / path).read_bytes()
        assert (backup.directory / path).samefile(copy.directory / path)


def test_restamping_leaves_the_original_as_it_was(home, backup):
    before = catalogue.contents(backup.directory)
    catalogue.restamp(backup, finished=LAST_NIGHT + DAY, into=home)

    assert before == catalogue.contents(backup.directory)


def test_a_restamped_backup_is_named_in_utc_and_without_the_checksum_of_another_manifest(home):
    signed = written(home, manifest_sha256="0" * 64)
    moment = (LAST_NIGHT + DAY).astimezone(timezone(timedelta(hours=7)))
    copy = catalogue.restamp(signed, finished=moment, into=home)

    assert "20260302T020000.000000Z-full" == copy.id
    assert "manifest_sha256" not in stated(copy.directory)
    assert timedelta(minutes=5) == copy.manifest.finished - copy.manifest.started


def test_a_backup_kept_aside_outlives_its_set(home, backup, tmp_path):
    aside = catalogue.link(backup, tmp_path / "aside")
    shutil.rmtree(home)
    catalogue.restamp(aside, finished=LAST_NIGHT + DAY, into=home)

    assert [LAST_NIGHT + DAY] == [stored.finished for stored in catalogue.backups(home)]


def test_contents_tell_every_file_below_a_directory(backup):
    assert {*FILES, MANIFEST} == catalogue.contents(backup.directory).keys()
    assert b"small" == catalogue.contents(backup.directory)["small"]


def test_in_sight_is_whatever_looks_like_a_backup(tmp_path):
    for name in ("20260101T000000.000000Z-full", ".partial-20260102T000000.000000Z-full", "wal", "stream", ".lock"):
        (tmp_path / name).mkdir()

    assert ["20260101T000000.000000Z-full"] == catalogue.in_sight(tmp_path)
    assert [] == catalogue.in_sight(tmp_path / "not-there")
