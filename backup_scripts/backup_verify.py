"""Verify the stored backups of one set where they are: every byte is read again and compared with its manifest.

    python -m backup_scripts.backup_verify [--minutes N]

Of every backup the manifest is read, what it builds on, and that exactly its files are there in their sizes. Then their
bytes are read, from the disk and not from the system's memory of it, those first that were never read, then those that
were read longest ago. With --minutes no further backup is begun when so much time has passed; the next run goes on
there. Of the write-ahead log every segment is read that `wal/archive.sha256` or `stream/received.sha256` lists.

What was verified, and when, is kept in `.verification.json` in the set: by it a verification that has stopped can be
told, and a backup that was there and is gone although it is promised for longer. What was found wrong stands there too,
so that pruning counts no rotten backup as a point, until a later run finds it right. A set without backups is refused.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   the set
  BACKUP_NOW                      an RFC 3339 time that replaces the clock

Prints {"set", "verified", "left", "bytes"}: the ids that were read, those that were not begun, how much was read.

Exit status: 0 nothing is wrong; 1 failed; 2 wrong arguments; 3 refused: a line on stderr names each backup, and each
segment, that is missing, altered, cut off or has files too many.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from backup_scripts import contract, files, wal_index
from backup_scripts.contract import Arguments, Clock, Failed, Refused, Result, positive, say
from backup_scripts.lineage import lineages
from backup_scripts.repository import ANOTHER, RESERVED, BackupSet, StoredBackup
from backup_scripts.verification_record import Record
from backup_scripts.wal_index import FIND_IT


class Findings:
    """What is wrong with a set: for each backup and segment the first thing that was found."""

    def __init__(self, home: BackupSet) -> None:
        self._home = home
        self.wrong: dict[str, Refused] = {}

    @contextlib.contextmanager
    def about(self, name: str) -> Iterator[None]:
        """Note what is refused within; what pruning has removed meanwhile is not wrong."""
        try:
            yield
        except OSError as error:
            if (self._home.directory / name).exists():
                slug = "file-missing" if isinstance(error, FileNotFoundError) else "file-unreadable"
                self.wrong.setdefault(name, Refused(slug, f"{error.filename}: {error.strerror}; {ANOTHER}"))
        except Refused as error:
            if (self._home.directory / name).exists():
                self.wrong.setdefault(name, error)

    def raise_any(self) -> None:
        """Tell everything that is wrong.

        Raises:
            Refused: the last of it.
        """
        if self.wrong:
            *others, last = self.wrong.values()
            for error in others:
                say(f"error: {error}")
            raise last


def verify(arguments: Sequence[str]) -> Result:
    """Read what is stored; return what was verified."""
    parser = Arguments(__doc__)
    parser.add_argument("--minutes", help="begin to read no further backup after so many minutes (all are read)")
    options = parser.parse_args(arguments)
    limit = 60 * positive(options.minutes, where="--minutes") if options.minutes else None
    clock, home = Clock(), BackupSet.from_environment()
    if not home.directory.is_dir():
        raise Failed("no-such-set", f"{home.directory} is no directory; check BACKUP_REPOSITORY and BACKUP_SET")
    findings, record = Findings(home), Record.of(home)
    backups = _in_sight(home, findings)
    for backup_id, until in record.gone(now=clock.started).items():
        what = f"{home.directory / backup_id} was there and is promised until {until.isoformat()}"
        findings.wrong[backup_id] = Refused("backup-missing", f"{what}; fetch its copy from the other site")
    verified: list[str] = []
    left: list[str] = []
    size = 0
    for backup_id in record.longest_ago(backups):
        if limit is not None and verified and clock.seconds() > limit:
            left.append(backup_id)
        elif backup_id not in findings.wrong:
            with findings.about(backup_id):
                size += _read(backups[backup_id])
                verified.append(backup_id)
                record.note(backups[backup_id].manifest, at=clock.started)
    for backup_id in backups.keys() & findings.wrong.keys():
        record.note_wrong(backup_id, findings.wrong[backup_id].slug, at=clock.started)
    size += _read_log(home, findings)
    record.write(at=clock.started)
    findings.raise_any()
    if not backups:
        raise Refused("no-such-backup", f"{home.directory} holds no backup; look why none is taken")
    return {"set": home.directory.name, "verified": sorted(verified), "left": sorted(left), "bytes": size}


def _in_sight(home: BackupSet, findings: Findings) -> dict[str, StoredBackup]:
    """Return every backup whose manifest is valid; note what is none, and whose files or chain are not all there."""
    readable: dict[str, StoredBackup] = {}
    for place in sorted(home.directory.iterdir()):
        if place.name.startswith(".") or place.name in RESERVED:
            continue
        with findings.about(place.name):
            if not place.is_dir():
                raise Refused("unexpected-file", f"{place} is no backup; keep it elsewhere")
            backup = home.backup(place.name)
            readable[place.name] = backup
            backup.verify_sizes()
    sound = {name: backup.manifest for name, backup in readable.items() if name not in findings.wrong}
    for name in sound.keys() - lineages(sound).keys():
        with findings.about(name):
            what = f"{home.directory / name} builds on {sound[name].parent}, which does not hold or is not there"
            raise Refused("chain-broken", f"{what}; {ANOTHER}")
    return readable


def _read(backup: StoredBackup) -> int:
    """Read all files of a backup while pruning is kept away; return how many bytes they are."""
    with backup.held():
        files.forget([backup.directory / file.path for file in backup.manifest.files])
        backup.verify()
    return sum(file.size for file in backup.manifest.files)


def _read_log(home: BackupSet, findings: Findings) -> int:
    """Read every segment that was recorded; return how many bytes they are."""
    return sum(_read_segments(home.directory, name, findings) for name in wal_index.NAMES)


def _read_segments(home: Path, kept: str, findings: Findings) -> int:
    place, size = home / kept, 0
    for name, sha256 in wal_index.recorded(home, kept).items():
        try:
            files.forget([place / name])
            (found,) = files.checksums([place / name])
            size += (place / name).stat().st_size
        except FileNotFoundError:
            findings.wrong[name] = Refused("wal-missing", f"{place / name} was stored and is gone; {FIND_IT}")
        except OSError as error:
            findings.wrong[name] = Refused("file-unreadable", f"{place / name}: {error.strerror}; {FIND_IT}")
        else:
            if found != sha256:
                what = f"its SHA-256 is {found}, not {sha256}"
                findings.wrong[name] = Refused("checksum-mismatch", f"{place / name}: {what}; {FIND_IT}")
    return size


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(verify, arguments)


if __name__ == "__main__":
    contract.leave(main())
