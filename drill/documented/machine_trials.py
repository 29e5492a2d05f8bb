"""The trials of the document's commands that recover a whole machine, carried out one after the other on one machine.

Each takes up what the one before has left behind. Where a command was found wanting in what the next one needs, the
trial puts that in its place, so that the next one is judged by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from drill.documented.machine_desk import BACKUP, MachineDesk
from drill.errors import DrillError
from drill.machines.rescue import BLANK, LABEL

MOUNTED = f"mountpoint --quiet {BACKUP}"
WRITABLE = f"touch {BACKUP}/written 2>/dev/null"
NOT_FOUND = (
    "for each in $(sed -n 's/^UUID=\\([^ ]*\\) .*/\\1/p' /etc/fstab); do "
    'blkid --uuid "$each" >/dev/null || echo "$each"; done'
)
"""Tells which file systems the running system would look for in vain if it were started now."""
LAY_OUT = (
    f"printf 'label: dos\\nstart=1MiB, type=83, bootable\\n' | sfdisk --quiet {BLANK} && mke2fs -q -t ext4 {BLANK}1"
)
MAKE_BLANK = f"dd if=/dev/zero of={BLANK} bs=1M count=1 conv=fsync status=none"
"""All that a BIOS starts lies in front of the first partition."""
HAS_GRUB = f"sync && debugfs -R 'stat /boot/grub/i386-pc/normal.mod' {BLANK}1 2>&1 | grep --quiet 'Type: regular'"


def mount_storage(desk: MachineDesk) -> Iterator[str]:
    """Mount it on a medium as it comes, then word for word, then in a way that the next command can go on with."""
    desk.run("mount-storage")
    if not desk.tells(MOUNTED):
        yield "the place that it is to be mounted on is not there"
        desk.ask(f"mkdir {BACKUP}")
    else:
        desk.ask(f"umount {BACKUP}")
    desk.run_as_written("mount-storage")
    if not desk.tells(MOUNTED):
        yield "there is no disk of that name"
        desk.run("mount-storage")
    if not desk.tells(MOUNTED):
        raise DrillError(f"nothing is mounted on {BACKUP} of {desk.machine}", remedy="see what the command says")
    if desk.tells(WRITABLE):
        yield "the backup can be altered where it is mounted"


def system_sync(desk: MachineDesk) -> Iterator[str]:
    """Restore, and see where that went to."""
    before = desk.ask("cat /etc/hostname")
    desk.run("system-sync-on-a-machine")
    after, missing = desk.ask("sync; cat /etc/hostname"), desk.ask(NOT_FOUND)
    if desk.machine.is_blank:
        yield "the machine's disk stays blank"
    if after != before:
        yield "the recovery medium is overwritten"
    if missing:
        yield "the recovery medium starts no more, as it looks for file systems of the lost disk"


def bootloader(desk: MachineDesk) -> Iterator[str]:
    """Install it on the disk as it was left; should it be blank, once more on one that has a file system."""
    blank = desk.machine.is_blank
    installed = desk.run("bootloader-install")
    if blank and installed.status != 0:
        yield "on a blank disk it fails"
        desk.ask(LAY_OUT)
        installed = desk.run("bootloader-install")
    if installed.status != 0:
        yield "it fails"
    elif not desk.tells(HAS_GRUB):
        yield "it ends with success, and what starts the machine lies on the recovery medium"
    if blank:
        desk.ask(MAKE_BLANK)


def reboot(desk: MachineDesk) -> Iterator[str]:
    """Restart it, without the medium and the storage."""
    desk.run("machine-reboot")
    desk.machine.wait_for_end()
    desk.machine.take_medium_out()
    if not desk.machine.comes_up():
        yield "nothing starts from the machine's disk"


MACHINE_TRIALS: Mapping[str, Callable[[MachineDesk], Iterator[str]]] = MappingProxyType(
    {
        "mount-storage": mount_storage,
        "system-sync-on-a-machine": system_sync,
        "bootloader-install": bootloader,
        "machine-reboot": reboot,
    }
)
"""The trial of each command, by its id in policy.toml, in the order of the document."""

TARGET = "/mnt/target"
CORRECTED: Mapping[str, str] = MappingProxyType(
    {
        "mount-storage": f"mkdir -p {BACKUP} && mount -o ro LABEL={LABEL} {BACKUP}",
        "system-sync-on-a-machine": f"""set -e
            printf 'label: dos\\nstart=1MiB, type=83, bootable\\n' | sfdisk --quiet {BLANK}
            uuid=$(sed -n 's,^UUID=\\([^ ]*\\) / .*,\\1,p' {BACKUP}/system/etc/fstab)
            mke2fs -q -t ext4 -U "$uuid" {BLANK}1
            mkdir {TARGET}
            mount {BLANK}1 {TARGET}
            rsync -aHAXS --numeric-ids --delete {BACKUP}/system/ {TARGET}/""",
        "bootloader-install": f"""set -e
            for each in dev proc sys; do mount --bind /$each {TARGET}/$each; done
            chroot {TARGET} grub-install {BLANK}""",
        "machine-reboot": f"umount --recursive {TARGET} && reboot",
    }
)
"""The same programs, told what they have to be told: where the backup is, and how the disk is laid out and named."""
