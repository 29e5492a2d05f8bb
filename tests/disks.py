"""Small disks that a machine could start from, but for what a test takes away."""

import os
import subprocess
from pathlib import Path

import pytest

from drill.machines import template
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


needs_tools = pytest.mark.skipif(bool(missing()), reason=missing())


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
