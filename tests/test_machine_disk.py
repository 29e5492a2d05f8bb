"""What keeps a machine from starting is seen on its disk, and a disk that lacks nothing is not accused."""

import shutil
from pathlib import Path

import pytest

from drill.fingerprints import differences
from drill.machines.disk import Disk, DiskError
from drill.machines.readiness import obstacles
from tests.disks import BOOT_AT, ELSEWHERE, KERNEL, MIB, ROOT_AT, UUID, made, needs_tools, run

pytestmark = needs_tools

EXT4_MAGIC = 0x438


def seen(disk: Path) -> list[str]:
    with Disk.unpacked(disk) as read:
        return list(obstacles(read))


def test_a_disk_that_lacks_nothing_is_not_accused(tmp_path):
    assert [] == seen(made(tmp_path))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"boot_code": False}, "its first sector has no boot code"),
        ({"table": ""}, "0 of its partitions are active"),
        ({"loader": False}, "its active partition has no boot loader"),
        ({"vmlinuz": None}, "there is no kernel vmlinuz"),
        ({"vmlinuz": b""}, "there is no kernel vmlinuz"),
        ({"vmlinuz": b"x" * len(KERNEL)}, "vmlinuz is no kernel"),
        ({"initrd": None}, "there is no initrd.img"),
        ({"syslinux": None}, "its boot loader has no syslinux.cfg"),
        ({"uuid": ELSEWHERE}, f"its kernel looks for the root {UUID}"),
        ({"init": None}, "its root has no sbin/init"),
        ({"fstab": None}, "its root has no etc/fstab"),
        ({"fstab": f"UUID={ELSEWHERE} / ext4\n".encode()}, f"etc/fstab has UUID={ELSEWHERE} at /"),
    ],
)
def test_what_is_missing_is_seen(tmp_path, changed, said):
    first, *_ = seen(made(tmp_path, **changed))

    assert first.startswith(said)


def test_what_starts_through_another_loader_is_not_accused(tmp_path):
    disk = made(tmp_path, table="", loader=False, syslinux=None, fstab=None)
    with disk.open("r+b") as file:
        file.seek(384)
        file.write(b"GRUB ")

    assert [] == seen(disk)


def test_what_is_laid_out_otherwise_is_not_accused_and_not_compared(tmp_path):
    disk = made(tmp_path, table="", init=None)
    with disk.open("r+b") as file:  # a file system that is none of the drill's
        file.seek(ROOT_AT * MIB + EXT4_MAGIC)
        file.write(bytes(2))
    with Disk.unpacked(disk) as read:
        assert not read.is_laid_out_as_drilled
        assert [] == list(obstacles(read))


def test_a_loader_that_lost_its_file_is_seen(tmp_path):
    disk = made(tmp_path)
    on_boot = ("-i", f"{disk}@@{BOOT_AT * MIB}")
    run("mattrib", "-r", "-s", "-h", *on_boot, "::/ldlinux.sys")
    run("mdel", *on_boot, "::/ldlinux.sys")

    assert ["its boot loader lacks ldlinux.sys"] == seen(disk)


def test_a_file_system_that_is_not_sound_is_seen(tmp_path):
    disk = made(tmp_path)
    run("debugfs", "-w", "-R", "clri /sbin", f"{disk}?offset={ROOT_AT * MIB}")

    assert any("its ext4 at" in each and "is not sound" in each for each in seen(disk))


def test_a_blank_disk_cannot_be_read(tmp_path):
    (tmp_path / "disk").write_bytes(bytes(MIB))

    with pytest.raises(DiskError, match="it has no partition table"):
        seen(tmp_path / "disk")


def test_a_link_that_leads_out_of_the_disk_is_not_followed(tmp_path):
    disk = made(tmp_path, init=None)
    run("debugfs", "-w", "-R", f"symlink /sbin/init {shutil.which('sh')}", f"{disk}?offset={ROOT_AT * MIB}")

    assert ["its root has no sbin/init"] == seen(disk)


def test_a_file_that_is_lost_or_altered_differs(tmp_path):
    whole, other = tmp_path / "whole", tmp_path / "other"
    for each in (whole, other):
        each.mkdir()
    with Disk.unpacked(made(whole)) as read:
        before = read.fingerprint()
    with Disk.unpacked(made(whole)) as read:
        again = read.fingerprint()
    with Disk.unpacked(made(other, init=b"INIT", initrd=None)) as read:
        after = read.fingerprint()
    said = " ".join(map(str, differences(before, after)))

    assert [] == differences(before, again)
    assert "/sbin/init" in said
    assert "/boot/initrd.img" in said
