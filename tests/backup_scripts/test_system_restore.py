"""system_image and system_restore on small disks: what is rebuilt, what is refused, and what a failure leaves."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backup_scripts.operating import Scripts, reseal
from tests.disks import needs_tools

MIB = 1 << 20
IDENTITY = "20261101T000000.000000Z-full"
UUID = "0d5a7b5e-6a3c-4c8e-9d0f-1f2e3d4c5b6a"
FACTS = {"mounted_on": "/", "used": 1}
BOOT = {
    "number": 1, "start": 2048, "size": 32768, "type": "c", "bootable": True,
    "filesystem": "vfat", "version": "FAT16", "uuid": "BEEF-0007", "label": "BOOT",
}  # fmt: skip
ROOT = {
    "number": 2, "start": 34816, "size": 16384, "type": "83", "bootable": False,
    "filesystem": "ext4", "version": "", "uuid": UUID, "label": "root",
}  # fmt: skip


pytestmark = needs_tools


def packed(tree: Path, file: Path) -> None:
    subprocess.run(["tar", "-C", tree, "-c", "--zstd", "--format=posix", "-f", file, "."], check=True)


@pytest.fixture
def trees(tmp_path) -> tuple[Path, Path]:
    boot, root = tmp_path / "boot", tmp_path / "root"
    for tree in (boot, root):
        tree.mkdir()
    (boot / "syslinux.cfg").write_text("DEFAULT linux\n")
    (root / "etc").mkdir(mode=0o711)
    (root / "etc/hostname").write_text("counting-host\n")
    (root / "etc/hostname").chmod(0o640)
    (root / "etc/same").hardlink_to(root / "etc/hostname")
    (root / "link").symlink_to("etc/hostname")
    return boot, root


@pytest.fixture
def system(scripts: Scripts, trees: tuple[Path, Path], tmp_path: Path) -> Scripts:
    """The scripts, with one backup in the repository and a blank disk for it."""
    stored = scripts.home / IDENTITY
    stored.mkdir(parents=True)
    for number, tree in enumerate(trees, start=1):
        packed(tree, stored / f"partition-{number}.tar.zst")
    layout = {"id": "0xcafe0001", "partitions": [BOOT | FACTS, ROOT | FACTS]}
    (stored / "layout.json").write_text(json.dumps(layout))
    moment = "2026-11-01T00:00:00+00:00"
    (stored / "manifest.json").write_text(
        json.dumps({
            "schema": 1, "id": IDENTITY, "set": scripts.set, "kind": "full", "parent": None,
            "started": moment, "finished": moment, "retain_until": None, "source": {"engine": "machine"},
            "tool": {"name": "tar", "version": "1"}, "stored_bytes": 1, "source_bytes": 1,
            "encryption": None, "tier": "weekly", "files": [],
        })
    )  # fmt: skip
    reseal(stored)
    disk = tmp_path / "disk"
    with disk.open("wb") as file:
        file.truncate(26 * MIB)
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
    # A place of its own for what is unpacked: to look at what others have there is an effect, and those are counted.
    return scripts.on({"RESTORE_TARGET": str(disk), "PATH": path, "TMPDIR": str(tmp_path)})


@pytest.fixture
def device(system: Scripts) -> Iterator[Scripts]:
    """The scripts, restoring onto a block device."""
    path = {"PATH": system.environment["PATH"]}
    command = ["losetup", "--find", "--show", str(disk_of(system))]
    attached = subprocess.run(command, check=False, capture_output=True, text=True, env=path)
    if attached.returncode:
        pytest.skip(f"no file can be made a device here: {attached.stderr.strip()}")
    node = attached.stdout.strip()
    yield system.on({"RESTORE_TARGET": node})
    subprocess.run(["losetup", "--detach", node], check=True, env=path)


def disk_of(system: Scripts) -> Path:
    return Path(system.environment["RESTORE_TARGET"])


def told(*command: str) -> str:
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "PATH": path})
    return done.stdout


def is_blank(disk: Path) -> bool:
    return not any(disk.read_bytes())


def test_the_disk_is_laid_out_and_named_as_it_was(system):
    system.done("system_restore", IDENTITY)
    disk = str(disk_of(system))
    table = json.loads(told("sfdisk", "--json", disk))["partitiontable"]

    assert ("dos", "0xcafe0001") == (table["label"], table["id"])
    assert [(2048, 32768, "c", True), (34816, 16384, "83", False)] == [
        (part["start"], part["size"], part["type"], part.get("bootable", False)) for part in table["partitions"]
    ]
    for part in (BOOT, ROOT):
        found = told("blkid", "-p", "-o", "export", "-O", str(part["start"] * 512), "-S", str(part["size"] * 512), disk)
        assert {f"UUID={part['uuid']}", f"TYPE={part['filesystem']}", f"LABEL={part['label']}"} <= set(
            found.split("\n")
        )
    assert Path("/usr/lib/syslinux/mbr/mbr.bin").read_bytes()[:400] == Path(disk).read_bytes()[:400]


def test_files_come_back_with_owner_mode_time_and_links(system, trees, tmp_path):
    system.done("system_restore", IDENTITY)
    disk = disk_of(system)
    root = tmp_path / "root.ext4"
    root.write_bytes(disk.read_bytes()[ROOT["start"] * 512 :])
    hostname = told("debugfs", "-R", "stat /etc/hostname", str(root))
    original = (trees[1] / "etc/hostname").stat()

    assert f"Mode:  {original.st_mode & 0o7777:04o}" in hostname
    assert "Links: 2" in hostname
    assert f"mtime: 0x{int(original.st_mtime):08x}" in hostname
    assert "counting-host\n" == told("debugfs", "-R", "cat /etc/same", str(root))
    assert 'Fast link dest: "etc/hostname"' in told("debugfs", "-R", "stat /link", str(root))
    assert {"::/syslinux.cfg", "::/ldlinux.sys"} <= set(told("mdir", "-a", "-b", "-i", f"{disk}@@1M", "::/").split())


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda disk: disk.write_bytes(bytes(9 * MIB) + b"x" + bytes(17 * MIB)), "target-not-empty"),
        (lambda disk: os.truncate(disk, 24 * MIB), "target-too-small"),
        (lambda disk: disk.unlink(), "target-missing"),
    ],
    ids=["not blank", "too small", "not there"],
)
def test_a_disk_that_is_not_fit_is_refused_and_stays_as_it_is(system, spoil, reason):
    disk = disk_of(system)
    spoil(disk)
    before = disk.read_bytes() if disk.exists() else None
    ran = system.run("system_restore", IDENTITY)

    assert (3, reason) == (ran.status, ran.slug), ran.said
    assert before == (disk.read_bytes() if disk.exists() else None)


@pytest.mark.parametrize("place", [0, 9 * MIB, 26 * MIB - 1], ids=["begin", "middle", "end"])
def test_a_device_that_holds_anything_anywhere_is_refused_and_stays_as_it_is(device, place):
    with disk_of(device).open("r+b") as file:
        file.seek(place)
        file.write(b"x")
    before = disk_of(device).read_bytes()
    ran = device.run("system_restore", IDENTITY)

    assert (3, "target-not-empty") == (ran.status, ran.slug), ran.said
    assert before == disk_of(device).read_bytes()


@pytest.mark.parametrize("spoilt", ["overlapping", "without a start", "of another system", "numbered elsewhere"])
def test_a_layout_that_cannot_be_made_is_refused(system, spoilt):
    file = system.home / IDENTITY / "layout.json"
    others = {"overlapping": {"start": 4096}, "of another system": {"filesystem": "btrfs"}}
    others["numbered elsewhere"] = {"number": "../../elsewhere"}
    boot = BOOT | FACTS | ({"bootable": False} if spoilt == "without a start" else {})
    file.write_text(json.dumps({"id": "0xcafe0001", "partitions": [boot, ROOT | FACTS | others.get(spoilt, {})]}))
    reseal(system.home / IDENTITY)
    ran = system.run("system_restore", IDENTITY)

    assert (3, "manifest-invalid") == (ran.status, ran.slug), ran.said
    assert is_blank(disk_of(system))


def test_an_archive_that_cannot_be_read_leaves_a_blank_disk(system):
    (system.home / IDENTITY / "partition-2.tar.zst").write_bytes(b"no archive at all")
    reseal(system.home / IDENTITY)
    ran = system.run("system_restore", IDENTITY)

    assert (1, "restore-failed") == (ran.status, ran.slug), ran.said
    assert is_blank(disk_of(system))


def test_files_that_do_not_fit_leave_a_blank_disk(system, trees):
    (trees[1] / "large").write_bytes(os.urandom(9 * MIB))
    packed(trees[1], system.home / IDENTITY / "partition-2.tar.zst")
    reseal(system.home / IDENTITY)
    ran = system.run("system_restore", IDENTITY)

    assert 1 == ran.status, ran.said
    assert is_blank(disk_of(system))


def test_a_bit_that_flipped_is_refused(system):
    file = system.home / IDENTITY / "partition-2.tar.zst"
    file.write_bytes(file.read_bytes()[:-1] + b"\0")
    ran = system.run("system_restore", IDENTITY)

    assert (3, "checksum-mismatch") == (ran.status, ran.slug), ran.said
    assert is_blank(disk_of(system))


def test_a_machine_that_does_not_answer_gives_no_backup(scripts, tmp_path):
    configuration = tmp_path / "ssh"
    configuration.write_text("Host lost\n  HostName 127.0.0.1\n  Port 1\n  UserKnownHostsFile /dev/null\n")
    ran = scripts.on({"SYSTEM_HOST": "lost", "SYSTEM_SSH_CONFIG": str(configuration)}).run("system_image")

    assert (1, "system-unreachable") == (ran.status, ran.slug), ran.said
    assert [] == scripts.in_sight()
