"""Copy the write-ahead log of one set to the off-site storage: what the server archived, and what was streamed.

    python -m backup_scripts.offsite_log

Run it every few minutes: what is lost with the whole site is what the server had not archived yet (archive_timeout),
or the receiver had not received, and what came since the last run. Copied is what `wal/archive.sha256` lists and the
site does not have, in the order of the list, so that a run that is killed leaves no hole. Every segment is compared
with its checksum before it counts, and what the site says that it holds with what was sent. One that is missing or
altered here keeps none after it from being copied; every run tells of it, until it is found again. With
OFFSITE_LOCK_MODE each is locked for OFFSITE_LOCK_DAYS from the time at which it was archived. Of the streamed log
(`stream`) whole segments are copied in their order, then the unfinished one (.partial): as that, as often as it has
changed, unlocked.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET    the set
  OFFSITE_ENDPOINT, OFFSITE_BUCKET, OFFSITE_REGION, OFFSITE_PREFIX   the site
  OFFSITE_ACCESS_KEY_ID and OFFSITE_SECRET_ACCESS_KEY, or OFFSITE_CREDENTIALS_FILE (mode 0600)   the account
  OFFSITE_LOCK_MODE, OFFSITE_LOCK_DAYS   compliance or governance (no lock); the term (30)
  BACKUP_NOW                       an RFC 3339 time that replaces the clock

Prints {"set", "copied", "present", "newest", "sent_bytes"}: how many files; the last one; what was sent.

Exit status: 0 done and verified; 1 failed; 2 wrong arguments; 3 refused: a line on stderr names each segment that is
missing or altered here; all others were copied.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from datetime import UTC, datetime

from backup_scripts import contract, wal_index
from backup_scripts.contract import Arguments, Clock, Failed, Refused, Result
from backup_scripts.locking import locked, opened
from backup_scripts.manifest import StoredFile
from backup_scripts.offsite import Site
from backup_scripts.offsite_stream import Stream
from backup_scripts.offsite_upload import AT_ONCE, Lock, Sent, Uploader
from backup_scripts.repository import BackupSet, writing_to
from backup_scripts.wal_index import FIND_IT

LOCK = ".copying-log"


def copy(arguments: Sequence[str]) -> Result:
    """Copy what is not there yet; return what was copied."""
    Arguments(__doc__).parse_args(arguments)
    clock, home, site = Clock(), BackupSet.from_environment(), Site.from_environment(connections=AT_ONCE + 1)
    if not home.directory.is_dir():
        raise Failed("no-such-set", f"{home.directory} is no directory; check BACKUP_REPOSITORY and BACKUP_SET")
    tally, copied, wrong = Sent(), 0, list[Refused]()
    with writing_to(home.directory), opened(home.directory / LOCK, os.O_RDWR | os.O_CREAT) as descriptor:
        if not locked(descriptor, fcntl.LOCK_EX):
            raise Failed("copy-busy", f"{home.directory}: another copy of the log is at work; wait until it ends")
        listed, there = wal_index.recorded(home.directory), site.log(home.directory.name)
        for name, sha256 in listed.items():
            if name in there:
                continue
            try:
                _copy(home, site, name, sha256, tally, now=clock.started)
                copied += 1
            except Refused as error:
                wrong.append(error)
        stream = Stream(home, site, tally, now=clock.started)
        stream.copy()
    contract.refuse_any(wrong)
    streamed = sorted(stream.copied + stream.present)
    return {
        "set": home.directory.name,
        "copied": copied + len(stream.copied),
        "present": len(listed) - copied + len(stream.present),
        "newest": streamed[-1] if streamed else next(reversed(listed), None),
        "sent_bytes": tally.sent,
    }


def _copy(home: BackupSet, site: Site, name: str, sha256: str, tally: Sent, *, now: datetime) -> None:
    file = home.directory / wal_index.PLACE / name
    try:
        status = file.stat()
    except FileNotFoundError:
        raise Refused("wal-missing", f"{file} was archived and is gone; {FIND_IT}") from None
    archived = datetime.fromtimestamp(status.st_mtime, UTC)
    uploader = Uploader(site, lock=Lock.wanted(archived, now=now), tally=tally)
    key = site.key(home.directory.name, wal_index.PLACE, name)
    uploader.upload(file, key, StoredFile(f"{wal_index.PLACE}/{name}", status.st_size, sha256))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(copy, arguments)


if __name__ == "__main__":
    contract.leave(main())
