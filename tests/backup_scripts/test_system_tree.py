"""system_restore into a directory: a machine's files where they were mounted, and nothing where they cannot be had."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from backup_scripts.staging import directory_beside
from tests.backup_scripts.file_trees import UNLIKELY_TIMES
from tests.backup_scripts.operating import Scripts, reseal
from tests.backup_scripts.test_system_restore import BOOT, IDENTITY, ROOT, packed, system, trees
from tests.disks import needs_tools

__all__ = ["system", "trees"]
pytestmark = [
    needs_tools,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away"),
]
MOUNTED = {1: "/boot", 2: "/"}


@pytest.fixture
def tree(system: Scripts, trees: tuple[Path, Path], tmp_path: Path) -> Path:
    """An empty directory, to which the backup is going to be restored: /boot is a partition of its own."""
    (trees[1] / "boot").mkdir()
    os.chown(trees[1] / "etc/hostname", 1001, 42)
    layout(system, MOUNTED)
    repacked(system, trees)
    place = tmp_path / "tree"
    place.mkdir()
    system.environment["RESTORE_TARGET"] = str(place)
    return place


def layout(system: Scripts, mounted: dict[int, str]) -> None:
    parts = [part | {"used": 1, "mounted_on": mounted[part["number"]]} for part in (BOOT, ROOT)]
    (system.home / IDENTITY / "layout.json").write_text(json.dumps({"id": "0xcafe0001", "partitions": parts}))
    reseal(system.home / IDENTITY)


def names(place: Path) -> list[str]:
    return [entry.name for entry in place.iterdir()]


def repacked(system: Scripts, trees: tuple[Path, Path]) -> None:
    for number, content in enumerate(trees, start=1):
        packed(content, system.home / IDENTITY / f"partition-{number}.tar.zst")
    reseal(system.home / IDENTITY)


def test_every_partition_comes_back_where_it_was_mounted(system, trees, tree):
    system.done("system_restore", IDENTITY)
    hostname, original = (tree / "etc/hostname").stat(), (trees[1] / "etc/hostname").stat()

    assert "DEFAULT linux\n" == (tree / "boot/syslinux.cfg").read_text()
    assert (1001, 42, 0o640) == (hostname.st_uid, hostname.st_gid, hostname.st_mode & 0o7777)
    assert int(original.st_mtime) == int(hostname.st_mtime)
    assert hostname.st_ino == (tree / "etc/same").stat().st_ino
    assert Path("etc/hostname") == (tree / "link").readlink()


@pytest.mark.parametrize("time", UNLIKELY_TIMES.values(), ids=UNLIKELY_TIMES)
def test_a_time_that_a_clock_had_wrong_comes_back(system, trees, tree, time):
    os.utime(trees[1] / "etc/hostname", (time, time))
    repacked(system, trees)
    system.done("system_restore", IDENTITY)

    assert time == int((tree / "etc/hostname").stat().st_mtime)


def test_a_directory_that_is_not_empty_is_refused_and_stays_as_it_is(system, tree):
    (tree / "there").touch()
    ran = system.run("system_restore", IDENTITY)

    assert (3, "target-not-empty") == (ran.status, ran.slug), ran.said
    assert ["there"] == names(tree)


def test_a_backup_without_the_root_of_files_is_refused(system, tree):
    layout(system, MOUNTED | {2: "/srv"})
    ran = system.run("system_restore", IDENTITY)

    assert (3, "manifest-invalid") == (ran.status, ran.slug), ran.said
    assert [] == names(tree)


@pytest.mark.parametrize("place", ["a link to elsewhere", "missing"])
def test_a_partition_that_would_leave_the_tree_leaves_it_empty(system, trees, tree, tmp_path, place):
    outside = tmp_path / "outside"
    outside.mkdir()
    (trees[1] / "boot").rmdir()
    if place != "missing":
        (trees[1] / "boot").symlink_to(outside)
    repacked(system, trees)
    ran = system.run("system_restore", IDENTITY)

    assert (1, "restore-failed") == (ran.status, ran.slug), ran.said
    assert ([], []) == (names(tree), names(outside))


def test_no_partition_is_unpacked_through_a_link_of_another_one(system, trees, tree, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (trees[1] / "boot/link").symlink_to(outside)
    (trees[0] / "link").mkdir()
    (trees[0] / "link/escaped").touch()
    packed(trees[1], system.home / IDENTITY / "partition-2.tar.zst")
    subprocess.run(
        ["tar", "-C", trees[0], "-c", "--zstd", "-f", system.home / IDENTITY / "partition-1.tar.zst", "./link/escaped"],
        check=True,
    )
    reseal(system.home / IDENTITY)
    ran = system.run("system_restore", IDENTITY)

    assert (1, "restore-failed") == (ran.status, ran.slug), ran.said
    assert ([], []) == (names(tree), names(outside))


def test_a_partition_mounted_above_the_tree_leaves_it_empty(system, tree):
    layout(system, MOUNTED | {1: "/../outside"})
    (tree.parent / "outside").mkdir()
    ran = system.run("system_restore", IDENTITY)

    assert (1, "restore-failed") == (ran.status, ran.slug), ran.said
    assert ([], []) == (names(tree), names(tree.parent / "outside"))


def test_an_archive_that_is_cut_off_leaves_the_directory_empty(system, trees, tree):
    stored = system.home / IDENTITY / "partition-1.tar.zst"
    (trees[0] / "large").write_bytes(os.urandom(1 << 20))
    repacked(system, trees)
    stored.write_bytes(stored.read_bytes()[: 1 << 19])
    reseal(system.home / IDENTITY)
    ran = system.run("system_restore", IDENTITY)

    assert (1, "restore-failed") == (ran.status, ran.slug), ran.said
    assert [] == names(tree)


def test_what_did_not_come_back_as_it_was_is_noticed(system, tree, tmp_path):
    careless = tmp_path / "bin"
    careless.mkdir()
    real = subprocess.run(["which", "tar"], check=True, capture_output=True, text=True).stdout.strip()
    forget = (
        f'#!/bin/sh\n{real} "$@" || exit\ncase $1 in --extract) rm -f "{directory_beside(tree)}/new/etc/same" ;; esac\n'
    )
    (careless / "tar").write_text(forget)
    (careless / "tar").chmod(0o755)
    system.environment["PATH"] = f"{careless}:{system.environment['PATH']}"
    ran = system.run("system_restore", IDENTITY)

    assert (1, "restore-incomplete") == (ran.status, ran.slug), ran.said
    assert [] == names(tree)
