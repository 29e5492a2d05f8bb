"""system_image on a machine that is written to meanwhile: what is not one moment's is no backup, and that is said."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.backup_scripts.operating import Scripts
from tests.backup_scripts.reading import while_read
from tests.backup_scripts.test_system_restore import UUID

ROOT = {"node": "/dev/root", "start": 2048, "size": 16384, "type": "83"}
BOOT = {"node": "/dev/boot", "start": 18432, "size": 32768, "type": "c", "bootable": True}
TABLE = {"partitiontable": {"label": "dos", "id": "0xcafe0001", "partitions": [ROOT, BOOT]}}


@pytest.fixture
def root(scripts: Scripts) -> Path:
    """Where the machine's root file system is mounted, which every user may enter."""
    place = scripts.repository.with_name(f"{scripts.repository.name}-root")
    (place / "srv").mkdir(parents=True)
    (place / "srv/state").write_text("counted")
    return place


@pytest.fixture
def machine(scripts: Scripts, root: Path) -> Scripts:
    """The scripts on a machine that has two partitions, as far as one is told; the files on them are real."""
    boot, programs = root.with_name(f"{root.name}-boot"), root.with_name(f"{root.name}-told")
    boot.mkdir()
    programs.mkdir()
    (boot / "ldlinux.sys").touch()
    told = {
        "findmnt": f'case "$*" in *SOURCE*) echo /dev/root ;; *boot*) echo {boot} ;; *) echo {root} ;; esac',
        "lsblk": "echo disk",
        "sfdisk": f"echo '{json.dumps(TABLE)}'",
        "blkid": f'case "$*" in *boot*) echo TYPE=vfat; echo UUID=BEEF-0007; echo VERSION=FAT16 ;; '
        f"*) echo TYPE=ext4; echo UUID={UUID} ;; esac",
        "dpkg-query": "echo packages",
    }
    for program, says in told.items():
        (programs / program).write_text(f"#!/bin/sh\n{says}\n")
        (programs / program).chmod(0o755)
    return scripts.on({"PATH": f"{programs}:{scripts.variables['PATH']}"})


def test_what_holds_still_is_backed_up(machine):
    made = machine.done("system_image")
    archive = machine.home / made["id"] / "partition-1.tar.zst"
    held = subprocess.run(["tar", "--zstd", "-xOf", archive, "./srv/state"], check=True, capture_output=True).stdout

    assert b"counted" == held


def test_a_file_that_is_written_to_while_it_is_read_fails(machine, root, tmp_path):
    ran = while_read(
        machine,
        "system_image",
        large=[root / "srv/log"],
        meanwhile=lambda file: file.write_text("less"),
        below=tmp_path,
    )

    assert (1, "changed-while-read") == (ran.status, ran.slug), ran.said
    assert [] == machine.in_sight()


def test_a_full_repository_fails(full_disk, machine, root):
    (root / "srv/large").write_bytes(os.urandom(1 << 20))
    ran = full_disk.on(machine.environment).run("system_image")

    assert (1, "disk-full") == (ran.status, ran.slug), ran.said
    assert [] == machine.in_sight()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_a_file_that_may_not_be_read_fails(machine, root):
    (root / "srv/state").chmod(0o644)
    (root / "srv/secret").touch(mode=0o600)
    machine.repository.chmod(0o777)
    ran = machine.as_nobody().run("system_image")

    assert (1, "source-unreadable") == (ran.status, ran.slug), ran.said
    assert "./srv/secret" in ran.said
    assert [] == machine.in_sight()


def test_a_file_that_vanishes_before_it_is_read_fails(machine, root, tmp_path):
    both = [root / "srv/log.1", root / "srv/log.2"]

    def vanish(read: Path) -> None:
        next(file for file in both if file != read).unlink()

    ran = while_read(machine, "system_image", large=both, meanwhile=vanish, below=tmp_path)

    assert (1, "changed-while-read") == (ran.status, ran.slug), ran.said
    assert [] == machine.in_sight()
