"""files_archive and files_restore where something is wrong: a clear error, and nothing half done."""

import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from drill.fingerprints import differences
from drill.fingerprints.files import fingerprint
from drill.waiting import Patience, eventually
from tests.backup_scripts.file_trees import LEADING_OUT, archived, escaped, forge, manifest, member
from tests.backup_scripts.operating import Scripts, replacing, reseal, restate
from tests.backup_scripts.reading import while_read
from tests.backup_scripts.test_files_round_trip import files, source, target

__all__ = ["files", "source", "target"]

AS_ROOT = os.getuid() == 0
SMALL_DISK = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs -o size=64k tmpfs "$RESTORE_TARGET"; exec "$@"', "sh"]


def blank(target: Path) -> bool:
    return not list(target.iterdir())


def refused(files: Scripts, backup: str, target: Path) -> str | None:
    """The reason why a restore is refused, which must leave the target alone."""
    ran = files.run("files_restore", backup)
    assert 3 == ran.status, ran.said
    assert blank(target)
    return ran.slug


def test_a_path_that_is_not_there_fails(files):
    ran = files.run("files_archive", "home", "nowhere")

    assert (1, "source-missing") == (ran.status, ran.slug)
    assert [] == files.in_sight()


@pytest.mark.parametrize("path", ["../etc", "/", "home/../../etc"])
def test_a_path_outside_the_source_is_wrong(files, path):
    assert (2, "wrong-path") == ((ran := files.run("files_archive", path)).status, ran.slug)


@pytest.mark.skipif(not AS_ROOT, reason="only root becomes somebody else")
def test_a_file_that_may_not_be_read_fails(files, source):
    (source / "home/secret").touch(mode=0o600)
    for place in (source / "home").iterdir():
        place.chmod(0o755 if place.is_dir() else 0o600)
    files.repository.chmod(0o777)
    ran = files.as_nobody().run("files_archive", "home")

    assert (1, "source-unreadable") == (ran.status, ran.slug)
    assert [] == files.in_sight()


def test_a_file_that_never_holds_still_fails(files, source):
    restless = source / "home/an/restless"
    restless.write_bytes(bytes(64 << 20))
    stopping = threading.Event()

    def write() -> None:
        with restless.open("r+b", buffering=0) as file:
            while not stopping.is_set():
                file.seek(0)
                file.write(b"x")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        ran = files.run("files_archive", "home")
        growing = files.run("files_archive", "--growing", "home")
    finally:
        stopping.set()
        thread.join()

    assert (1, "source-changing") == (ran.status, ran.slug)
    assert 0 == growing.status, growing.said
    assert 1 == len(files.in_sight())


def test_a_file_that_is_written_to_once_is_read_again(files, source, target, tmp_path):
    file = source / "home/an/large"
    ran = while_read(
        files,
        *("files_archive", "home/an/large"),
        large=[file],
        meanwhile=lambda _: file.write_bytes(b"later" * 1000),
        below=tmp_path,
    )
    files.done("files_restore", ran.result["id"])

    assert "reading them again" in ran.said
    assert b"later" * 1000 == (target / "home/an/large").read_bytes()


def test_what_vanishes_while_others_are_read_is_not_missed(files, source, target, tmp_path):
    place = source / "home/vanishing"
    (place / "z").mkdir(parents=True)
    (place / "z/inside").touch()
    (place / "y").touch()

    def vanish(_: Path) -> None:
        (place / "y").unlink()
        shutil.rmtree(place / "z")

    ran = while_read(files, "files_archive", "home/vanishing", large=[place / "a"], meanwhile=vanish, below=tmp_path)
    files.done("files_restore", ran.result["id"])

    assert ["a"] == [path.name for path in (target / "home/vanishing").rglob("*") if path.is_file()]
    assert (place / "a").read_bytes() == (target / "home/vanishing/a").read_bytes()


def test_a_file_that_vanishes_before_it_is_read_again_is_not_missed(files, source, target, tmp_path):
    place = source / "home/vanishing"
    place.mkdir()
    (place / "b").touch()

    def change_and_vanish(file: Path) -> None:
        file.write_bytes(b"later" * 1000)
        file.unlink()

    meanwhile = {"large": [place / "a"], "meanwhile": change_and_vanish}
    ran = while_read(files, "files_archive", "home/vanishing", **meanwhile, below=tmp_path)
    files.done("files_restore", ran.result["id"])

    assert (target / "home/vanishing/b").exists()


def test_a_killed_backup_is_no_backup(files, source):
    (source / "home/an/large").write_bytes(os.urandom(64 << 20))
    process = files.start("files_archive", "home")
    eventually("something of it", lambda: files.in_sight(), Patience.BACKUP_BEGUN)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=300)

    assert 1 == process.returncode
    assert "error: interrupted" in said
    assert [] == files.in_sight()


def test_a_full_repository_fails(files, full_disk, source):
    ran = full_disk.on(files.environment).run("files_archive", "home")

    assert (1, "disk-full") == (ran.status, ran.slug), ran.said
    assert [] == files.in_sight()


@pytest.mark.skipif(not AS_ROOT, reason="only root mounts a small disk")
def test_a_full_target_fails_and_stays_blank(files, target):
    backup = archived(files, "home")
    ran = files.under(*SMALL_DISK[:-1], "sh").run("files_restore", backup)

    assert (1, "disk-full") == (ran.status, ran.slug), ran.said
    assert blank(target)


@pytest.mark.skipif(not AS_ROOT, reason="only root becomes somebody else")
def test_an_ordinary_user_does_not_restore_what_belongs_to_others(files, target):
    backup = archived(files, "home")
    subprocess.run(["chmod", "-R", "a+rX", str(files.repository)], check=True)
    target.chmod(0o777)
    ran = files.as_nobody().run("files_restore", backup)

    assert (3, "needs-root") == (ran.status, ran.slug), ran.said
    assert blank(target)


@pytest.mark.parametrize("way", LEADING_OUT)
def test_an_archive_that_leads_out_of_its_target_is_refused(files, target, way):
    backup = archived(files, "home")
    forge(files.home / backup, *LEADING_OUT[way])

    assert "archive-unsafe" == refused(files, backup, target)
    assert [] == escaped(target)


def test_a_manifest_that_names_a_place_elsewhere_is_refused(files, target):
    backup = archived(files, "home")
    stated = {"engine": "files", "paths": ["../elsewhere"], "owners": [], "parents": [], "entries": 0}
    restate(files.home / backup, source=stated)

    assert "archive-unsafe" == refused(files, backup, target)


def with_parents(backup: Path, *paths: str) -> None:
    """Have a manifest say that directories above the paths are open to everybody."""
    facts = {"mode": 0o777, "uid": os.getuid(), "gid": os.getgid()}
    restate(backup, source=manifest(backup)["source"] | {"parents": [{"path": path, **facts} for path in paths]})


@pytest.mark.parametrize("name", ["{outside}", "../outside", "home/../../outside"])
def test_a_manifest_that_names_a_directory_elsewhere_is_refused(files, target, tmp_path, name):
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)
    backup = archived(files, "home")
    with_parents(files.home / backup, name.format(outside=outside))

    assert "archive-unsafe" == refused(files, backup, target)
    assert 0o700 == outside.stat().st_mode & 0o777


def test_a_directory_that_a_link_of_the_backup_leads_to_is_left_alone(files, source, tmp_path):
    outside = tmp_path / "outside"
    (outside / "below").mkdir(parents=True, mode=0o700)
    (source / "home/out").symlink_to(outside)
    backup = archived(files, "home")
    with_parents(files.home / backup, "home/out/below")
    files.done("files_restore", backup)

    assert 0o700 == (outside / "below").stat().st_mode & 0o777


def test_a_manifest_that_says_too_little_is_refused(files, target):
    backup = archived(files, "home")
    source = manifest(files.home / backup)["source"]
    restate(files.home / backup, source={what: fact for what, fact in source.items() if what != "parents"})

    assert "wrong-kind" == refused(files, backup, target)


def test_what_appears_is_on_disk_already(files, target, tmp_path):
    seen = tmp_path / "seen"
    looking = replacing(
        "sync", f'ls "{target}" >>{seen}; exec "$REAL" "$@"', environment=os.environ, directory=tmp_path
    )
    files.on({"PATH": looking["PATH"]}).done("files_restore", archived(files, "home"))

    assert "" == seen.read_text()
    assert not blank(target)


def test_a_target_with_something_in_it_is_refused(files, target):
    backup = archived(files)
    (target / "home").mkdir()
    (target / "home/something").touch()
    ran = files.run("files_restore", backup)

    assert (3, "target-not-empty") == (ran.status, ran.slug)
    assert ["home"] == [path.name for path in target.iterdir()]


def test_a_target_whose_directory_leads_elsewhere_is_refused(files, target, tmp_path):
    backup = archived(files)
    (tmp_path / "elsewhere").mkdir()
    (target / "etc").symlink_to(tmp_path / "elsewhere")
    ran = files.run("files_restore", backup)

    assert (3, "target-not-empty") == (ran.status, ran.slug)
    assert [] == list((tmp_path / "elsewhere").iterdir())


def test_an_empty_directory_that_a_failed_restore_has_replaced_is_there_again(files, target, tmp_path):
    backup = archived(files)
    (target / "etc/application").mkdir(parents=True)
    (target / "etc/application").chmod(0o711)
    os.utime(target / "etc/application", ns=(0, 0))
    before = fingerprint(target, ["etc/application"])
    # When all is unpacked, and before anything has its place: somebody else is quicker at the second of two places.
    meanwhile = f'mkdir "{target}/home"; touch "{target}/home/new"; exec "$REAL" "$@"'
    files = files.on({"PATH": replacing("sync", meanwhile, environment=os.environ, directory=tmp_path / "bin")["PATH"]})
    ran = files.run("files_restore", backup)

    assert (1, "target-unwritable") == (ran.status, ran.slug), ran.said
    assert [] == differences(before, fingerprint(target, ["etc/application"]))
    assert ["new"] == [path.name for path in (target / "home").iterdir()]


def test_half_an_archive_is_refused_even_where_its_checksums_fit(files, target):
    backup = archived(files, "home")
    (archive,) = (files.home / backup).glob("0.tar.*")
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    reseal(files.home / backup)
    ran = files.run("files_restore", backup)

    assert (1, "restore-failed") == (ran.status, ran.slug), ran.said
    assert blank(target)


def test_without_a_parent_there_is_no_increment(files):
    ran = files.run("files_archive", "--incremental", "home")

    assert (3, "no-such-backup") == (ran.status, ran.slug)


def test_an_increment_of_other_paths_is_refused(files):
    archived(files, "home")

    assert (3, "paths-differ") == ((ran := files.run("files_archive", "--incremental", "etc")).status, ran.slug)


def test_a_parent_that_was_altered_and_sealed_breaks_the_chain(files, target, source):
    full = archived(files, "home")
    (source / "home/an/new").touch()
    increment = files.done("files_archive", "--incremental", "home")
    forge(files.home / full, member("home/added", size=3))

    assert "chain-broken" == refused(files, increment["id"], target)
