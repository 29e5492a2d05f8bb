"""Build a machine's disk again from a backup made by system_image.

    python -m backup_scripts.system_restore [BACKUP_ID]

The backup is verified to the last byte before the disk is touched. A disk that is not blank, too small, or that
another restore is at work on, is refused. Then the first sector is marked, and every file system made with its own
identifiers, so that nothing in fstab or in the boot configuration has to be changed, filled, given its boot loader and
checked. The last act puts the partition table in the place of the mark: a disk that was left half way starts nothing.

Where a restore was killed, or failed on a device, the next one finds the mark, erases what is left and begins anew,
whichever backup it is of; a file on which one failed is blank. A disk that was put to another use since is refused.
One that was whole when the restore was killed bears a seal until it was told: the next run of the same backup says so,
as long as nobody has used it.
The disk may be a file or a block device; no mount is needed. Who is not root needs fakeroot, under which owners come
back, and a file that has capabilities fails the restore.

Times of files come back in whole seconds (those of FAT in two); the root directory and the boot loader get new ones.

Where the target is an empty directory, the files alone come back, every partition where it was mounted: what
`docker import` makes a container of, where there is no machine to be had. Only root can do that. They are unpacked
beside the directory, which therefore is no mount point, and appear at once; where that was killed, it is finished by
running it again.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup is
  BACKUP_ID                       which one, unless it is given as the argument
  BACKUP_IDENTITY_FILE            the file of the secret key, if the backup is encrypted
  RESTORE_TARGET                  the disk, blank or begun by a restore, or an empty directory for the files alone
  TMPDIR                          where the files are unpacked on their way; needs their size

Prints {"backup_id", "set", "target", "seconds", "bytes"}; bytes is the size of the disk, or of the files.

Exit status: 0 restored and verified; 1 failed; 2 wrong arguments; 3 the backup or the target was
refused, and the target was not touched.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from backup_scripts import contract, scratch, staging, system_disk, system_tree
from backup_scripts.contract import Arguments, Clock, Refused, Result, required
from backup_scripts.landing import Landing
from backup_scripts.repository import ANOTHER, BackupSet, StoredBackup
from backup_scripts.system_disk import Layout
from backup_scripts.system_image import ENGINE
from backup_scripts.system_marks import Seal
from backup_scripts.system_target import Target


@contextlib.contextmanager
def restore(arguments: Sequence[str]) -> Iterator[Result]:
    """Verify, refuse or restore, check; give what was done."""
    parser = Arguments(__doc__)
    parser.add_argument("backup_id", nargs="?", metavar="BACKUP_ID", help="default: the environment's BACKUP_ID")
    options = parser.parse_args(arguments)
    clock, target = Clock(), Path(required("RESTORE_TARGET")).absolute()
    backup = BackupSet.from_environment().backup(options.backup_id or required("BACKUP_ID"))

    with backup.held():
        if backup.manifest.source.get("engine") != ENGINE:
            raise Refused("wrong-kind", f"{backup.directory} was not made by system_image; use the script that fits it")
        with _tree(target, backup) if target.is_dir() else _disk(target, backup) as restored:
            yield {
                "backup_id": backup.manifest.id,
                "set": backup.manifest.set,
                "target": str(target),
                "seconds": round(clock.seconds(), 3),
                "bytes": restored,
            }


@contextlib.contextmanager
def _disk(path: Path, backup: StoredBackup) -> Iterator[int]:
    """Build the disk; give its size in bytes."""
    backup.verify()
    with Target.taken(path) as disk:
        with contextlib.ExitStack() as work:
            with backup.plain() as plain, scratch.directory() as place:
                layout = _layout(backup, plain)
                seal = _seal(backup, layout, scratch=place)
                is_whole = disk.bears(seal)
                if not is_whole:
                    left = disk.refuse_unfit(layout.bytes)
                    work.enter_context(disk.begun(backup.manifest.id, seal.extents, left=left))
                    system_disk.fill(disk, layout, _archives(layout, plain), scratch=place)
                    with ThreadPoolExecutor(1) as pool:  # both read the disk, and mostly wait for it
                        sealing = pool.submit(disk.sealing, seal)
                        system_disk.check(disk, layout)
            if is_whole:
                contract.say(f"{path} was restored by a run that did not live to say so, and not used since")
            else:
                disk.finish(sealing.result(), seal.first)  # nothing may be left to do then but to tell
        yield layout.bytes
        disk.unseal(seal)


def _seal(backup: StoredBackup, layout: Layout, *, scratch: Path) -> Seal:
    first = system_disk.first_sector(layout, scratch=scratch)
    partitions = tuple((part.start, part.size) for part in layout.partitions)
    return Seal(f"{backup.manifest.set}/{backup.manifest.id}", first, partitions)


@contextlib.contextmanager
def _tree(tree: Path, backup: StoredBackup) -> Iterator[int]:
    """Unpack the files; give how many bytes they take."""
    landing = Landing.at(tree, set=backup.manifest.set, backup=backup.manifest.id)
    if not landing.finish(staging.made_for, stagings=[staging.directory_beside(tree)]):
        staging.refuse_taken(tree)
        backup.verify()
        with backup.plain() as plain, landing.noted(), staging.beside(tree, None) as place:
            layout = _layout(backup, plain)
            system_tree.refuse_unfit(layout)
            system_tree.fill(place.make(staging.NEW), layout, _archives(layout, plain))
            staging.appear([place], landing)
    yield backup.manifest.source_bytes
    landing.forget()


def _archives(layout: Layout, plain: Path) -> Mapping[int, Path]:
    return {part.number: plain / part.archive for part in layout.partitions}


def _layout(backup: StoredBackup, plain: Path) -> Layout:
    try:
        return system_disk.parse((plain / "layout.json").read_text("ascii"))
    except (OSError, ValueError) as error:
        raise Refused("manifest-invalid", f"{backup.directory}/layout.json: {error}; {ANOTHER}") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(restore, arguments)


if __name__ == "__main__":
    contract.leave(main())
