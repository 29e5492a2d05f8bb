"""files_restore, one archive on top of the other: each finds a tree that was there before it."""

import os
import struct
from pathlib import Path

import pytest

from tests.backup_scripts.file_trees import archived, forge, forge_another, lost, member
from tests.backup_scripts.operating import Scripts
from tests.backup_scripts.test_files_round_trip import files, source, target

__all__ = ["files", "source", "target"]

DEFAULT_LIST = "system.posix_acl_default"
EVERYBODY = 0xFFFFFFFF


def acl(user: int) -> bytes:
    """An access control list by which one more user may write."""
    entries = [(1, 7, EVERYBODY), (2, 7, user), (4, 5, EVERYBODY), (16, 7, EVERYBODY), (32, 5, EVERYBODY)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def has_list(place: Path) -> bool:
    """Give a directory a default access control list, if the file system keeps any."""
    try:
        os.setxattr(place, DEFAULT_LIST, acl(1001))
    except OSError:
        return False
    return True


def restored(files: Scripts) -> str:
    """Take an increment and restore the chain that it ends; return its id."""
    last = str(files.done("files_archive", "--incremental", "home")["id"])
    files.done("files_restore", last)
    return last


def test_two_names_of_one_file_become_two_files(files, source, target):
    one, other = source / "home/one", source / "home/other"
    one.write_text("of both")
    other.hardlink_to(one)
    archived(files, "home")
    other.unlink()
    other.write_text("of the other")
    restored(files)

    assert [] == lost(source, target, ["home"])
    assert ("of both", "of the other") == ((target / "home/one").read_text(), (target / "home/other").read_text())


def test_an_attribute_that_was_taken_away_does_not_come_back(files, source, target):
    taken = [source / "home/file", source / "home/directory"]
    taken[0].touch()
    taken[1].mkdir()
    for place in taken:
        os.setxattr(place, "user.taken", b"away")
    archived(files, "home")
    for place in taken:
        os.removexattr(place, "user.taken")
    restored(files)

    assert [] == lost(source, target, ["home"])


def test_a_list_that_was_taken_away_is_inherited_by_nobody(files, source, target):
    shared = source / "home/shared"
    shared.mkdir()
    if not has_list(shared):
        pytest.skip("this file system keeps no access control lists")
    archived(files, "home")
    os.removexattr(shared, DEFAULT_LIST)
    (shared / "new").write_text("for its owner")
    restored(files)

    assert [] == lost(source, target, ["home"])


def test_a_list_of_the_target_is_inherited_by_nobody(files, source, target):
    if not has_list(target):
        pytest.skip("this file system keeps no access control lists")
    files.done("files_restore", archived(files, "home"))

    assert [] == lost(source, target, ["home"])


def test_links_stay_where_their_directories_go(files, source, target):
    old = source / "home/old"
    (old / "below").mkdir(parents=True)
    for name in ("up", "below/up"):
        (old / name).symlink_to("../..")
    (old / "gone").symlink_to("/nowhere")
    (old / "another").symlink_to("/nowhere")
    (old / "below").chmod(0o555)
    os.utime(old / "below", (1, 1))
    archived(files, "home")
    (old / "gone").unlink()
    (old / "another").unlink()
    (old / "another").write_text("a file now")
    old.rename(source / "home/new")
    restored(files)

    assert [] == lost(source, target, ["home"])


@pytest.mark.parametrize("leading", ["/", "up"], ids=["anywhere", "upwards"])
def test_no_archive_follows_a_link_of_the_one_before(files, source, target, tmp_path, leading):
    (source / "home/out").symlink_to(tmp_path if leading == "/" else "../../..")
    archived(files, "home")
    (source / "home/new").touch()
    last = files.done("files_archive", "--incremental", "home")
    forge(files.home / last["id"], member("./home/out/escaped", size=1))
    ran = files.run("files_restore", last["id"])

    assert (3, "archive-unsafe") == (ran.status, ran.slug), ran.said
    assert [] == [*tmp_path.iterdir(), *target.iterdir(), *target.parent.glob("escaped")]


def test_what_was_read_again_follows_no_link_either(files, source, target, tmp_path):
    (source / "home/out").symlink_to(tmp_path)
    backup = archived(files, "home")
    forge_another(files.home / backup, member("./home/out/escaped", size=1))
    ran = files.run("files_restore", backup)

    assert (3, "archive-unsafe") == (ran.status, ran.slug), ran.said
    assert [] == [*tmp_path.iterdir(), *target.iterdir()]


def test_what_was_read_again_keeps_names_links_and_times(files, source, target):
    one = source / "home/one"
    one.write_text("now")
    (source / "home/other").hardlink_to(one)
    (source / "home/link").symlink_to("one")
    os.utime(source / "home", (1, 1))
    backup = archived(files, "home")
    forge_another(files.home / backup, member("./home/one", size=1, mode=one.stat().st_mode & 0o7777))
    files.done("files_restore", backup)

    assert ["x", "x"] == [(target / "home" / name).read_text() for name in ("one", "other")]
    assert (target / "home/one").samefile(target / "home/other")
    assert "one" == str((target / "home/link").readlink())
    assert 1 == (target / "home").stat().st_mtime
