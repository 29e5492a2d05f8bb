"""A machine's backup that somebody has made up, or that cannot come back as it was: a clear error, nothing restored."""

import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backup_scripts.file_trees import LEADING_OUT, escaped, forge, member
from tests.backup_scripts.operating import Scripts, mounted, reseal
from tests.backup_scripts.test_system_restore import IDENTITY, disk_of, is_blank, system, trees
from tests.backup_scripts.test_system_tree import names, tree
from tests.disks import needs_tools

__all__ = ["system", "tree", "trees"]
pytestmark = needs_tools

BOOT, ROOT = "partition-1.tar.zst", "partition-2.tar.zst"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away, and mounts")


@AS_ROOT
@pytest.mark.parametrize("way", LEADING_OUT)
def test_an_archive_that_leads_out_of_its_tree_is_refused(system, tree, way):
    forge(system.home / IDENTITY, *LEADING_OUT[way], archive=ROOT)
    ran = system.run("system_restore", IDENTITY)

    assert (3, "archive-unsafe") == (ran.status, ran.slug), ran.said
    assert ([], []) == (names(tree), escaped(tree))


@pytest.mark.parametrize("archive", [BOOT, ROOT])
@pytest.mark.parametrize("way", LEADING_OUT)
def test_an_archive_that_leads_out_of_its_partition_leaves_a_blank_disk(system, way, archive):
    forge(system.home / IDENTITY, *LEADING_OUT[way], archive=archive)
    ran = system.run("system_restore", IDENTITY)

    assert (1, "archive-unsafe") == (ran.status, ran.slug), ran.said
    assert archive in ran.said
    assert is_blank(disk_of(system))
    assert [] == escaped(disk_of(system))


@pytest.mark.parametrize(
    "strange",
    [
        member("passwd", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("more/waiting", type=tarfile.FIFOTYPE),
    ],
    ids=["a link to a file of this machine", "a pipe that nobody writes to"],
)
def test_what_fat_cannot_hold_is_not_read_by_who_restores_it(system, strange):
    forge(system.home / IDENTITY, strange, archive=BOOT)
    ran = system.under("timeout", "60").run("system_restore", IDENTITY)

    assert (1, "archive-unsafe") == (ran.status, ran.slug), ran.said
    assert strange.name in ran.said
    assert is_blank(disk_of(system))


@pytest.fixture
def marked(system: Scripts, trees: tuple[Path, Path]) -> Scripts:
    """The scripts, with a backup in which a file has an attribute that only root gives."""
    os.setxattr(trees[1] / "etc/hostname", "security.known", b"1")
    stored = system.home / IDENTITY / ROOT
    command = ["tar", "-C", trees[1], "-c", "--zstd", "--format=posix", "--xattrs", "--xattrs-include=*", "-f", stored]
    subprocess.run([*command, "."], check=True)
    reseal(system.home / IDENTITY)
    return system


@pytest.fixture
def keeping_no_attributes(tmp_path: Path) -> Iterator[Path]:
    """A file system on which a file has no attributes but its owner and its mode."""
    place = tmp_path / "attributeless"
    place.mkdir()
    with mounted(place, "mode=755", kind="ramfs"):
        yield place


@AS_ROOT
def test_attributes_that_are_lost_on_the_way_leave_a_blank_disk(marked, keeping_no_attributes):
    ran = marked.on({"TMPDIR": str(keeping_no_attributes)}).run("system_restore", IDENTITY)

    assert (1, "attributes-lost") == (ran.status, ran.slug), ran.said
    assert "set TMPDIR" in ran.said
    assert is_blank(disk_of(marked))


@AS_ROOT
def test_attributes_that_a_tree_s_file_system_does_not_keep_leave_it_empty(tree, marked, keeping_no_attributes):
    target = keeping_no_attributes / "target"
    target.mkdir()
    ran = marked.on({"RESTORE_TARGET": str(target)}).run("system_restore", IDENTITY)

    assert (1, "attributes-lost") == (ran.status, ran.slug), ran.said
    assert [target] == list(keeping_no_attributes.rglob("*"))
