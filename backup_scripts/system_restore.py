"""Build a machine's disk again from a backup made by system_image.

    python -m backup_scripts.system_restore [BACKUP_ID]

The backup is verified to the last byte before the disk is touched. A disk that is not blank, or too small, is refused.
Then every file system is made with its own identifiers, so that nothing in fstab or in the boot configuration has to be
changed, filled, and given its boot loader; the partition table comes last, so that a disk that was left half way
starts nothing, and one that failed is blanked: a file all of it, a device its beginning, so that it is to be wiped with
blkdiscard before the next restore. The disk may be a file or a block device; no mount is needed. Who is not
root needs fakeroot, under which owners come back, and a file that has capabilities fails the restore.

Times of files come back in whole seconds (those of FAT in two); the root directory and the boot loader get new ones.

Where the target is an empty directory, the files alone come back, every partition where it was mounted: what
`docker import` makes a container of, where there is no machine to be had. Only root can do that.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup is
  BACKUP_ID                       which one, unless it is given as the argument
  BACKUP_IDENTITY_FILE            the file of the secret key, if the backup is encrypted
  RESTORE_TARGET                  the blank disk, or an empty directory for the files alone
  TMPDIR                          where the files are unpacked on their way; needs their size

Prints {"backup_id", "set", "target", "seconds", "bytes"}; bytes is the size of the disk, or of the files.

Exit status: 0 restored and verified; 1 failed; 2 wrong arguments; 3 the backup or the target was
refused, and the target was not touched.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from backup_scripts import contract, scratch, system_disk, system_tree
from backup_scripts.contract import Arguments, Clock, Refused, Result, ScriptError, required
from backup_scripts.repository import ANOTHER, BackupSet, StoredBackup, writing_to
from backup_scripts.system_disk import Layout
from backup_scripts.system_image import ENGINE

CHUNK = 1 << 20


def restore(arguments: Sequence[str]) -> Result:
    """Verify, refuse or restore, check; return what was done."""
    parser = Arguments(__doc__)
    parser.add_argument("backup_id", nargs="?", metavar="BACKUP_ID", help="default: the environment's BACKUP_ID")
    options = parser.parse_args(arguments)
    clock, target = Clock(), Path(required("RESTORE_TARGET")).absolute()
    backup = BackupSet.from_environment().backup(options.backup_id or required("BACKUP_ID"))

    with backup.held():
        if backup.manifest.source.get("engine") != ENGINE:
            raise Refused("wrong-kind", f"{backup.directory} was not made by system_image; use the script that fits it")
        backup.verify()
        with backup.plain() as plain, scratch.directory() as place:
            layout = _layout(backup, plain)
            archives = {part.number: plain / part.archive for part in layout.partitions}
            restored = _tree(target, layout, archives) if target.is_dir() else _disk(target, layout, archives, place)
    return {
        "backup_id": backup.manifest.id,
        "set": backup.manifest.set,
        "target": str(target),
        "seconds": round(clock.seconds(), 3),
        "bytes": restored,
    }


def _disk(disk: Path, layout: Layout, archives: Mapping[int, Path], place: Path) -> int:
    """Build the disk; return its size in bytes."""
    _refuse_unfit(disk, layout)
    try:
        system_disk.fill(disk, layout, archives, scratch=place)
        system_disk.check(disk, layout)
    except ScriptError:
        contract.hold_signals()
        _blank(disk)
        raise
    return layout.bytes


def _tree(tree: Path, layout: Layout, archives: Mapping[int, Path]) -> int:
    """Unpack the files; return how many bytes they take."""
    system_tree.refuse_unfit(tree, layout)
    try:
        system_tree.fill(tree, layout, archives)
    except ScriptError:
        contract.hold_signals()
        system_tree.empty(tree)
        raise
    return sum(part.used for part in layout.partitions)


def _layout(backup: StoredBackup, plain: Path) -> Layout:
    try:
        return system_disk.parse((plain / "layout.json").read_text("ascii"))
    except (OSError, ValueError) as error:
        raise Refused("manifest-invalid", f"{backup.directory}/layout.json: {error}; {ANOTHER}") from None


def _refuse_unfit(disk: Path, layout: Layout) -> None:
    """Check that the target is a blank disk that is large enough.

    Raises:
        Refused: ``target-missing``, ``target-too-small``, ``target-not-empty``.
    """
    if not (disk.is_file() or disk.is_block_device()):
        raise Refused("target-missing", f"{disk} is no disk; name a device, or make a file with truncate")
    try:
        with disk.open("rb", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            if size < layout.bytes:
                raise Refused(
                    "target-too-small", f"{disk} has {size} bytes, {layout.bytes} are needed; take a larger one"
                )
            if not _is_blank(file.fileno(), size):
                raise Refused("target-not-empty", f"{disk} holds something; name another, or wipe it with blkdiscard")
    except OSError as error:
        raise Refused("target-missing", f"{disk}: {error.strerror}; name a disk that can be read") from None


def _is_blank(descriptor: int, size: int) -> bool:
    """Tell whether nothing but zeros can be read; the holes of a file need not be."""
    position = 0
    while position < size:
        try:
            position = os.lseek(descriptor, position, os.SEEK_DATA)
        except OSError:  # no data up to the end
            return True
        chunk = os.pread(descriptor, CHUNK, position)
        if any(chunk):
            return False
        position += len(chunk)
    return True


def _blank(disk: Path) -> None:
    """Leave nothing that starts; of a file, nothing that the next restore would take for somebody's data."""
    with writing_to(disk, slug="target-unwritable"), disk.open("r+b", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.truncate(0)
            file.truncate(size)
        else:
            file.seek(0)
            file.write(bytes(min(CHUNK, size)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(restore, arguments)


if __name__ == "__main__":
    sys.exit(main())
