"""Back up one PostgreSQL database with pg_dump, and the roles of its server.

    python -m backup_scripts.postgres_dump [--jobs N] [--compress METHOD] [--no-role-passwords]

Writes <repository>/<set>/<backup id>/ with dump/ (pg_dump's directory format), roles.sql and
manifest.json, and prints the manifest. The password hashes of the roles are in roles.sql.

Verified before a backup appears: pg_dump and pg_dumpall have ended well, pg_restore reads the table of contents, and
every file is on disk, its SHA-256 recorded. The rows are not read again: that is done by a restore.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup goes: a directory that exists, and the set's name
  PGDATABASE                      the database
  PGHOST PGPORT PGUSER PGPASSFILE … the connection, as libpq knows it; passwords belong in the password file
  RETENTION_DAYS                  how long the backup is promised to be kept (30)
  BACKUP_RECIPIENT                a public key of age (age1…): the backup is stored encrypted
  BACKUP_TIER                     its place in the schedule (daily)
  BACKUP_NOW                      an RFC 3339 time that replaces the clock

Exit status: 0 backed up, and verified so far; 1 failed, and nothing is left that looks like a backup;
2 wrong arguments.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from backup_scripts import contract, postgres, programs
from backup_scripts.contract import Arguments, Clock, Failed, Result, positive, required
from backup_scripts.repository import BackupSet

FIRST_WITH_STATISTICS = 18


def back_up(arguments: Sequence[str]) -> Result:
    """Dump, check, publish; return the manifest."""
    parser = Arguments(__doc__)
    parser.add_argument("--jobs", default=str(os.cpu_count()), help="tables dumped at once (one per processor)")
    parser.add_argument("--compress", help="as pg_dump takes it, for example zstd:3 (pg_dump's own default)")
    parser.add_argument("--no-role-passwords", action="store_true", help="for servers that hide the hashes")
    options = parser.parse_args(arguments)
    jobs = positive(options.jobs, where="--jobs")
    clock, destination, database = Clock(), BackupSet.from_environment(), required("PGDATABASE")

    server = postgres.server(database)
    version = programs.tool_version("pg_dump")
    if postgres.major(version) < postgres.major(server.server_version):
        raise Failed(
            "version-mismatch",
            f"pg_dump {version} cannot dump server {server.server_version}; install the client programs of the server",
        )
    with destination.new_backup(kind="full", clock=clock) as backup:
        _dump(database, backup.directory / "dump", jobs=jobs, compress=options.compress, version=version)
        _dump_roles(database, backup.directory / "roles.sql", passwords=not options.no_role_passwords)
        return backup.publish(
            source={
                "engine": postgres.ENGINE,
                "system_identifier": server.system_identifier,
                "server_version": server.server_version,
                "database": database,
                "bootstrap_role": server.bootstrap_role,
            },
            tool={"name": "pg_dump", "version": version},
            source_bytes=server.bytes,
        )


def _dump(database: str, directory: Path, *, jobs: int, compress: str | None, version: str) -> None:
    command = ["pg_dump", "--no-password", "--format=directory", f"--jobs={jobs}", f"--file={directory}"]
    command += ["--no-sync"]  # the repository flushes every file while it hashes it
    if compress:
        command += [f"--compress={compress}"]
    if postgres.major(version) >= FIRST_WITH_STATISTICS:
        command += ["--statistics"]  # the restored database then answers fast from its first query on
    dumped = programs.run([*command, "--dbname", postgres.conninfo(database)])
    if dumped.status != 0:
        raise dumped.failure("dump-failed", "no backup was made; put that right and run it again")
    listed = programs.run(["pg_restore", "--list", str(directory)])
    if listed.status != 0:
        raise listed.failure("dump-unreadable", "no backup was made; run it again")


def _dump_roles(database: str, file: Path, *, passwords: bool) -> None:
    command = ["pg_dumpall", "--no-password", "--roles-only", "--no-sync", "--encoding=UTF8", f"--file={file}"]
    command += [] if passwords else ["--no-role-passwords"]
    dumped = programs.run([*command, f"--database={postgres.conninfo(database)}"])
    if dumped.status != 0:
        raise dumped.failure("roles-failed", "dump as a superuser, or give --no-role-passwords")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(back_up, arguments)


if __name__ == "__main__":
    contract.leave(main())
