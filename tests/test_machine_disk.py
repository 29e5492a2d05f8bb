"""What keeps a machine from starting is seen on its disk, and a disk that lacks nothing is not accused."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from drill.fingerprints import differences
from drill.machines import template
from drill.machines.disk import Disk, DiskError
from drill.machines.readiness import obstacles
from drill.runtimes import RuntimeUnavailable

MIB = 1 << 20
BOOT_AT, ROOT_AT, SIZE = 1, 17, 26
UUID = "0d5a7b5e-6a3c-4c8e-9d0f-1f2e3d4c5b6a"
ELSEWHERE = "00000000-0000-0000-0000-000000000001"
KERNEL = bytes(0x202) + b"HdrS" + bytes(64)
CONFIGURATION = f"DEFAULT linux\nLABEL linux\n  KERNEL /vmlinuz\n  INITRD /initrd.img\n  APPEND root=UUID={UUID} ro\n"
ENVIRONMENT = {**os.environ, "PATH": os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])}


def missing() -> str:
    try:
        template.check_available()
    except RuntimeUnavailable as error:
        return str(error)
    return ""


pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())


def run(*command, feed=""):
    subprocess.run([str(word) for word in command], input=feed, text=True, check=True, env=ENVIRONMENT)


def made(place: Path, *, table="bootable", loader=True, boot_code=True, uuid=UUID, **changed) -> Path:
    """Make a small disk; ``changed`` are files that hold something else, None for those that are not there."""
    boot = {"vmlinuz": KERNEL, "initrd.img": b"initrd", "syslinux.cfg": CONFIGURATION.encode()}
    root = {"sbin/init": b"init", "etc/fstab": f"UUID={UUID} / ext4\nUUID=CAFE-0001 /boot vfat\n".encode()}
    disk = place / "disk"
    with disk.open("wb") as file:
        file.truncate(SIZE * MIB)
    for name, files in (("boot", boot), ("root", root)):
        for path, content in files.items():
            content = changed.get(Path(path).name.partition(".")[0], content)
            (place / name / path).parent.mkdir(parents=True, exist_ok=True)
            if content is not None:
                (place / name / path).write_bytes(content)
    parts = f"start={BOOT_AT}MiB, size=16MiB, type=c{', ' + table if table else ''}\nstart={ROOT_AT}MiB, size=8MiB\n"
    run("sfdisk", "--quiet", disk, feed=f"label: dos\n{parts}")
    run("mkfs.fat", "-F", 16, "-i", "CAFE0001", "--offset", BOOT_AT * MIB // 512, disk, 16 * 1024)
    run("mcopy", "-Q", "-i", f"{disk}@@{BOOT_AT * MIB}", *sorted((place / "boot").iterdir()), "::/")
    run(
        "mke2fs",
        "-q",
        "-F",
        "-t",
        "ext4",
        "-U",
        uuid,
        "-d",
        place / "root",
        "-E",
        f"offset={ROOT_AT * MIB}",
        disk,
        "8M",
    )
    if loader:
        run("syslinux", "--install", "--offset", BOOT_AT * MIB, disk)
    if boot_code:
        run("dd", f"if={template.BOOT_CODE}", f"of={disk}", "conv=notrunc", "status=none")
    return disk


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
