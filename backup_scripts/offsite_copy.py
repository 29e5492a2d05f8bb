"""Copy the backups of one set to the off-site storage.

    python -m backup_scripts.offsite_copy

Copied is every complete backup that is not there yet, the oldest first, each after what it builds on. BACKUP_ID
names one backup, which is copied with what it builds on. A backup's manifest is sent last: a copy without it is none.
What a killed run has begun is finished by the next one, which sends only what is missing.

Every byte is compared with the manifest before it counts, and what the site says that it holds with what was sent.
With OFFSITE_LOCK_MODE every object is locked for OFFSITE_LOCK_DAYS from the end of the backup on, and the copy fails
where the site does not say so. The write-ahead log beside the backups is offsite_log's.

A damaged backup, or a copy that is another one's, keeps none from being copied but what builds on it.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET    the set
  BACKUP_ID                        one backup of it (all)
  OFFSITE_ENDPOINT, OFFSITE_BUCKET, OFFSITE_REGION, OFFSITE_PREFIX   the site
  OFFSITE_ACCESS_KEY_ID and OFFSITE_SECRET_ACCESS_KEY, or OFFSITE_CREDENTIALS_FILE (mode 0600)   the account
  OFFSITE_LOCK_MODE, OFFSITE_LOCK_DAYS   compliance or governance (no lock); the term (30)
  OFFSITE_PART_MEBIBYTES           the size of the parts of larger files (8)
  BACKUP_NOW                       an RFC 3339 time that replaces the clock

Prints {"set", "copied", "present", "ignored", "sent_bytes", "spared_bytes"}: lists of ids, and what went over the line.

Exit status: 0 done and verified; 1 failed; 2 wrong arguments; 3 refused: a line on stderr names each backup that is
damaged, no copy of which is complete.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from backup_scripts import contract, manifest
from backup_scripts.contract import Arguments, Clock, Failed, Refused, Result, say
from backup_scripts.lineage import Backups, Lineage, inventory, lineages
from backup_scripts.locking import locked, opened
from backup_scripts.manifest import StoredFile
from backup_scripts.offsite import AGAIN, Site
from backup_scripts.offsite_upload import AT_ONCE, DIFFERS, Lock, Sent, Uploader
from backup_scripts.repository import ANOTHER, BackupSet, StoredBackup, writing_to

LOCK = ".copying"


def copy(arguments: Sequence[str]) -> Result:
    """Copy what is not there yet; return what was copied."""
    Arguments(__doc__).parse_args(arguments)
    clock, home, site = Clock(), BackupSet.from_environment(), Site.from_environment(connections=AT_ONCE + 1)
    if not home.directory.is_dir():
        raise Failed("no-such-set", f"{home.directory} is no directory; check BACKUP_REPOSITORY and BACKUP_SET")
    tally = Sent()
    with _alone(home):
        backups, ignored = inventory(home)
        lineage = lineages(backups)
        ignored += sorted(backups.keys() - lineage.keys())
        there = set(site.backup_ids(home.directory.name))
        copied: list[str] = []
        present: list[str] = []
        wrong: dict[str, Failed | Refused] = {}
        for backup_id in _wanted(backups, lineage, home):
            if not wrong.keys().isdisjoint(lineage[backup_id]):
                say(f"not copied: {backup_id} builds on something that is wrong")
                continue
            try:
                backup = home.backup(backup_id)
                lock = Lock.wanted(backup.manifest.finished, now=clock.started)
                with backup.held():
                    uploader = Uploader(site, lock=lock, tally=tally)
                    _copy(backup, site, uploader, complete=backup_id in there)
            except (Failed, Refused) as error:
                if isinstance(error, Failed) and error.slug != DIFFERS:
                    raise
                wrong[backup_id] = error
            except OSError as error:
                what = f"{error.filename or home.directory / backup_id}: {error.strerror}"
                wrong[backup_id] = Refused("file-unreadable", f"{what}; {ANOTHER}")
            else:
                (present if backup_id in there else copied).append(backup_id)
    _raise_any(wrong, home)
    return {
        "set": home.directory.name,
        "copied": copied,
        "present": present,
        "ignored": ignored,
        "sent_bytes": tally.sent,
        "spared_bytes": tally.spared,
    }


def _wanted(backups: Backups, lineage: Lineage, home: BackupSet) -> list[str]:
    """Return what is to be copied, what others build on first."""
    named = os.environ.get("BACKUP_ID")
    if not named:
        return sorted(lineage, key=lambda backup_id: (backups[backup_id].finished, backup_id))
    home.backup(named).verify_sizes()  # says what is wrong with it
    if named not in lineage:
        raise Refused("chain-broken", f"{named} builds on a backup that is not there; copy another, take a full one")
    return [*reversed(lineage[named]), named]


def _copy(backup: StoredBackup, site: Site, uploader: Uploader, *, complete: bool) -> None:
    """Send a backup's files, then its manifest; of a complete copy see that it is this backup's, and locked."""
    set_name, backup_id = backup.directory.parent.name, backup.manifest.id
    text = (backup.directory / manifest.NAME).read_bytes()
    key = site.key(set_name, backup_id, manifest.NAME)
    if complete:
        if site.read(key) != text:
            raise Failed(DIFFERS, f"{key} is not the manifest of the backup that is here; {AGAIN}")
        keys = [site.key(set_name, backup_id, file.path) for file in backup.manifest.files]
        uploader.lock([*keys, key])  # it may have been copied before a lock was wanted
        return
    for file in backup.manifest.files:
        uploader.upload(backup.directory / file.path, site.key(set_name, backup_id, file.path), file)
    uploader.put(text, key, StoredFile(manifest.NAME, len(text), hashlib.sha256(text).hexdigest()))
    say(f"copied {set_name}/{backup_id}")


def _raise_any(wrong: Mapping[str, Failed | Refused], home: BackupSet) -> None:
    """Tell what was wrong with which backup; what pruning has removed meanwhile is not, unless it is named.

    Raises:
        Failed, Refused: the first of it.
    """
    named = os.environ.get("BACKUP_ID")
    contract.refuse_any([error for each, error in wrong.items() if named or (home.directory / each).exists()])


@contextmanager
def _alone(home: BackupSet) -> Iterator[None]:
    """Be the only one that copies the set; backups go on meanwhile.

    Raises:
        Failed: ``copy-busy``.
    """
    with writing_to(home.directory), opened(home.directory / LOCK, os.O_RDWR | os.O_CREAT) as descriptor:
        mine = locked(descriptor, fcntl.LOCK_EX)
        if not mine:
            raise Failed("copy-busy", f"{home.directory}: another copy is at work; wait until it ends")
        yield


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(copy, arguments)


if __name__ == "__main__":
    contract.leave(main())
