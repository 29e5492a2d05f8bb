"""Restore one database, and the roles that it needs, from a backup made by postgres_dump.

    python -m backup_scripts.postgres_restore [BACKUP_ID] [--jobs N] [--maintenance-database NAME]

The backup is verified to the last byte before the server is touched. The database gets the name that
it had; a server that already has a database of this name is refused. Roles that are missing are created,
and all get the attributes, memberships and settings of the backup; only the role that we are
connected as keeps its attributes and its password. The data is restored under the name `.partial-<database>`, so
that nobody takes half of it for the whole: the database has its own name only while it is empty, and when it is whole.
If the restore fails half-way, it is dropped, so that it can be run again; roles stay. A dump without statistics
(PostgreSQL 17 and older) is followed by ANALYZE, so that the first queries are planned well.

Where it is killed, the next run, as the same user and with the same maintenance database, drops what it has left and
restores anew: an advisory lock and a mark there, a large object without content, tell that this is certain. A database
that was whole when the run was killed stays, and the next run of the same backup says so, as long as nobody has
connected to it. Where the user may have neither, what a killed run has left is refused, and somebody has to drop it.

Environment:
  BACKUP_REPOSITORY, BACKUP_SET   where the backup is
  BACKUP_ID                       which one, unless it is given as the argument
  BACKUP_IDENTITY_FILE            the file of the secret key, if the backup is encrypted
  PGHOST PGPORT PGUSER PGPASSFILE … the server, as libpq knows it; PGUSER must be a superuser or own the rights

Prints {"backup_id", "set", "database", "seconds", "bytes"}; bytes is the size of the restored database.

Exit status: 0 restored and verified; 1 failed; 2 wrong arguments; 3 the backup or the target was
refused, and the target was not touched.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from backup_scripts import contract, postgres, postgres_begun, postgres_roles, programs
from backup_scripts.contract import Arguments, Clock, Failed, Refused, Result, positive, required
from backup_scripts.postgres import Server, major
from backup_scripts.postgres_begun import Begun
from backup_scripts.repository import PARTIAL, BackupSet, StoredBackup

IN_PG_CLASS = re.compile(
    r"^\d+; 1259 \d+ (?:TABLE|VIEW|MATERIALIZED VIEW|FOREIGN TABLE|SEQUENCE|INDEX) (.*)$", re.MULTILINE
)
SORT_MEMORY, SERVERS_DEFAULT = 512, 64  # MB for all jobs together, and what each has anyway
# Tables are read again in their order, for their indexes, and lie in memory or are read ahead by the kernel: to have
# PostgreSQL 18's I/O workers read them takes 5 to 8 % of a restore of 1 GB.
READ_BY_THEMSELVES = "-c effective_io_concurrency=0 -c maintenance_io_concurrency=0"
LONGEST_NAME = 63  # bytes
# Nothing but the database itself is restored with this: no dump holds a schema whose name is the server's own.
NOTHING_IN_IT = "--schema=pg_none"
CREATED_BY_OTHERS = re.compile(r"database .* already exists")
TAKEN_OVER = re.compile(r"large object \d+ does not exist")
STATISTICS = re.compile(r"^\d+; 0 0 STATISTICS DATA ", re.MULTILINE)  # in dumps of PostgreSQL 18 and newer
DATABASE_NAME = re.compile(r"^;     dbname: (.*)$", re.MULTILINE)
# The list of a dump has a space for every line break in a name.
RESTORED = """
SELECT json_build_object('bytes', pg_database_size(current_database()), 'relations', (
    SELECT json_agg(translate(concat_ws(' ', nspname, relname, rolname), E'\\n\\r', '  '))
    FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace JOIN pg_roles r ON r.oid = relowner))
"""


@contextlib.contextmanager
def restore(arguments: Sequence[str]) -> Iterator[Result]:
    """Verify, refuse or restore, check; give what was done."""
    parser = Arguments(__doc__)
    parser.add_argument("backup_id", nargs="?", metavar="BACKUP_ID", help="default: the environment's BACKUP_ID")
    parser.add_argument("--jobs", default=str(os.cpu_count()), help="tables restored at once (one per processor)")
    parser.add_argument("--maintenance-database", default="postgres", help="where to connect first (postgres)")
    options = parser.parse_args(arguments)
    jobs = positive(options.jobs, where="--jobs")
    clock, maintenance = Clock(), options.maintenance_database
    backup = BackupSet.from_environment().backup(options.backup_id or required("BACKUP_ID"))

    with backup.held(), _verified(backup) as plain:
        contents = _contents(backup, plain)
        database = str(backup.manifest.source["database"])
        name = f"{backup.manifest.set}/{backup.manifest.id}"
        with postgres_begun.alone(database, _partial(database), backup=name, maintenance=maintenance) as begun:
            roles = _fitted_roles(backup, plain, postgres.server(maintenance))
            if begun.is_whole:
                what = f"the database {database!r} was restored by a run that did not live to say so"
                contract.say(f"{what}, and nobody has connected to it since")
                size = begun.size()
            else:
                begun.clear()
                postgres.execute(roles, database=maintenance)
                size = _restored(plain / "dump", contents, begun, jobs=jobs)
            yield {
                "backup_id": backup.manifest.id,
                "set": backup.manifest.set,
                "database": database,
                "seconds": round(clock.seconds(), 3),
                "bytes": size,
            }
            begun.forget()


def _restored(dump: Path, contents: str, begun: Begun, *, jobs: int) -> int:
    """Create the database, fill and check it, and give it its name; return its bytes."""
    database, partial = begun.database, begun.partial
    begun.mark()
    with begun.dropped_on_failure(database, others=database):
        _pg_restore(dump, "--create", NOTHING_IN_IT, database=begun.maintenance)
    with begun.dropped_on_failure(database, partial, others=partial):
        _rename(database, partial, begun)
    with begun.dropped_on_failure(partial):
        _restore_data(dump, partial, jobs=jobs)
        if not STATISTICS.search(contents):
            postgres.execute("ANALYZE", database=partial)
        size = _checked_size(partial, contents)
        contract.hold_signals()  # from here on the database is there
        _rename(partial, database, begun, marking=begun.marking_whole())
    return size


@contextlib.contextmanager
def _verified(backup: StoredBackup) -> Iterator[Path]:
    """Check every byte of the backup; give the directory with its plain files."""
    found = backup.manifest
    if found.source.get("engine") != postgres.ENGINE or found.tool.get("name") != "pg_dump":
        raise Refused("wrong-kind", f"{backup.directory} was not made by postgres_dump; use the script that fits it")
    backup.verify()
    with backup.plain() as plain:
        yield plain


def _contents(backup: StoredBackup, plain: Path) -> str:
    """Return the table of contents, if it is the manifest's database that it speaks of."""
    found = backup.manifest
    listed = programs.run(["pg_restore", "--list", str(plain / "dump")])
    if "unsupported version" in listed.said:
        advice = f"install the client programs of version {found.tool.get('version')}"
        raise Refused("version-mismatch", f"pg_restore is too old for {backup.directory}; {advice}")
    name = DATABASE_NAME.search(listed.answer)
    if listed.status != 0 or name is None:
        raise Refused("dump-unreadable", f"pg_restore cannot list {backup.directory}; restore another backup")
    if name[1] != found.source["database"]:
        raise Refused("manifest-invalid", f"{backup.directory} holds database {name[1]!r}; restore another backup")
    return listed.answer


def _fitted_roles(backup: StoredBackup, plain: Path, target: Server) -> str:
    """Return the statements that make the roles, if the server is one for this backup."""
    source = backup.manifest.source
    if major(target.server_version) < major(str(source["server_version"])):
        versions = f"the backup is of server {source['server_version']}, the target is {target.server_version}"
        raise Refused("version-mismatch", f"{versions}; restore into the same major version or a newer one")
    return postgres_roles.fitted(
        (plain / "roles.sql").read_text("utf-8"),
        existing=target.roles,
        connected=target.user,
        bootstrap=str(source.get("bootstrap_role")),
    )


def _partial(database: str) -> str:
    """Return what a database is called until it is whole."""
    return f"{PARTIAL}{database}".encode()[:LONGEST_NAME].decode("utf-8", "ignore")


def _rename(old: str, new: str, begun: Begun, *, marking: str = "") -> None:
    """Give a database another name; whoever has come in is sent away, as it could not be renamed otherwise.

    Nobody is let in under the old name any more, and everybody under the new one from the first. That it is ours is
    noted before, and with the last name that it is whole.
    """
    was, is_now = postgres.identifier(old), postgres.identifier(new)
    commands = f"""
    BEGIN;
    {begun.marking(old)}
    ALTER DATABASE {was} ALLOW_CONNECTIONS false;
    COMMIT;
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {postgres.literal(old)};
    BEGIN;
    {begun.marking(old)}
    ALTER DATABASE {was} RENAME TO {is_now};
    ALTER DATABASE {is_now} ALLOW_CONNECTIONS true;
    {marking}
    COMMIT;
    """  # noqa: S608 - quoted
    try:
        postgres.execute(commands, database=begun.maintenance)
    except Failed as error:
        _refuse_taken(str(error))
        if TAKEN_OVER.search(str(error)):
            raise Failed("target-taken", f"another restore of {begun.database!r} has begun; look at it") from None
        raise


def _restore_data(dump: Path, partial: str, *, jobs: int) -> None:
    # Indexes that are sorted in memory: a tenth of the restore of 1 GB, which is mostly one index.
    memory = f"-c maintenance_work_mem={max(SERVERS_DEFAULT, SORT_MEMORY // jobs)}MB"
    settings = {"PGOPTIONS": f"{memory} {READ_BY_THEMSELVES} {os.environ.get('PGOPTIONS', '')}".strip()}
    _pg_restore(dump, f"--jobs={jobs}", database=partial, settings=settings)


def _pg_restore(dump: Path, *options: str, database: str, settings: Mapping[str, str] | None = None) -> None:
    command = ["pg_restore", "--no-password", "--exit-on-error", *options, "--dbname", postgres.conninfo(database)]
    finished = programs.run([*command, str(dump)], settings=settings)
    _refuse_taken(finished.said)
    if finished.status != 0:
        raise finished.failure("restore-failed", "put that right and run it again")


def _refuse_taken(said: str) -> None:
    if found := CREATED_BY_OTHERS.search(said):
        advice = "somebody created it a moment ago; look who, and name another server"
        raise Failed("target-taken", f"{found[0]}: {advice}")


def _checked_size(database: str, contents: str) -> int:
    """Check that the database can be used and has every relation of the dump; return its bytes."""
    found = postgres.ask(RESTORED, database=database)
    if absent := set(IN_PG_CLASS.findall(contents)) - set(found["relations"]):
        raise Failed("restore-incomplete", f"{len(absent)} relations are absent, as {min(absent)}; run it again")
    return int(found["bytes"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; return its exit status."""
    return contract.run(restore, arguments)


if __name__ == "__main__":
    contract.leave(main())
