"""system_restore, killed before its effects: the disk starts nothing, and the next run begins anew on it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from drill.backups.catalogue import contents
from drill.waiting import Patience, eventually
from tests.backup_scripts.interruption import Attempt, Interruption, points
from tests.backup_scripts.operating import Scripts, ended, replacing, reseal
from tests.backup_scripts.test_killed_restores import left
from tests.backup_scripts.test_system_restore import (
    BOOT,
    FACTS,
    IDENTITY,
    MIB,
    ROOT,
    device,
    disk_of,
    is_blank,
    packed,
    system,
    told,
    trees,
)
from tests.disks import needs_tools

__all__ = ["device", "system", "trees"]

pytestmark = needs_tools

SECTOR = 512
STARTS = b"\x55\xaa"
"""What a first sector ends with which a BIOS starts."""
OTHER = "20261102T000000.000000Z-full"


def held(disk: Path) -> tuple[str, str, str]:
    """Return what a disk holds: its partition table, the files of the first partition and one file of the second."""
    table = json.loads(told("sfdisk", "--json", str(disk)))["partitiontable"]
    parts = [{name: fact for name, fact in part.items() if name != "node"} for part in table["partitions"]]
    file = f"{disk}?offset={ROOT['start'] * SECTOR}"
    told("e2fsck", "-f", "-n", file)
    boot = told("mdir", "-a", "-b", "-i", f"{disk}@@1M", "::/")
    return json.dumps([table["id"], parts]), boot, told("debugfs", "-R", "cat /etc/hostname", file)


def wait_for_the_killed(disk: Path) -> None:
    """Wait until the last program of a killed script has ended, which the kernel tells to, but does not wait for."""
    with disk.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


def killed_half_way(killing: Interruption, restoring: Scripts, backup: str = IDENTITY) -> Attempt:
    """Kill a restore that has made the first partition."""
    complete = killing.run(
        restoring.on({"RESTORE_TARGET": str(fresh(restoring, "complete"))}), "system_restore", backup
    )
    killed = killing.killed(restoring, "system_restore", backup, at=(2 * len(complete.effects)) // 3)
    assert killed.killed and not is_blank(disk_of(restoring))
    wait_for_the_killed(disk_of(restoring))
    return killed


def fresh(system: Scripts, name: str) -> Path:
    """Make another blank disk."""
    disk = system.repository.with_name(name)
    with disk.open("wb") as file:
        file.truncate(26 * MIB)
    return disk


@pytest.mark.parametrize("seed", [7], ids=["seed 7"])
def test_a_disk_whose_restore_is_killed_anywhere_starts_nothing_and_is_restored_by_the_next_run(
    killing: Interruption, system: Scripts, seed: int
):
    repository, wrong = contents(system.repository), []
    complete = killing.run(system, "system_restore", IDENTITY)
    whole = held(disk_of(system))
    for at in points(complete, most=14, seed=seed):
        disk = fresh(system, f"{at}")
        restoring = system.on({"RESTORE_TARGET": str(disk)})
        killed = killing.killed(restoring, "system_restore", IDENTITY, at=at)
        wait_for_the_killed(disk)
        starts = disk.read_bytes()[:SECTOR].endswith(STARTS)
        again = killing.run(restoring, "system_restore", IDENTITY)
        if not killed.killed or starts != killed.has_done_all or again.status or held(disk) != whole:
            wrong.append(f"{killed}: then {again.said}")
        disk.unlink()

    assert [] == wrong
    assert repository == contents(system.repository)


@pytest.mark.parametrize("seed", [8], ids=["seed 8"])
def test_the_next_run_may_be_killed_as_well(killing: Interruption, system: Scripts, seed: int):
    wrong, begun = [], disk_of(system).with_name("begun")
    killed_half_way(killing, system)
    shutil.copy(disk_of(system), begun)
    system.done("system_restore", IDENTITY)  # removes what the killed one has left elsewhere, too
    whole = held(disk_of(system))
    shutil.copy(begun, disk_of(system))
    complete = killing.run(system, "system_restore", IDENTITY)
    for at in points(complete, most=8, seed=seed):
        shutil.copy(begun, disk_of(system))
        killed = killing.killed(system, "system_restore", IDENTITY, at=at)
        wait_for_the_killed(disk_of(system))
        again = killing.run(system, "system_restore", IDENTITY)
        if not killed.killed or again.status or held(disk_of(system)) != whole:
            wrong.append(f"{killed}: then {again.said}")

    assert [] == wrong


def test_so_is_a_device(killing: Interruption, device: Scripts):
    complete = killing.run(device, "system_restore", IDENTITY)
    node, wrong = disk_of(device), []
    whole = held(node)
    for at in points(complete, most=8, seed=9):
        with node.open("r+b") as file:
            file.write(bytes(26 * MIB))
        killed = killing.killed(device, "system_restore", IDENTITY, at=at)
        wait_for_the_killed(node)
        again = killing.run(device, "system_restore", IDENTITY)
        if not killed.killed or again.status or held(node) != whole:
            wrong.append(f"{killed}: then {again.said}")

    assert [] == wrong


def test_a_device_on_which_a_restore_failed_is_restored_by_the_next_run(device, trees):
    archive, good = device.home / IDENTITY / "partition-2.tar.zst", device.repository / "good"
    archive.rename(good)
    archive.write_bytes(b"no archive at all")
    reseal(archive.parent)
    failed = device.run("system_restore", IDENTITY)
    good.rename(archive)
    reseal(archive.parent)

    assert (1, "restore-failed") == (failed.status, failed.slug), failed.said
    device.done("system_restore", IDENTITY)
    assert "counting-host\n" == held(disk_of(device))[2]


@pytest.mark.parametrize("kind", ["system", "device"])
def test_what_another_backup_had_left_there_is_erased_and_said(
    killing: Interruption, trees, request: pytest.FixtureRequest, kind: str
):
    """The disk held nothing before it; so nothing is lost."""
    system = request.getfixturevalue(kind)
    other = system.home / OTHER
    shutil.copytree(system.home / IDENTITY, other)
    secret = os.urandom(16).hex()
    (trees[0] / "secret").write_text(secret * (4 * MIB // len(secret)))
    packed(trees[0], other / "partition-1.tar.zst")
    reseal(other)
    manifest = other / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_bytes()) | {"id": OTHER}))
    killed_half_way(killing, system, OTHER)
    before = disk_of(system).read_bytes()
    ran = system.run("system_restore", IDENTITY)

    assert secret.encode() in before
    assert 0 == ran.status, ran.said
    assert OTHER in ran.said
    assert secret.encode() not in disk_of(system).read_bytes()
    assert "counting-host\n" == held(disk_of(system))[2]


@pytest.mark.parametrize("place", [4096, 2047 * SECTOR, 26 * MIB - 1], ids=["label", "gap", "end"])
def test_a_disk_that_somebody_has_used_since_is_refused_and_stays_as_it_is(
    killing: Interruption, system: Scripts, place: int
):
    killed_half_way(killing, system)
    with disk_of(system).open("r+b") as file:
        file.seek(place)
        file.write(b"x")
    before = disk_of(system).read_bytes()
    ran = system.run("system_restore", IDENTITY)

    assert (3, "target-not-empty") == (ran.status, ran.slug), ran.said
    assert before == disk_of(system).read_bytes()


@pytest.mark.parametrize("change", [lambda mark: b"x" + mark[1:], lambda mark: mark[:-1] + b"x"])
def test_what_is_not_to_the_last_byte_the_mark_is_refused(killing: Interruption, system: Scripts, change):
    killed_half_way(killing, system)
    content = disk_of(system).read_bytes()
    disk_of(system).write_bytes(change(content[:SECTOR]) + content[SECTOR:])
    ran = system.run("system_restore", IDENTITY)

    assert (3, "target-not-empty") == (ran.status, ran.slug), ran.said


def test_a_disk_that_another_restore_is_at_work_on_is_refused(system):
    with disk_of(system).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        ran = system.run("system_restore", IDENTITY)

    assert (3, "target-busy") == (ran.status, ran.slug), ran.said
    assert is_blank(disk_of(system))


def test_what_a_killed_restore_has_started_is_waited_for(system, tmp_path):
    """A program that is still writing would spoil what the next run writes."""
    begun, go_on = tmp_path / "begun", tmp_path / "go-on"
    script = f'trap \'\' TERM; touch {begun}; while ! test -e {go_on}; do sleep 0.05; done; exec "$REAL" "$@"'
    slow = replacing("mkfs.fat", script, environment=system.environment, directory=tmp_path / "programs")
    with system.on(slow).start("system_restore", IDENTITY) as process:
        eventually("it writes", begun.exists, Patience.SERVER_READY)
        process.send_signal(signal.SIGKILL)
        process.wait()
        second = system.run("system_restore", IDENTITY)
        go_on.touch()
        ended(process)
    wait_for_the_killed(disk_of(system))

    assert (3, "target-busy") == (second.status, second.slug), second.said
    system.done("system_restore", IDENTITY)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_whose_restore_is_killed_anywhere_are_all_there_or_none_of_them(
    killing: Interruption, system: Scripts, trees, tmp_path: Path
):
    (trees[1] / "boot").mkdir()
    packed(trees[1], system.home / IDENTITY / "partition-2.tar.zst")
    parts = [BOOT | FACTS | {"mounted_on": "/boot"}, ROOT | FACTS]
    (system.home / IDENTITY / "layout.json").write_text(json.dumps({"id": "0xcafe0001", "partitions": parts}))
    reseal(system.home / IDENTITY)
    place, wrong = tmp_path / "restored", []
    place.mkdir()
    restoring = system.on({"RESTORE_TARGET": str(place)})
    complete = killing.run(restoring, "system_restore", IDENTITY)
    whole = contents(place)
    for at in points(complete, most=10, seed=10):
        shutil.rmtree(place)
        place.mkdir()
        killed = killing.killed(restoring, "system_restore", IDENTITY, at=at)
        if contents(place) not in ({}, whole):
            wrong.append(f"{killed}: half of it is there")
        again = killing.run(restoring, "system_restore", IDENTITY)
        if not killed.killed or again.status or contents(place) != whole or left(tmp_path):
            wrong.append(f"{killed}: then {again.said}")

    assert [] == wrong
