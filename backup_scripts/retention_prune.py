"""Remove the backups of one set that are older than the retention term.

    python -m backup_scripts.retention_prune [--days 30] [--dry-run]

What counts is the time at which a backup was finished, as its manifest says. A backup is removed only
if all of this holds:

- it is older than the term, and its own promise (`retain_until`) has passed;
- a newer backup is at least as old as the term, so that a restore to that day stays possible;
- a backup younger than the term exists: otherwise the backups have stopped, and the old ones are all there is;
- it is none of the daily, weekly and monthly points that are kept, and no copy whose term is not over;
- it is not the newest that a verification has found right, as far as `.verification.json` tells (see backup_verify);
- nobody has pinned it (a file `.pinned/<backup id>` in the set, whose text says why);
- no kept backup builds on it, and nobody is reading it: no restore, no verification, no copying to another site.

While a file `.legal-hold` lies in the set, nothing is removed at all.

What is not a complete backup is neither counted nor touched: a foreign file, a damaged backup, a chain without
its beginning; nor is one that its last verification found wrong, with all that builds on it and that it builds on.
A removal that was interrupted is finished by the next run. The write-ahead log of a PostgreSQL server in the set
(`wal`, `stream`) is left alone.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   the set
  RETENTION_DAYS                  the term, unless it is given as an option (30)
  RETENTION_DAILY, RETENTION_WEEKLY, RETENTION_MONTHLY   how many such points are kept (none)
  RETENTION_COPIES                for how many days each monthly point is kept as which copy (none):
                                  archive=3650 compliance=2555
  RETENTION_TIME_ZONE             whose days, weeks and months they are (UTC)
  BACKUP_NOW                      an RFC 3339 time that replaces the clock

Prints {"set", "kept", "removed", "ignored", "dry_run"}: lists of ids, oldest first; why is told on stderr.

Exit status: 0 done; 1 failed; 2 wrong arguments; 3 refused, as the clock is behind the newest backup
(clock-backwards), or the record of verifications (record-invalid) or what is pinned (pins-unreadable) cannot be read;
nothing was removed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime

from backup_scripts import contract, files
from backup_scripts.contract import Arguments, Clock, Failed, Refused, Result, say, term
from backup_scripts.lineage import Backups, Lineage, inventory, lineages
from backup_scripts.locking import locked, opened
from backup_scripts.processors import without_pauses
from backup_scripts.repository import BackupSet, remove_all, writing_to
from backup_scripts.retention import Terms, held, pinned, reasons_to_keep
from backup_scripts.verification_record import Record

EXPIRED = ".expired-"


def prune(arguments: Sequence[str]) -> Result:
    """Decide, say why, remove; return what was kept and what was removed."""
    parser = Arguments(__doc__)
    parser.add_argument("--days", default=os.environ.get("RETENTION_DAYS", "30"), help="the term (30)")
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed, and remove nothing")
    options = parser.parse_args(arguments)
    terms = Terms.from_environment(term(options.days, where="--days or RETENTION_DAYS"))
    now, home = Clock().started, BackupSet.from_environment()
    if not home.directory.is_dir():
        raise Failed("no-such-set", f"{home.directory} is no directory; check BACKUP_REPOSITORY and BACKUP_SET")

    with without_pauses(), nullcontext() if options.dry_run else home.locked():
        backups, ignored = inventory(home)
        _refuse_clock_backwards(backups, now)
        lineage, record = lineages(backups), Record.of(home)
        whole = {backup_id: backups[backup_id] for backup_id in _sound(lineage, record)}
        ignored += sorted(backups.keys() - whole.keys())
        if hold := held(home.directory):
            reasons = dict.fromkeys(whole, f"legal hold: {hold}")
        else:
            pins = pinned(home.directory)
            reasons = reasons_to_keep(whole, lineage, now=now, terms=terms, pins=pins, proven=record.seen)
        expired = sorted(whole.keys() - reasons.keys())
        if not options.dry_run:
            reasons |= _remove(home, expired, lineage)
    removed = [backup_id for backup_id in expired if backup_id not in reasons]
    verb = "would remove" if options.dry_run else "removed"
    why = f"past the term of {terms.term.days} days, and no point that is kept"
    say(*(f"kept {backup_id}: {reason}" for backup_id, reason in sorted(reasons.items())))
    say(*(f"{verb} {backup_id}: {why}" for backup_id in removed))
    return {
        "set": home.directory.name,
        "kept": sorted(reasons),
        "removed": removed,
        "ignored": ignored,
        "dry_run": options.dry_run,
    }


def _sound(lineage: Lineage, record: Record) -> Iterator[str]:
    """Yield what no verification has found wrong, nor anything that it builds on."""
    for backup_id, line in lineage.items():
        if wrong := next((each for each in (backup_id, *line) if each in record.wrong), None):
            found = record.wrong[wrong]
            say(f"ignored {backup_id}: {found.reason} was found in {wrong} on {found.at:%Y-%m-%d}; fetch its copy")
        else:
            yield backup_id


def _refuse_clock_backwards(backups: Backups, now: datetime) -> None:
    newest = max((backup.finished for backup in backups.values()), default=now)
    if newest > now:
        times = f"the newest backup finished at {newest.isoformat()}, the clock says {now.isoformat()}"
        raise Refused("clock-backwards", f"{times}; set the clock right")


def _remove(home: BackupSet, expired: Sequence[str], lineage: Lineage) -> dict[str, str]:
    """Remove what is expired, children before their parents; return id → why it had to stay after all.

    A backup disappears by a rename, which is on disk before the first of its files goes.
    """
    stay: dict[str, str] = {}
    with writing_to(home.directory):
        for backup_id in sorted(expired, key=lambda backup_id: len(lineage[backup_id]), reverse=True):
            with opened(home.directory / backup_id, os.O_RDONLY) as directory:
                if backup_id in stay:
                    continue
                if locked(directory, fcntl.LOCK_EX):
                    (home.directory / backup_id).rename(home.directory / (EXPIRED + backup_id))
                else:
                    stay[backup_id] = "somebody is reading it"
                    stay |= dict.fromkeys(lineage[backup_id], f"{backup_id} builds on it")
        if expired:
            files.flush(home.directory)
        remove_all(home.directory.glob(EXPIRED + "*"))
    return stay


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(prune, arguments)


if __name__ == "__main__":
    contract.leave(main())
