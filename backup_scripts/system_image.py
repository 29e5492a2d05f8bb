"""Back up a whole machine: every file of every file system on its disk, and the layout of the disk.

    python -m backup_scripts.system_image

Reads the running machine as root, over SSH or where it runs itself, with tar, sfdisk and blkid. Writes
<repository>/<set>/<backup id>/ with partition-N.tar.zst for each partition, layout.json, packages.tsv (every Debian
package with its version) and manifest.json, and prints the manifest. A partition that is not mounted, or whose
file system cannot be made again, fails the backup: nothing is left out in silence. So does a file that changes while
it is read. What the kernel makes up (/proc, /sys, /dev, /run) is on no partition and is not stored.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup goes: a directory that exists, and the set's name
  SYSTEM_HOST                     the machine, as ssh names it; unset: this one
  SYSTEM_SSH_CONFIG               the file in which ssh finds its address, user, key and host key
  RETENTION_DAYS                  how long the backup is promised to be kept (30)
  BACKUP_RECIPIENT                a public key of age (age1…): the backup is stored encrypted
  BACKUP_TIER                     its place in the schedule (daily)
  BACKUP_NOW                      an RFC 3339 time that replaces the clock

Exit status: 0 backed up and verified; 1 failed, and nothing is left that looks like a backup; 2 wrong arguments.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from backup_scripts import contract, programs
from backup_scripts.contract import Arguments, Clock, Failed, Result
from backup_scripts.programs import Hearing
from backup_scripts.repository import BackupSet, writing_to
from backup_scripts.system_disk import SIGNIFICANT, Layout, Partition

ENGINE = "machine"
PACKAGES = ("dpkg-query", "--show", "--showformat", "${Package}\\t${Version}\\t${Architecture}\\n")
TAR = (
    "tar", "--create", "--file=-", "--format=posix", "--one-file-system", "--sparse",
    "--numeric-owner", "--acls", "--xattrs", "--xattrs-include=*",
)  # fmt: skip
UNREACHABLE = 255
"""What ssh ends with where it did not get there, and no program that it ran."""


def back_up(arguments: Sequence[str]) -> Result:
    """Describe the disk, store its files, publish; return the manifest."""
    Arguments(__doc__).parse_args(arguments)
    clock, destination = Clock(), BackupSet.from_environment()
    root = _ask("findmnt", "--noheadings", "--output=SOURCE", "/").strip()
    disk = f"/dev/{_ask('lsblk', '--noheadings', '--output=PKNAME', root).strip()}"
    layout = _layout(disk)
    _check_boot(layout)
    host, kernel = _ask("uname", "-n").strip(), _ask("uname", "-r").strip()
    with destination.new_backup(kind="full", clock=clock) as backup:
        for part in layout.partitions:
            _store(part, backup.directory / part.archive)
        packages = _ask(*PACKAGES)
        with writing_to(backup.directory):
            (backup.directory / "layout.json").write_text(layout.as_json(), "ascii")
            (backup.directory / "packages.tsv").write_text(packages, "utf-8")
        return backup.publish(
            source={"engine": ENGINE, "host": host, "kernel": kernel, "disk_bytes": layout.bytes},
            tool={"name": "tar", "version": _ask("tar", "--version").split("\n")[0].rpartition(" ")[2]},
            source_bytes=sum(part.used for part in layout.partitions),
        )


def _layout(disk: str) -> Layout:
    table = json.loads(_ask("sfdisk", "--json", disk))["partitiontable"]
    if table["label"] != "dos":
        raise Failed("layout-unknown", f"{disk} has a table of the kind {table['label']}; only dos can be made again")
    partitions = tuple(_partition(number, entry) for number, entry in enumerate(table["partitions"], start=1))
    return Layout(table["id"], partitions)


def _partition(number: int, entry: dict[str, object]) -> Partition:
    node = str(entry["node"])
    # From the disk itself (-p): a cache may be older than the file system.
    told = dict(line.split("=", 1) for line in _ask("blkid", "-p", "-o", "export", node).splitlines() if "=" in line)
    if told.get("TYPE") not in SIGNIFICANT:
        what = f"{node} holds {told.get('TYPE', 'nothing known')}"
        raise Failed("layout-unknown", f"{what}; only {' and '.join(sorted(SIGNIFICANT))} can be made again")
    mounted = _run("findmnt", "--noheadings", "--output=TARGET", "--first-only", node)
    if not mounted.answer.strip():
        raise Failed(
            "filesystem-not-mounted", f"{node} ({told['TYPE']}) is not mounted and would be left out; mount it"
        )
    place = mounted.answer.strip()
    used = _ask("df", "--block-size=1", "--output=used", place).split()[1]
    return Partition(
        number=number,
        start=int(str(entry["start"])),
        size=int(str(entry["size"])),
        type=str(entry["type"]),
        bootable=bool(entry.get("bootable")),
        filesystem=told["TYPE"],
        version=told.get("VERSION", "") if told["TYPE"] == "vfat" else "",
        uuid=told["UUID"],
        label=told.get("LABEL", ""),
        mounted_on=place,
        used=int(used),
    )


def _check_boot(layout: Layout) -> None:
    """Check that the machine starts in the one way that can be made again.

    Raises:
        Failed: ``boot-loader-unknown``.
    """
    active = [part for part in layout.partitions if part.bootable and part.filesystem == "vfat"]
    if len(active) != 1 or _run("test", "-f", f"{active[0].mounted_on}/ldlinux.sys").status != 0:
        raise Failed("boot-loader-unknown", "no active FAT partition holds SYSLINUX; only that can be made again")


def _store(part: Partition, file: Path) -> None:
    command = [*TAR, f"--directory={part.mounted_on}", "."]
    with programs.started(_reached(command)) as reading:
        heard = Hearing(reading, aloud=True)
        with programs.started(["zstd", "--quiet", "-o", str(file)], stdin=reading.stdout) as packing:
            packed = Hearing(packing, aloud=True).finished("zstd")
        assert reading.stdout
        reading.stdout.close()
        read = heard.finished("tar")
    if packed.status != 0:
        raise packed.failure("backup-failed", "no backup was made; put that right and run it again")
    if read.status == 1:  # GNU tar's way to say that a file was not the same from its begin to its end
        raise read.failure("changed-while-read", "stop what writes there, and run it again")
    if read.status != 0 and read.last_words.endswith(": Permission denied"):
        raise read.failure("source-unreadable", "back up as root, or as a user who may read it")
    if read.status != 0:
        raise read.failure("backup-failed", "no backup was made; put that right and run it again")


def _ask(*command: str) -> str:
    finished = _run(*command)
    if finished.status != 0:
        raise finished.failure("system-unreadable", "look whether the machine answers, and whether this is root there")
    return finished.answer


def _run(*command: str) -> programs.Finished:
    finished = programs.run(_reached(command), aloud=False)
    if os.environ.get("SYSTEM_HOST") and finished.status == UNREACHABLE:
        raise finished.failure("system-unreachable", "see SYSTEM_HOST and SYSTEM_SSH_CONFIG, and whether it runs")
    return finished


def _reached(command: Sequence[str]) -> list[str]:
    """Return a command as it is run on the machine."""
    host, configuration = os.environ.get("SYSTEM_HOST"), os.environ.get("SYSTEM_SSH_CONFIG")
    if not host:
        return list(command)
    file = ["-F", configuration] if configuration else []
    # What goes over SSH is read by a shell there.
    return ["ssh", *file, "-o", "BatchMode=yes", host, shlex.join(["env", "LC_ALL=C", *command])]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(back_up, arguments)


if __name__ == "__main__":
    contract.leave(main())
