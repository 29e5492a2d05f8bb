"""files_archive and files_restore: what comes back is what was there, from full backups and from chains."""

import os
import shutil
from pathlib import Path

import pytest

from drill.datasets import host
from drill.fingerprints import differences
from drill.fingerprints.files import fingerprint
from tests.backup_scripts.file_trees import SCOPES, UNLIKELY_TIMES, archived, lost, manifest
from tests.backup_scripts.operating import Scripts


@pytest.fixture
def source(scripts: Scripts) -> Path:
    """A host's files, where every user may come."""
    root = scripts.repository.with_name(f"{scripts.repository.name}-source")
    root.mkdir()
    host.seed(root, seed=11, scale=1)
    return root


@pytest.fixture
def target(scripts: Scripts) -> Path:
    place = scripts.repository.with_name(f"{scripts.repository.name}-target")
    place.mkdir()
    return place


@pytest.fixture
def files(scripts: Scripts, source: Path, target: Path) -> Scripts:
    return scripts.on({"BACKUP_SOURCE": str(source), "RESTORE_TARGET": str(target)})


def test_what_is_restored_is_what_was_there(files, source, target):
    backup = archived(files)
    restored = files.done("files_restore", backup)

    assert [] == lost(source, target)
    assert {"backup_id", "set", "target", "paths", "seconds", "bytes"} == restored.keys()
    assert ["etc", "home"] == sorted(path.name for path in target.iterdir())


@pytest.mark.parametrize("time", UNLIKELY_TIMES.values(), ids=UNLIKELY_TIMES)
def test_a_time_that_a_clock_had_wrong_comes_back(files, source, target, time):
    os.utime(source / "home/an/.profile", (time, time))
    files.done("files_restore", archived(files))

    assert [] == lost(source, target)


def test_directories_above_a_path_come_back_as_they_were(files, source, target):
    (source / "etc").chmod(0o711)
    files.done("files_restore", archived(files, "etc/application"))

    assert 0o711 == (target / "etc").stat().st_mode & 0o7777


def test_what_is_beside_a_path_stays_as_it_is(files, source, target):
    backup = archived(files, "etc/application")
    (target / "etc").mkdir(mode=0o700)
    (target / "etc/hosts").write_text("localhost")
    files.done("files_restore", backup)

    assert 0o700 == (target / "etc").stat().st_mode & 0o7777
    assert ["application", "hosts"] == sorted(path.name for path in (target / "etc").iterdir())


def test_a_single_file_can_be_a_path(files, source, target):
    files.done("files_restore", archived(files, "/home/an/.profile"))

    assert [] == lost(source, target, ["home/an/.profile"])


def test_without_zstd_gzip_does_it(files, source, target, tmp_path):
    places = tmp_path / "programs"
    places.mkdir()
    for program in ("tar", "gzip", "sh"):
        (places / program).symlink_to(shutil.which(program))
    backup = archived(files.on({"PATH": str(places)}))
    files.done("files_restore", backup)

    assert "0.tar.gz" in {file["path"] for file in manifest(files.home / backup)["files"]}
    assert [] == lost(source, target)


def change(source: Path) -> None:
    """Something of every kind that happens between two backups."""
    users = source / "home"
    (users / "an/báo cáo/tháng 4.csv").write_text("ngày\n")
    (users / "an/báo cáo/tháng 3.csv").write_text("khác\n")
    (users / "an/.profile").unlink()
    (users / "an/.ssh").rename(users / "an/đổi tên")
    (users / "bình/chung").chmod(0o600)
    (users / "an/mới nhất").unlink()
    (users / "an/mới nhất").symlink_to("báo cáo/tháng 4.csv")
    shutil.rmtree(users / "an/tên")
    (users / "an/tên").write_text("now a file")


def test_a_chain_is_restored_as_of_its_last_link(files, source, target):
    archived(files)
    change(source)
    files.done("files_archive", "--incremental", *SCOPES)
    (source / "home/an/sau cùng").write_text("last")
    last = files.done("files_archive", "--incremental", *SCOPES)
    files.done("files_restore", last["id"])

    assert [] == lost(source, target)
    assert "incremental" == last["kind"]


def test_a_chain_is_restored_as_of_any_link(files, source, target):
    full = archived(files)
    before = fingerprint(source, SCOPES)
    change(source)
    files.done("files_archive", "--incremental", *SCOPES)
    files.done("files_restore", full)

    assert [] == differences(before, fingerprint(target, SCOPES))


def test_an_increment_is_smaller_than_what_it_builds_on(files, source):
    full = files.done("files_archive", *SCOPES)
    change(source)
    increment = files.done("files_archive", "--incremental", *SCOPES)

    assert increment["stored_bytes"] * 10 < full["stored_bytes"]
    assert full["id"] == increment["parent"]


def test_an_increment_builds_on_the_parent_that_is_named(files, source):
    full = archived(files)
    archived(files)
    increment = files.on({"BACKUP_PARENT_ID": full}).done("files_archive", "--incremental", *SCOPES)

    assert full == increment["parent"]


def test_the_manifest_says_what_was_stored(files, source):
    printed = files.done("files_archive", *SCOPES)
    backup = files.home / printed["id"]

    assert printed == manifest(backup)
    assert ("files", list(SCOPES)) == (printed["source"]["engine"], printed["source"]["paths"])
    assert printed["source"]["entries"] == sum(1 for scope in SCOPES for _ in [scope, *(source / scope).rglob("*")])
    expected = {
        f"{path.lstat().st_uid}:{path.lstat().st_gid}" for scope in SCOPES for path in (source / scope).rglob("*")
    }
    assert expected == set(printed["source"]["owners"])


@pytest.mark.skipif(os.getuid() != 0, reason="only root restores what belongs to others")
def test_restored_as_root_everybody_has_their_own_again(files, source, target):
    files.done("files_restore", archived(files))

    assert 1001 == (target / "home/an/.profile").stat().st_uid
