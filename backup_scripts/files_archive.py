"""Back up files and directories with GNU tar, everything or what has changed.

    python -m backup_scripts.files_archive [--incremental] [--growing] [--compose=DEFINITION] PATH...

Each PATH is seen from BACKUP_SOURCE (/): `home` and `/home` are the same. Content, modes, owners by number, times,
links, holes, access control lists, capabilities and other extended attributes are kept. With --incremental, what has
changed since BACKUP_PARENT_ID, or since the newest backup of the set, is stored; a full backup comes first. The backup
that it builds on is read whole, unless it was written, or found right by backup_verify, within a day; and so is all
that it builds on and that backup_verify has last found wrong.

A file that is written to while it is read is read again, until it holds still; after three times the backup fails.
With --growing, for logs, it is enough that what was there when reading began is stored. What vanishes meanwhile was
not to be kept any more, and what is added is for the next backup.

With --compose, what docker-compose (or the docker compose plugin) resolves that definition of containers to is stored,
too; where neither is installed, that is said. A definition that it refuses fails the backup.

Writes <repository>/<set>/<backup id>/ with 0.tar.zst (gzip where zstd is missing), 1.tar.zst … with what was read
again, snapshot.snar for the next increment, compose.resolved.yml, and manifest.json, and prints the manifest.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup goes: a directory that exists, and the set's name
  BACKUP_SOURCE                   the directory that paths are seen from (/)
  BACKUP_PARENT_ID                what an increment builds on; default: the newest backup
  BACKUP_IDENTITY_FILE            for increments: the file of the secret key, if the parent is encrypted
  RETENTION_DAYS                  how long the backup is promised to be kept (30)
  BACKUP_RECIPIENT                a public key of age (age1…): the backup is stored encrypted
  BACKUP_TIER                     its place in the schedule (daily)
  BACKUP_NOW                      an RFC 3339 time that replaces the clock

Exit status: 0 backed up; 1 failed, and nothing is left that looks like a backup; 2 wrong arguments; 3 the backup that
an increment would build on was refused.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from backup_scripts import compose, contract, files, files_chain, tar
from backup_scripts.contract import Arguments, Clock, Failed, Refused, Result, WrongArguments
from backup_scripts.repository import BackupSet, NewBackup, StoredBackup, writing_to
from backup_scripts.verification_record import Record

READINGS = 3
LATELY = timedelta(days=1)
"""So long a backup whose bytes were right is built on without reading them again; each restore reads them anyway."""


def back_up(arguments: Sequence[str]) -> Result:
    """Archive, read again what would not hold still, publish; return the manifest."""
    parser = Arguments(__doc__)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files and directories, seen from BACKUP_SOURCE")
    parser.add_argument("--incremental", action="store_true", help="only what has changed since the parent")
    parser.add_argument("--growing", action="store_true", help="files here only ever grow")
    parser.add_argument("--compose", type=_path, metavar="DEFINITION", help="store it as it is resolved, too")
    options = parser.parse_args(arguments)
    clock, destination = Clock(), BackupSet.from_environment()
    source = Path(os.environ.get("BACKUP_SOURCE", "/"))
    paths = [_path(each) for each in options.paths]
    version = tar.version()
    parent = _parent(destination, now=clock.started) if options.incremental else None
    if parent and parent.manifest.source["paths"] != paths:
        what = f"{parent.manifest.id} holds {' '.join(parent.manifest.source['paths'])}"
        raise Refused("paths-differ", f"{what}; take a full backup of the paths as they are named now")
    resolved = _resolved(options.compose, source) if options.compose else None

    with destination.new_backup(kind="incremental" if parent else "full", clock=clock) as backup:
        snapshot = backup.directory / files_chain.SNAPSHOT
        if parent:
            _take_over_snapshot(parent, snapshot)
        written = _archive(backup, paths, source=source, snapshot=snapshot, growing=options.growing)
        if resolved:
            with writing_to(backup.directory):
                (backup.directory / compose.FILE).write_text(resolved[1], "utf-8")
        return backup.publish(
            source={
                "engine": files_chain.ENGINE,
                "paths": paths,
                "parents": _parents([*paths, resolved[0]] if resolved else paths, source),
                "owners": sorted(written.owners),
                "entries": written.entries,
                **({"parent_files": files_chain.pin(parent)} if parent else {}),
                **({"resolved": resolved[0]} if resolved else {}),
            },
            tool={"name": "tar", "version": version},
            source_bytes=written.bytes,
            parent=parent.manifest.id if parent else None,
        )


def _path(text: str) -> str:
    path = PurePosixPath(text.lstrip("/"))
    if ".." in path.parts or not path.parts:
        raise WrongArguments("wrong-path", f"{text!r} is no path below BACKUP_SOURCE; name it without ..")
    return str(path)


def _resolved(definition: str, source: Path) -> tuple[str, str] | None:
    """Return where what a definition is resolved to is restored, and that text; None where no tool can tell.

    Restored it is beside the definition, past the links that lead there, which may lead elsewhere after a restore.

    Raises:
        WrongArguments: ``wrong-path``: they lead out of the source.
        Failed: ``source-missing``; ``definition-unresolved``.
    """
    place, root = source / definition, source.resolve()
    if not place.is_file():
        raise Failed("source-missing", f"{place} is no file; correct --compose, or mount what is missing")
    directory = place.parent.resolve()
    if not directory.is_relative_to(root):
        raise WrongArguments("wrong-path", f"a link leads {definition!r} out of BACKUP_SOURCE; name it where it is")
    text = compose.resolved(place)
    return None if text is None else (compose.restored_as(str(directory.relative_to(root) / place.name)), text)


def _parent(destination: BackupSet, *, now: datetime) -> StoredBackup:
    """Return what an increment builds on.

    Raises:
        Refused: ``no-such-backup`` where there is none; as `files_chain.ending_at` and `StoredBackup.verify`.
    """
    named = os.environ.get("BACKUP_PARENT_ID")
    newest = None if named else files_chain.newest(destination)
    if not named and newest is None:
        raise Refused("no-such-backup", f"{destination.directory} holds no backup to build on; take a full one")
    *older, parent = files_chain.ending_at(destination, named or newest.manifest.id)  # type: ignore[union-attr]
    for link in older:
        link.verify_sizes()
    record = Record.if_readable(destination)
    record.read_wrong_again(older)
    if _known_to_hold(parent, record, now=now):
        parent.verify_sizes()
        parent.verify_file(files_chain.SNAPSHOT)
    else:
        parent.verify()
    return parent


def _known_to_hold(backup: StoredBackup, record: Record, *, now: datetime) -> bool:
    """Tell whether every byte of a backup was written or read a short while ago, and nothing found wrong since."""
    if backup.manifest.id in record.wrong:
        return False
    seen = record.seen.get(backup.manifest.id)
    known_at = [backup.manifest.finished, *([seen.at] if seen else [])]
    return any(timedelta() <= now - at <= LATELY for at in known_at)


def _take_over_snapshot(parent: StoredBackup, snapshot: Path) -> None:
    with parent.held(), parent.plain_file(files_chain.SNAPSHOT) as kept, writing_to(snapshot):
        files.copy_whole(kept, snapshot)


def _archive(backup: NewBackup, paths: Sequence[str], *, source: Path, snapshot: Path, growing: bool) -> tar.Written:
    ending, compress = tar.compression()
    archive = backup.directory / f"0{ending}"
    written = tar.create(archive, [*map(os.fsencode, paths)], source=source, snapshot=snapshot, compress=compress)
    restless = [] if growing else _still_files(written.changed, source)
    for reading in range(1, READINGS + 1):
        if not restless:
            return written
        contract.say(f"{len(restless)} files were written to while they were read: reading them again")
        archive = backup.directory / f"{reading}{ending}"
        again = tar.create(archive, restless, source=source, snapshot=None, compress=compress)
        written.bytes += again.bytes
        restless = _still_files(again.changed, source)
    what = f"{os.fsdecode(restless[0])!r} was written to each of {READINGS + 1} times that it was read"
    raise Failed("source-changing", f"{what}; stop its writer, back up a snapshot, or give --growing if it is a log")


def _still_files(changed: Sequence[bytes], source: Path) -> list[bytes]:
    """Return which of these are still there and regular files: a directory changes with what is in it."""
    found = []
    for path in changed:
        try:
            status = os.lstat(os.fsencode(source) + b"/" + path)
        except FileNotFoundError:
            continue
        if stat.S_ISREG(status.st_mode):
            found.append(path)
    return found


def _parents(paths: Sequence[str], source: Path) -> list[dict[str, object]]:
    """Describe the directories above the paths, which a restore makes where they are missing."""
    above = {str(parent) for path in paths for parent in PurePosixPath(path).parents} - {"."}
    described: list[dict[str, object]] = []
    for parent in sorted(above):
        status = (source / parent).stat()
        described.append(
            {"path": parent, "mode": stat.S_IMODE(status.st_mode), "uid": status.st_uid, "gid": status.st_gid}
        )
    return described


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(back_up, arguments)


if __name__ == "__main__":
    contract.leave(main())
