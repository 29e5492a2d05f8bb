"""Disks whose restore was killed when all was done but to say so: the next run says it, unless they were used since."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backup_scripts.interruption import TELLING, Interruption
from tests.backup_scripts.operating import Scripts, reseal
from tests.backup_scripts.test_killed_machines import OTHER, SECTOR, wait_for_the_killed
from tests.backup_scripts.test_system_restore import BOOT, IDENTITY, MIB, ROOT, device, disk_of, system, told, trees
from tests.disks import needs_tools

__all__ = ["device", "system", "trees"]

pytestmark = needs_tools

UNTOLD = "did not live to say so"


def killed_untold(killing: Interruption, restoring: Scripts) -> None:
    killed = killing.killed(restoring, "system_restore", IDENTITY, at=TELLING)
    assert killed.killed and not killed.output
    wait_for_the_killed(disk_of(restoring))


@pytest.mark.parametrize("kind", ["system", "device"])
def test_it_is_told_by_the_next_run_which_takes_nothing_but_the_seal_away(
    killing: Interruption, trees, request: pytest.FixtureRequest, kind: str
):
    restoring = request.getfixturevalue(kind)
    killed_untold(killing, restoring)
    before = disk_of(restoring).read_bytes()
    again = restoring.run("system_restore", IDENTITY)
    after = disk_of(restoring).read_bytes()

    assert 0 == again.status, again.said
    assert UNTOLD in again.said
    assert before[:SECTOR] == after[:SECTOR]
    assert bytes(SECTOR) == after[SECTOR : 2 * SECTOR]
    assert before[2 * SECTOR :] == after[2 * SECTOR :]


def test_what_was_told_is_refused(system: Scripts):
    system.done("system_restore", IDENTITY)
    again = system.run("system_restore", IDENTITY)

    assert (3, "target-not-empty") == (again.status, again.slug), again.said


def another_kernel(disk: Path) -> None:
    (disk.parent / "kernel").write_bytes(b"another")
    told("mcopy", "-i", f"{disk}@@{BOOT['start'] * SECTOR}", str(disk.parent / "kernel"), "::/")


def another_name(disk: Path) -> None:
    told("debugfs", "-w", "-R", "rm /etc/hostname", f"{disk}?offset={ROOT['start'] * SECTOR}")


def checked_anew(disk: Path) -> None:
    told("tune2fs", "-C", "1", f"{disk}?offset={ROOT['start'] * SECTOR}")


def byte_at(place: int) -> Callable[[Path], None]:
    def written(disk: Path) -> None:
        with disk.open("r+b") as file:
            file.seek(place)
            file.write(b"x")

    return written


@pytest.mark.parametrize(
    "happened",
    [another_kernel, another_name, checked_anew, byte_at(440), byte_at(SECTOR), byte_at(4096), byte_at(26 * MIB - 1)],
    ids=["kernel", "file", "mount count", "identifier", "seal", "gap", "end"],
)
def test_a_disk_that_was_used_since_is_refused_and_not_touched(
    killing: Interruption, system: Scripts, happened: Callable[[Path], None]
):
    killed_untold(killing, system)
    happened(disk_of(system))
    before = disk_of(system).read_bytes()
    again = system.run("system_restore", IDENTITY)

    assert (3, "target-not-empty") == (again.status, again.slug), again.said
    assert before == disk_of(system).read_bytes()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system")
def test_a_disk_that_was_mounted_since_is_refused(killing: Interruption, device: Scripts, tmp_path: Path):
    killed_untold(killing, device)
    place, offset = tmp_path / "mounted", f"loop,offset={ROOT['start'] * SECTOR}"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "ext4", "-o", offset, disk_of(device), place], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    subprocess.run(["umount", place], check=True)
    again = device.run("system_restore", IDENTITY)

    assert (3, "target-not-empty") == (again.status, again.slug), again.said


def test_the_restore_of_another_backup_is_refused_and_its_own_is_told_after_that(
    killing: Interruption, system: Scripts
):
    other = system.home / OTHER
    shutil.copytree(system.home / IDENTITY, other)
    reseal(other)
    manifest = other / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_bytes()) | {"id": OTHER}))
    killed_untold(killing, system)
    refused = system.run("system_restore", OTHER)
    again = system.run("system_restore", IDENTITY)

    assert (3, "target-not-empty") == (refused.status, refused.slug), refused.said
    assert 0 == again.status, again.said


def test_where_no_room_is_for_a_seal_a_whole_disk_is_refused(killing: Interruption, system: Scripts):
    layout = system.home / IDENTITY / "layout.json"
    stated = json.loads(layout.read_bytes())
    stated["partitions"][0] |= {"start": 1, "size": 34000}
    layout.write_text(json.dumps(stated))
    reseal(layout.parent)
    killed_untold(killing, system)
    again = system.run("system_restore", IDENTITY)

    assert (3, "target-not-empty") == (again.status, again.slug), again.said
