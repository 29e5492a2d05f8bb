"""Recover a whole PostgreSQL server from backups made by postgres_basebackup and the log kept by postgres_wal.

    python -m backup_scripts.postgres_recover [BACKUP_ID] [--target TARGET] [--jobs N]
    python -m backup_scripts.postgres_recover --await [--patience SECONDS]

The first form makes the data directory. Before anything appears, the backup, all that it builds on and
the archived log are verified, and it is checked that they reach the target. Then the data directory and the tablespaces
appear, whole, ready for the server to be started on them; it recovers to the target and begins a new timeline. The
recovered server archives nowhere and waits for no standby: when it is in service, set archive_mode, archive_command and
synchronous_standby_names again, for a set of its own, and take a full backup. All that this script sets is at the end
of postgresql.auto.conf, recovery_init_sync_method = syncfs too, as everything is on disk already, and
recovery_prefetch = off where the log is damaged or gone beyond the target.

The second form waits until the server that was started has recovered.

The target is `end` (all that is archived), `immediate` (the end of the backup itself), `time:<RFC 3339>` (what was
committed up to and including that time is there), `name:<restore point>` or `lsn:<LSN>`. Without a BACKUP_ID it is the
newest backup that ends before the target.

Where it was killed, it is finished by running it again: the same backup, the same target.

The data directory gets the owner of its parent where this runs as root. tar, and zstd or lz4 if the backup was
compressed with them, must be there, and the client programs of the server's version.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backups and the log are
  BACKUP_ID                       which one, unless it is given as the argument
  RESTORE_TARGET                  the data directory that is to be made: absent or empty
  RESTORE_TABLESPACES             the directory in which the tablespaces are made, each by its OID (where they were)
  RECOVERY_TARGET                 the target, unless it is given as an option (end)
  RESTORE_COMMAND                 how the server fetches its log; if unset, `postgres_wal fetch %f %p`, which must be on
                                  the server's PATH, with the set and BACKUP_IDENTITY_FILE as they are here
  BACKUP_IDENTITY_FILE            the file of the secret key, if the backup is encrypted
  PGHOST PGPORT PGUSER PGPASSFILE … for --await: the connection, as libpq knows it; PGDATABASE (postgres)

Prints {"backup_id", "set", "chain", "target", "directory", "seconds", "bytes"}; bytes is what was read. With --await:
{"timeline", "seconds", "recovered_to": {"lsn", "time"}}, the end of the replayed log and its last commit.

Exit status: 0 done and verified; 1 failed; 2 wrong arguments; 3 a backup, the log or the target was
refused, and nothing was touched.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from backup_scripts import contract, postgres_chain, postgres_promotion, programs, staging
from backup_scripts.contract import Arguments, Clock, Refused, Result, positive, required
from backup_scripts.landing import UNWRITABLE, Landing
from backup_scripts.postgres import major
from backup_scripts.postgres_archive import Archive
from backup_scripts.postgres_assembly import Assembly
from backup_scripts.postgres_chain import Chain, Link
from backup_scripts.postgres_lsn import Numbering
from backup_scripts.postgres_target import Target, quoted
from backup_scripts.programs import Owner
from backup_scripts.repository import BackupSet, writing_to
from backup_scripts.staging import Staging

FIRST_WITH_ARCHIVE_LIBRARY = FIRST_WITH_PREFETCH = 15
FIRST_WITH_SYNCFS = 14
SIGNAL_FILES = ("recovery.signal", "standby.signal")
# What the source may have set, and would have the recovered server act on its archive, its standbys or its primary.
QUIET = {
    "archive_mode": "off",
    "archive_command": "",
    "archive_cleanup_command": "",
    "recovery_end_command": "",
    "recovery_min_apply_delay": "0",
    "primary_conninfo": "",
    "primary_slot_name": "",
    "synchronous_standby_names": "",
}


@contextmanager
def recover(arguments: Sequence[str]) -> Iterator[Result]:
    """Verify, refuse or make the data directory; or wait for the recovery; give what was done."""
    parser = Arguments(__doc__)
    parser.add_argument("backup_id", nargs="?", metavar="BACKUP_ID", help="default: BACKUP_ID, else the newest fit")
    parser.add_argument("--target", help="default: the environment's RECOVERY_TARGET, else end")
    parser.add_argument("--jobs", default=str(os.cpu_count()), help="files unpacked at once (one per processor)")
    parser.add_argument("--await", dest="wait", action="store_true", help="wait until the started server has recovered")
    parser.add_argument("--patience", default="300", help="seconds that it may make no progress (300)")
    options = parser.parse_args(arguments)
    patience, jobs = positive(options.patience, where="--patience"), positive(options.jobs, where="--jobs")
    if options.wait:
        yield postgres_promotion.wait(patience)
        return
    clock, home, directory = Clock(), BackupSet.from_environment(), Path(required("RESTORE_TARGET")).absolute()
    target = Target.parse(options.target or os.environ.get("RECOVERY_TARGET") or "end")

    backup_id = options.backup_id or os.environ.get("BACKUP_ID")
    with ExitStack() as stack:
        chain = Chain.ending_at(home, backup_id or _chosen(home, target))
        for link in chain.links:
            stack.enter_context(link.stored.held())
        chain.verify_sizes()
        last = chain.last
        places = [*last.tablespaces.values(), directory]
        landing = Landing.at(directory, chain=chain.ids, target=str(target), fetching=_restore_command())
        begun = landing.finish(staging.made_for, stagings=[staging.directory_beside(each) for each in places])
        if not begun:
            _refuse_unfit(chain, directory)
        log = target.refuse_unreachable(last, _archive(home, last))
        read = log.stored_bytes + sum(link.stored.manifest.stored_bytes for link in chain.links)
        if not begun:
            stack.enter_context(landing.noted())
            ahead = target.kind != "immediate" and log.broken is None
            _make(chain, directory, target, landing, jobs=jobs, ahead=ahead)
    yield {
        "backup_id": last.id,
        "set": home.directory.name,
        "chain": chain.ids,
        "target": str(target),
        "directory": str(directory),
        "seconds": round(clock.seconds(), 3),
        "bytes": read,
    }
    landing.forget()


def _make(chain: Chain, directory: Path, target: Target, landing: Landing, *, jobs: int, ahead: bool) -> None:
    """Make the data directory and the tablespaces, and have them appear."""
    last, owner = chain.last, Owner.of(directory.parent)
    with ExitStack() as stack:
        tablespaces = {
            oid: stack.enter_context(staging.beside(place, owner)) for oid, place in last.tablespaces.items()
        }
        data = stack.enter_context(staging.beside(directory, owner))
        assembly = Assembly(chain, data, tablespaces)
        assembly.make(jobs=jobs)
        assembly.verify()
        _configure(data, last, target, ahead=ahead)
        assembly.finish()
        staging.appear([*tablespaces.values(), data], landing)


def _archive(home: BackupSet, link: Link) -> Archive:
    return Archive(home, Numbering(int(link.source["wal_segment_size"])))


def _chosen(home: BackupSet, target: Target) -> str:
    links = list(postgres_chain.newest_first(home))
    return target.choose(links, _archive(home, links[0]) if links else None).id


def _refuse_unfit(chain: Chain, directory: Path) -> None:
    last = chain.last
    for program in ["pg_verifybackup", *(["pg_combinebackup"] if len(chain.links) > 1 else [])]:
        version = programs.tool_version(program)
        if major(version) != last.major:
            what = f"{program} is {version}, the backup is of server {last.source['server_version']}"
            raise Refused("version-mismatch", f"{what}; install the client programs of the server")
    staging.refuse_taken(directory)
    for place in last.tablespaces.values():
        staging.refuse_taken(place)


def _configure(data: Staging, link: Link, target: Target, *, ahead: bool) -> None:
    """Have the server recover to the target when it starts, archive nowhere, and follow nobody.

    A server that reads ahead of what it replays asks for the segment after the target's, and gives up where that is
    damaged or gone, although it needs nothing of it. ``ahead`` tells that all there is can be read.
    """
    settings = {"restore_command": _restore_command(), **target.settings(), **QUIET}
    settings |= {"recovery_target_action": "promote", "recovery_target_timeline": "latest"}
    settings |= {"recovery_target_inclusive": "on"}
    if link.major >= FIRST_WITH_ARCHIVE_LIBRARY:
        settings["archive_library"] = ""
    if link.major >= FIRST_WITH_PREFETCH and not ahead:
        settings["recovery_prefetch"] = "off"
    if link.major >= FIRST_WITH_SYNCFS:
        # All is on disk when this script ends: to flush 1300 files again, one by one, took the server 0.5 to 1.5 s.
        settings["recovery_init_sync_method"] = "syncfs"
    lines = [f"{name} = {quoted(value)}\n" for name, value in settings.items()]
    with writing_to(data.new, slug=UNWRITABLE):
        for name in SIGNAL_FILES:
            (data.new / name).unlink(missing_ok=True)
        for name, text in (("postgresql.auto.conf", "".join(lines)), ("recovery.signal", "")):
            with (data.new / name).open("a", encoding="utf-8") as file:
                file.write(text)
            if data.owner:
                data.owner.take(data.new / name)


def _restore_command() -> str:
    if given := os.environ.get("RESTORE_COMMAND"):
        return given
    facts = {
        "BACKUP_REPOSITORY": str(Path(required("BACKUP_REPOSITORY")).absolute()),
        "BACKUP_SET": required("BACKUP_SET"),
        "BACKUP_IDENTITY_FILE": os.environ.get("BACKUP_IDENTITY_FILE"),
    }
    assignments = [f"{name}={shlex.quote(value)}".replace("%", "%%") for name, value in facts.items() if value]
    return " ".join([*assignments, "postgres_wal fetch %f %p"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(recover, arguments)


if __name__ == "__main__":
    contract.leave(main())
