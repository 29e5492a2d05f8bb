"""Faults of images of whole machines, and of the disks that are made from them."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drill.backups.catalogue import StoredBackup
from drill.commands.search_path import system_path
from drill.damage.faults.dumps import DIFFERENT, NOT_RESTORED, READ, damaged, instead, unsealed
from drill.damage.faults.fault import Fault, Injection, Scene
from drill.damage.unsealed import seal
from drill.damage.victims import MACHINE
from drill.errors import DrillError

LAYOUT = "layout.json"
BOOT, ROOT = "vfat", "ext4"
SECTOR = 512
NOT_BOOTABLE = frozenset({"NOT-BOOTABLE"})


def _layout(backup: StoredBackup) -> dict[str, Any]:
    layout: dict[str, Any] = json.loads((backup.directory / LAYOUT).read_text("ascii"))
    return layout


def _partition(backup: StoredBackup, filesystem: str) -> Mapping[str, Any]:
    return next(part for part in _layout(backup)["partitions"] if part["filesystem"] == filesystem)


def _repacked(filesystem: str, change: str) -> Injection:
    """Have the archive of a file system go through a filter, and seal the backup again."""

    def inject(scene: Scene) -> None:
        number = _partition(scene.last, filesystem)["number"]
        archive = scene.one(f"partition-{number}.tar.zst", of=scene.last)
        changed = archive.with_suffix(".changed")
        _run(f'zstd -dcq "$1" | {change} | zstd -q -1 -o "$2"', archive, changed)
        _run('! cmp -s <(zstd -dcq "$1") <(zstd -dcq "$2")', archive, changed)
        changed.replace(archive)
        seal(scene.last.directory)

    return inject


def _boot_without(pattern: str) -> Injection:
    # Not for the root: tar cannot delete from an archive that has files with holes.
    return _repacked(BOOT, f"tar --delete --wildcards --file=- '{pattern}'")


def _of_another_disk(scene: Scene) -> None:
    """Have fstab name the root of the disk that was there before; the archive keeps its length."""
    known = _partition(scene.last, ROOT)["uuid"]
    _repacked(ROOT, f"LC_ALL=C sed 's|UUID={known} / ext4|UUID={uuid.UUID(int=1)} / ext4|'")(scene)


def _named_anew(scene: Scene) -> None:
    """Have the root be made with an identifier of its own, as mke2fs does by itself."""
    layout = _layout(scene.last)
    for part in layout["partitions"]:
        if part["filesystem"] == ROOT:
            part["uuid"] = str(uuid.UUID(int=1))
    scene.one(LAYOUT, of=scene.last).write_text(json.dumps(layout), "ascii")
    seal(scene.last.directory)


def _then(script: str) -> Injection:
    """Have this done to the disk that was made; ``$BOOT`` and ``$ROOT`` are where these begin on it, in bytes."""

    def inject(scene: Scene) -> None:
        boot, root = (int(_partition(scene.last, kind)["start"]) * SECTOR for kind in (BOOT, ROOT))
        scene.restore_with(lambda restore: f"{restore} && (BOOT={boot}; ROOT={root}; {script}) >&2")

    return inject


def _run(script: str, *paths: Path) -> None:
    command = ["bash", "-o", "pipefail", "-c", script, "bash", *map(str, paths)]
    done = subprocess.run(command, env={"PATH": system_path()}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DrillError(f"{script}: {done.stderr.strip()}", remedy="this fault is not one of such backups")


def _stored() -> tuple[Fault, ...]:
    said = (
        ("IMAGE-CUT", "the disk was full, or the copy killed, half way", damaged("cut off half way"), READ),
        ("IMAGE-BIT", "a bit has flipped on the disk", damaged("altered by one bit"), READ),
        ("IMAGE-LOST", "a clean-up has removed a partition of it", damaged("robbed of a file"), READ),
        ("ROOT-CUT-AT-ONCE", "tar was killed, and the rest is plausible", unsealed("cut off half way"), NOT_RESTORED),
        ("KERNEL-LOST", "an exclude leaves the kernel out", _boot_without("*/vmlinuz-*"), NOT_BOOTABLE),
        ("INITRD-LOST", "what the kernel starts with was left out", _boot_without("*/initrd.img-*"), NOT_BOOTABLE),
        ("FSTAB-OF-ANOTHER-DISK", "fstab names a disk that is gone", _of_another_disk, NOT_BOOTABLE),
        ("ROOT-NAMED-ANEW", "the file system came back under another identifier", _named_anew, NOT_BOOTABLE),
    )
    return tuple(Fault(name, MACHINE, what, inject, named_by) for name, what, inject, named_by in said)


def _restored() -> tuple[Fault, ...]:
    on_boot = '-i "$RESTORE_TARGET@@$BOOT"'
    said = (
        (
            "BOOT-CODE-LOST",
            "files came back, and the first sector did not",
            'dd if=/dev/zero of="$RESTORE_TARGET" bs=440 count=1 conv=notrunc status=none',
            NOT_BOOTABLE,
        ),
        (
            "LOADER-LOST",
            "the boot partition came back, and no boot loader was installed",
            f"mattrib -r -s -h {on_boot} ::/ldlinux.sys && mdel {on_boot} ::/ldlinux.sys",
            NOT_BOOTABLE,
        ),
        (
            "NOTHING-ACTIVE",
            "no partition is marked to be started from",
            'sfdisk --quiet --no-reread --no-tell-kernel --activate "$RESTORE_TARGET" -',
            NOT_BOOTABLE,
        ),
        (
            "INIT-LOST",
            "an exclude leaves out what starts everything else",
            'debugfs -w -R "rm /usr/sbin/init" "$RESTORE_TARGET?offset=$ROOT"',
            NOT_BOOTABLE,
        ),
        (
            "LARGE-FILE-LEFT-OUT",
            "an exclude leaves out what is large",
            'debugfs -w -R "rm /var/lib/application/recording.sparse" "$RESTORE_TARGET?offset=$ROOT"',
            DIFFERENT,
        ),
        (
            "DISK-HALF-WRITTEN",
            "the restore was killed half way, and nobody looked",
            # Half of what is written: the further half of a disk may hold nothing yet.
            'size=$(stat -c %s "$RESTORE_TARGET"); written=$(($(stat -c %b "$RESTORE_TARGET") * 512)); '
            'truncate -s $((written / 2)) "$RESTORE_TARGET"; truncate -s "$size" "$RESTORE_TARGET"',
            NOT_BOOTABLE,
        ),
        ("MACHINE-NONE", "the restore says that all is well and has done nothing", None, NOT_BOOTABLE),
    )
    return tuple(
        Fault(name, MACHINE, what, _then(script) if script else instead("echo '{}'"), named_by)
        for name, what, script, named_by in said
    )


FAULTS = (*_stored(), *_restored())
