"""A disk that is full before a restore is done: it is named, and nothing is left of what had been restored by then."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backup_scripts.operating import mounted, reseal
from tests.backup_scripts.test_source_scripts import code, commit, mirror, seeded
from tests.backup_scripts.test_system_restore import IDENTITY, MIB, disk_of, is_blank, packed, system, trees
from tests.backup_scripts.test_system_tree import names, repacked, tree
from tests.disks import needs_tools

__all__ = ["code", "mirror", "seeded", "system", "tree", "trees"]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """Where a small file system is mounted."""
    place = tmp_path / "small"
    place.mkdir()
    with mounted(place, "size=64k"):
        yield place


@pytest.fixture
def large(system, trees):
    """The scripts, with a machine's backup that has a file of some size."""
    (trees[1] / "etc/large").write_bytes(os.urandom(MIB))
    packed(trees[1], system.home / IDENTITY / "partition-2.tar.zst")
    reseal(system.home / IDENTITY)
    return system


@pytest.mark.parametrize("there", [False, True], ids=["absent", "empty"])
def test_a_repository_that_does_not_fit_leaves_its_place_as_it_was(mirror, code, small, there):
    commit(code, [os.urandom(MIB).hex()])
    target = small / "restored.git"
    if there:
        target.mkdir()
    ran = mirror.on({"RESTORE_TARGET": str(target)}).run("source_restore", mirror.done("source_mirror")["id"])

    assert (1, "disk-full") == (ran.status, ran.slug), ran.said
    assert [target] * there == list(small.rglob("*"))


@needs_tools
def test_files_of_a_machine_that_do_not_fit_leave_the_directory_empty(tree, large, trees, small):
    repacked(large, trees)
    target = small / "tree"
    target.mkdir()
    ran = large.on({"RESTORE_TARGET": str(target)}).run("system_restore", IDENTITY)

    assert (1, "disk-full") == (ran.status, ran.slug), ran.said
    assert "No space left on device" in ran.said
    assert ["tree"] == names(small)
    assert [] == names(target)


@needs_tools
def test_a_machine_whose_files_do_not_fit_on_their_way_leaves_a_blank_disk(large, small):
    ran = large.on({"TMPDIR": str(small)}).run("system_restore", IDENTITY)

    assert (1, "disk-full") == (ran.status, ran.slug), ran.said
    assert "free space in TMPDIR" in ran.said
    assert ([], True) == (names(small), is_blank(disk_of(large)))


@needs_tools
def test_a_disk_in_a_file_that_cannot_grow_any_more_is_blank(large, small):
    disk = small / "disk"
    disk.touch()
    os.truncate(disk, disk_of(large).stat().st_size)
    ran = large.on({"RESTORE_TARGET": str(disk)}).run("system_restore", IDENTITY)

    assert (1, "disk-full") == (ran.status, ran.slug), ran.said
    assert ["disk"] == names(small)
    assert is_blank(disk)
