"""The repository's own promises: what was removed is named, what was made is on disk, what is others' is left alone."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from backup_scripts import growing, scratch
from backup_scripts.contract import Clock, Failed, Refused, WrongArguments
from backup_scripts.repository import BackupSet
from tests.repositories import written


@pytest.fixture
def home(tmp_path: Path) -> BackupSet:
    return BackupSet(tmp_path / "repository" / "shop")


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The inodes of what is flushed to disk."""
    found: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: found.append(os.fstat(descriptor).st_ino))
    return found


def test_a_backup_that_pruning_has_just_removed_is_named(home):
    stored = written(home.directory)
    backup = home.backup(stored.directory.name)
    shutil.rmtree(stored.directory)

    with pytest.raises(Refused, match="no-such-backup"), backup.held():
        pytest.fail("there is nothing to be held")


def test_a_new_set_is_on_disk_before_anything_is_written_to_it(home, flushed):
    home.directory.parent.mkdir()
    with home.locked():
        first = list(flushed)
    with home.locked():
        pass

    assert [home.directory.parent.stat().st_ino] == first == flushed


def test_what_others_put_beside_private_directories_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    foreign = tmp_path / f"backup-scripts-{os.getuid()}-x"
    foreign.write_text("not a directory")
    with scratch.directory() as place:
        assert place.is_dir()

    assert not place.exists()
    assert foreign.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a directory to somebody else")
def test_a_directory_of_another_user_is_no_leftover_of_ours(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    foreign = tmp_path / f"backup-scripts-{os.getuid()}-x"
    foreign.mkdir()
    os.chown(foreign, 65534, 65534)
    with scratch.directory():
        pass

    assert foreign.exists()


def test_a_backup_that_cannot_be_kept_so_long_is_refused_before_it_is_taken(home, monkeypatch):
    home.directory.parent.mkdir()
    monkeypatch.setenv("RETENTION_DAYS", "9999999")

    with pytest.raises(WrongArguments, match="wrong-number"), home.new_backup(kind="full", clock=Clock()):
        pytest.fail("it was begun")


def test_a_backup_that_did_not_get_to_the_disk_while_it_was_written_does_not_appear(home, monkeypatch):
    def failing(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    home.directory.parent.mkdir()
    monkeypatch.setattr(os, "fdatasync", failing)
    lost = pytest.raises(Failed, match=r"repository-unwritable: .*Input/output error")
    with lost, home.new_backup(kind="full", clock=Clock()) as backup:
        followed = backup.growing(r"base\.tar")
        with followed.followed():
            (backup.directory / "base.tar").write_bytes(bytes(growing.FLUSHED_AT_ONCE))
        backup.publish(source={}, tool={}, source_bytes=1, growing=followed)

    assert [] == list(home.directory.glob("*-full"))
