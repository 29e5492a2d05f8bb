"""Back up a whole PostgreSQL server with pg_basebackup: every database, roles, settings, tablespaces.

    python -m backup_scripts.postgres_basebackup [--compress METHOD]
    python -m backup_scripts.postgres_basebackup --incremental [--parent BACKUP_ID] [--compress METHOD]

Writes <repository>/<set>/<backup id>/ with base.tar, one <oid>.tar for each tablespace, pg_wal.tar (all that makes
the backup consistent by itself), PostgreSQL's own backup_manifest, and manifest.json; prints the manifest.

An incremental backup holds the blocks that changed since its parent, which is the newest backup of the set
unless one is named. It needs PostgreSQL 17 or newer and `summarize_wal = on` since before the parent was made,
and is restored together with all that it builds on. Unlogged tables come back empty: they are in no physical backup.

Verified before a backup appears: pg_basebackup has ended well, its backup_manifest is whole and of the server that was
asked, base and log are there, and every file is on disk, its SHA-256 recorded. What is in the archives is not read
again: pg_verifybackup does that with every restore.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup goes: a directory that exists, and the set's name
  PGHOST PGPORT PGUSER PGPASSFILE … the connection, as libpq knows it; passwords belong in the password file.
                                  PGUSER must have REPLICATION, and be let in by pg_hba.conf for replication too
  PGDATABASE                      where the server is asked about itself (postgres)
  BACKUP_PARENT_ID                the parent, unless it is given as an option
  RETENTION_DAYS                  how long the backup is promised to be kept (30)
  BACKUP_RECIPIENT                a public key of age (age1…): the backup is stored encrypted
  BACKUP_IDENTITY_FILE            for an incremental backup of an encrypted one: the file of the secret key
  BACKUP_TIER                     its place in the schedule (daily)
  BACKUP_NOW                      an RFC 3339 time that replaces the clock

Exit status: 0 backed up, and verified so far; 1 failed, and nothing is left that looks like a backup; 2 wrong
arguments; 3 refused: the parent is not usable (no-such-backup, parent-unusable), and nothing was made.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from backup_scripts import contract, postgres, postgres_chain, programs, threads
from backup_scripts.contract import Arguments, Clock, Failed, Refused, Result
from backup_scripts.postgres_chain import BACKUP_MANIFEST, TOOL, Chain, Link
from backup_scripts.postgres_manifest import BackupManifest
from backup_scripts.programs import Finished
from backup_scripts.repository import BackupSet
from backup_scripts.verification_record import Record

FIRST_WITH_INCREMENTAL = 17
PROGRAM = {"gz": ("gzip", "-1"), "zst": ("zstd", "-1", "--quiet", "--rm")}
# Written from the beginning to the end: what is copied. The log's archive is not, and is compressed when it is whole.
ARCHIVES = r"(?:base|\d+)\.tar(?:\.\w+)?"
SUMMARIES = ("WAL summar", "summarize_wal")
PARENT = ("timeline", "manifest", "backup history", "previous backup")

TABLESPACES = """(
    SELECT coalesce(json_object_agg(oid, pg_tablespace_location(oid)), '{}')
    FROM pg_tablespace WHERE pg_tablespace_location(oid) LIKE '/%')
"""
# All that is asked before the copy, in one connection.
BEFORE = f"""
SELECT json_build_object(
    'tablespaces', {TABLESPACES},
    'system_identifier', (SELECT system_identifier::text FROM pg_control_system()),
    'server_version', split_part(current_setting('server_version'), ' ', 1),
    'wal_segment_size', (SELECT bytes_per_wal_segment FROM pg_control_init()),
    'data_checksums', current_setting('data_checksums'),
    'summarize_wal', current_setting('summarize_wal', true),
    'has_zstd', (SELECT 'zstd' = ANY (enumvals) FROM pg_settings WHERE name = 'wal_compression'),
    'bytes', (SELECT sum(pg_database_size(oid)) FROM pg_database WHERE has_database_privilege(oid, 'CONNECT')))
"""  # noqa: S608 - built of constants
AFTER = f"""
SELECT json_build_object(
    'tablespaces', {TABLESPACES},
    'stop_time', to_json(clock_timestamp() AT TIME ZONE 'UTC') #>> '{{}}')
"""


def back_up(arguments: Sequence[str]) -> Result:
    """Copy the cluster, check, publish; return the manifest."""
    parser = Arguments(__doc__)
    parser.add_argument("--incremental", action="store_true", help="only what changed since the parent")
    parser.add_argument("--parent", metavar="BACKUP_ID", help="default: BACKUP_PARENT_ID, else the newest backup")
    parser.add_argument(
        "--compress", metavar="METHOD", help="as pg_basebackup takes it (zstd on the server, or gzip:1)"
    )
    options = parser.parse_args(arguments)
    clock, destination, database = Clock(), BackupSet.from_environment(), os.environ.get("PGDATABASE") or "postgres"
    asked = options.parent or os.environ.get("BACKUP_PARENT_ID")

    with programs.beside((TOOL, "--version"), harmless=True) as telling:
        server = postgres.ask(BEFORE, database=database)
        version = programs.told_version(telling())
    _refuse_versions(version, server, incremental=options.incremental)
    compress = options.compress or ("server-zstd" if server["has_zstd"] and shutil.which("zstd") else "gzip:1")
    with destination.new_backup(kind="incremental" if options.incremental else "full", clock=clock) as backup:
        parent = _parent(destination, asked, server) if options.incremental else None
        growing = backup.growing(ARCHIVES)
        with growing.followed():
            _copy(backup.directory, compress=compress, parent=parent, label=backup.id)
        with threads.beside(lambda: postgres.ask(AFTER, database=database)) as asked, _wal_compressed(backup.directory):
            found = BackupManifest.read(backup.directory / BACKUP_MANIFEST)
            _check(backup.directory, found, server)
            after = asked()
        return backup.publish(
            source={
                "engine": postgres.ENGINE,
                "system_identifier": server["system_identifier"],
                "server_version": server["server_version"],
                "wal_segment_size": server["wal_segment_size"],
                "data_checksums": server["data_checksums"],
                "timeline": found.timeline,
                "start_lsn": found.start_lsn,
                "stop_lsn": found.stop_lsn,
                "stop_time": f"{after['stop_time']}+00:00",
                "tablespaces": _copied(backup.directory, server["tablespaces"] | after["tablespaces"]),
                **(parent.pins() if parent else {}),
            },
            tool={"name": TOOL, "version": version},
            source_bytes=int(server["bytes"]),
            parent=parent.id if parent else None,
            growing=growing,
        )


def _refuse_versions(version: str, server: dict[str, Any], *, incremental: bool) -> None:
    client, major = postgres.major(version), postgres.major(server["server_version"])
    if client < major:
        what = f"{TOOL} {version} cannot copy server {server['server_version']}"
        raise Failed("version-mismatch", f"{what}; install the client programs of the server")
    if incremental and major < FIRST_WITH_INCREMENTAL:
        what = f"server {server['server_version']} makes no incremental backups"
        raise Failed("unsupported-version", f"{what}, PostgreSQL {FIRST_WITH_INCREMENTAL} does; take full ones")
    if incremental and server["summarize_wal"] != "on":
        raise _summaries_missing("summarize_wal is off")


def _summaries_missing(what: str) -> Failed:
    advice = "set summarize_wal = on (and wal_summary_keep_time longer than the schedule), then take a full backup"
    return Failed("summaries-missing", f"{what}; {advice}")


def _parent(home: BackupSet, asked: str | None, server: dict[str, Any]) -> Link:
    """Return the backup to build on: the one asked for, or the newest whose chain is whole."""
    if asked:
        return _usable(home, asked, server)
    passed_over = None
    for newest in postgres_chain.newest_first(home):
        try:
            return _usable(home, newest.id, server)
        except Refused as error:
            passed_over = passed_over or error
            contract.say(f"passed over: {error}")
    if passed_over:
        raise passed_over
    raise Refused("no-such-backup", f"{home.directory} holds no backup to build on; take a full one first")


def _usable(home: BackupSet, backup_id: str, server: dict[str, Any]) -> Link:
    """Return a backup of this very server, its whole chain checked by the sizes of its files.

    Whatever of it backup_verify has last found wrong is read again.
    """
    try:
        chain = Chain.ending_at(home, backup_id)
        chain.verify_sizes()
        Record.if_readable(home).read_wrong_again(each.stored for each in chain.links)
    except Refused as error:
        if error.slug == "no-such-backup":
            raise
        raise Refused("parent-unusable", f"{backup_id}: {error}; take a full backup") from None
    for name in ("system_identifier", "data_checksums"):
        if chain.last.source[name] != server[name]:
            what = f"{name} is {chain.last.source[name]} in {backup_id}, and {server[name]} on the server"
            raise Refused("parent-unusable", f"{what}; take a full backup")
    return chain.last


def _copy(directory: Path, *, compress: str, parent: Link | None, label: str) -> None:
    command = [TOOL, "--no-password", f"--pgdata={directory}", "--format=tar", "--wal-method=stream"]
    # No sync, because the repository flushes every file while it hashes it; and CRC32C in PostgreSQL's own manifest,
    # because the repository has the SHA-256 of every archive: a server built without OpenSSL takes twice the time.
    command += ["--checkpoint=fast", "--no-sync", f"--label={label}", f"--compress={compress}"]
    if parent is None:
        copied = programs.run(command, has_children=True)
    else:
        with parent.stored.plain_file(BACKUP_MANIFEST) as manifest:
            copied = programs.run([*command, f"--incremental={manifest}"], has_children=True)
    if copied.status != 0:
        raise _failure(copied, parent)


def _failure(copied: Finished, parent: Link | None) -> Exception:
    if parent and any(sign in copied.said for sign in SUMMARIES):
        return _summaries_missing(copied.last_words)
    if refusal := postgres.replication_failure(copied):
        return refusal
    if parent and "error:" in copied.said and any(sign in copied.last_words for sign in PARENT):
        return Refused("parent-unusable", f"{parent.id}: {copied.last_words}; take a full backup")
    return copied.failure("backup-failed", "no backup was made; put that right and run it again")


@contextlib.contextmanager
def _wal_compressed(directory: Path) -> Iterator[None]:
    """Compress the write-ahead log as the rest is: pg_basebackup leaves that undone where the server compresses."""
    wal, base = directory / "pg_wal.tar", next(directory.glob("base.tar*"), None)
    program = PROGRAM.get(base.suffix.removeprefix(".")) if base else None
    if not (wal.exists() and program and shutil.which(program[0])):
        yield
        return
    with programs.beside([*program, str(wal)]) as compressing:
        yield
        compressed = compressing()
    if compressed.status != 0:
        raise compressed.failure("backup-failed", "no backup was made; run it again")


def _check(directory: Path, found: BackupManifest, server: dict[str, Any]) -> None:
    """Check that all parts are there, and that they are this server's.

    Whoever restores reads and verifies every byte. To do so here would take a third of the backup's time again with
    pg_verifybackup (0.9 s beside 2.9 s for 336 MB), and version 17 of that cannot read archives.
    """
    if found.system_identifier not in (None, server["system_identifier"]):
        what = f"PGHOST answers as {server['system_identifier']}, the copy is of {found.system_identifier}"
        raise Failed("wrong-server", f"{what}; name one server")
    parts = {path.name.split(".tar")[0] for path in directory.iterdir()}
    if not {"base", "pg_wal", BACKUP_MANIFEST} <= parts:
        raise Failed("backup-incomplete", f"{TOOL} wrote only {sorted(parts)}; no backup was made; run it again")


def _copied(directory: Path, tablespaces: dict[str, str]) -> dict[str, str]:
    """Return the tablespaces that were copied; others came or went meanwhile."""
    return {oid: place for oid, place in sorted(tablespaces.items()) if any(directory.glob(f"{oid}.tar*"))}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(back_up, arguments)


if __name__ == "__main__":
    contract.leave(main())
