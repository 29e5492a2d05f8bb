"""The fingerprint of files: equal for equal trees, and one named difference for whatever is otherwise."""

import os
import random
from pathlib import Path

import pytest

from drill.datasets.host.planting import AS_ROOT, Planting
from drill.fingerprints import FingerprintError, differences
from drill.fingerprints.files import fingerprint
from drill.fingerprints.files.entries import shown

NAME = "báo cáo\nthứ hai"


def plant(root: Path) -> Path:
    root.mkdir()
    planting = Planting(root, random.Random(7))  # noqa: S311 - content, not secrets
    planting.directory("home/an", mode=0o2750)
    planting.directory("home/empty")
    planting.file(f"home/an/{NAME}", b"one\n", mode=0o640)
    planting.file("home/an/other", b"two\n")
    planting.file("home/an/third", b"two\n")
    planting.same("home/an/same", "home/an/other")
    planting.link("home/an/link", "other")
    planting.sparse("home/an/disk", 1 << 20, owner="root")
    planting.attribute("home/an/other", "user.colour", b"red")
    planting.date()
    return root


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    return plant(tmp_path / "one"), plant(tmp_path / "other")


def found(trees, *scopes: str):
    one, other = (fingerprint(tree, scopes or ("home",)) for tree in trees)
    return differences(one, other)


def keep_times(change):
    """Change a tree and put every time back, so that it is the change alone that shows."""

    def changed(root: Path):
        times = {path: path.lstat().st_mtime_ns for path in [root, *root.rglob("*")]}
        change(root)
        for path, moment in times.items():
            if os.path.lexists(path):
                os.utime(path, ns=(moment, moment), follow_symlinks=False)

    return changed


def replace_by(path: Path, make) -> None:
    path.unlink()
    make(path)


CHANGES = {
    "one bit": ("contents", lambda home: (home / f"an/{NAME}").write_bytes(b"onf\n")),
    "a mode": ("modes", lambda home: (home / f"an/{NAME}").chmod(0o644)),
    "setgid of a directory": ("modes", lambda home: (home / "an").chmod(0o750)),
    "a link's target": ("links", lambda home: replace_by(home / "an/link", lambda path: path.symlink_to("third"))),
    "two names of one file": (
        "links",
        lambda home: replace_by(home / "an/same", lambda path: path.hardlink_to(home / "an/third")),
    ),
    "an attribute": ("attributes", lambda home: os.setxattr(home / "an/other", "user.colour", b"blue")),
    "an empty directory": ("names", lambda home: (home / "empty").rmdir()),
    "a new file": ("names", lambda home: (home / "an/new").touch()),
    "a directory in the place of a file": ("names", lambda home: replace_by(home / "an/third", Path.mkdir)),
    "holes": (
        "holes",
        lambda home: (home / "an/disk").write_bytes((home / "an/disk").read_bytes()),
    ),
}
if AS_ROOT:
    CHANGES["an owner"] = ("owners", lambda home: os.chown(home / "an/other", 1001, 0))


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_otherwise_is_found_and_named(trees, change):
    aspect, make = CHANGES[change]
    keep_times(make)(trees[1] / "home")

    assert f"{aspect} of home" in {difference.where for difference in found(trees)}


def test_equal_trees_have_no_difference(trees):
    assert [] == found(trees)


def test_a_time_is_told_to_the_nanosecond(trees):
    file = trees[1] / "home/an/third"
    before = file.stat().st_mtime_ns
    os.utime(file, ns=(before, before + 1))

    (difference,) = found(trees)

    assert "times of home" == difference.where
    assert 2 == len(difference.keys)


def test_a_difference_says_what_was_and_what_is(trees):
    keep_times(CHANGES["a mode"][1])(trees[1] / "home")

    (difference,) = found(trees)

    assert (
        "missing key home/an/báo cáo\\nthứ hai: 0640",
        "unexpected key home/an/báo cáo\\nthứ hai: 0644",
    ) == difference.keys


def test_a_scope_that_is_not_there_is_missed(trees):
    assert [] == [str(each) for each in found(trees, "home", "etc")]
    (trees[0] / "etc").mkdir()

    assert "scope etc" in {difference.where for difference in found(trees, "home", "etc")}


def test_nothing_outside_the_scopes_is_looked_at(trees):
    (trees[1] / "etc").mkdir()

    assert [] == found(trees)


def test_two_trees_without_anything_prove_nothing(tmp_path):
    empty = fingerprint(tmp_path, ["home"])

    assert ["fingerprint"] == [difference.where for difference in differences(empty, empty)]


def test_links_are_not_followed(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home/out").symlink_to("/proc")

    assert 2 == fingerprint(tmp_path, ["home"]).contents["names of home"].rows


def test_a_large_file_is_read_to_its_end(trees):
    for tree, last in zip(trees, (b"a", b"b"), strict=True):
        with (tree / "home/an/disk").open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(last)
    where = {difference.where for difference in found(trees)}

    assert "contents of home" in where


@pytest.mark.skipif(AS_ROOT, reason="root may read everything")
def test_what_cannot_be_read_is_no_fingerprint(trees):
    (trees[0] / "home/an/other").chmod(0)

    with pytest.raises(FingerprintError, match="home/an/other"):
        fingerprint(trees[0], ["home"])


def test_no_two_names_are_shown_alike():
    names = [b"a\nb", b"a\\nb", b"\xff", b"\\xff", "\N{LATIN SMALL LETTER E WITH ACUTE}".encode(), b"a b", b"a\tb"]

    assert len(names) == len({shown(name) for name in names})
    assert all(shown(name).isprintable() for name in names)
