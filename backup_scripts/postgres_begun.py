"""What a restore of a database has begun is known to the server, so that the next one can clear it away and finish.

As long as a restore is at work, one psql that it holds open has a lock on the server: when the restore is killed, psql
ends, and the lock goes. Whoever has the lock ends what programs of a killed restore still do there.

A mark says what was begun: a large object of ours in the maintenance database, without content, whose comment names the
database, and its OID as soon as that is known. It is made before anything else. What is certainly ours is dropped by
the next restore:

- the database with that OID, as long as it has not got its name;
- one of that name that holds nothing and that nobody uses, where no OID is noted yet: as pg_restore has created it.

In the transaction in which the database gets its own name, the mark becomes one of a whole database: of which backup,
and in which state it is. It goes when the result was told. As long as the state is the same, nobody has connected to
the database since, and the next restore of the same backup has nothing left to do but to tell.

Where the server lets us have no lock or no mark, nothing is certain, and nothing is dropped.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator

from backup_scripts import contract, postgres
from backup_scripts.contract import Failed, Refused, ScriptError
from backup_scripts.postgres import Session, identifier, literal

MARK = "postgres_restore"
WHOLE = f"{MARK} whole"
NOT_CREATED = 0
"""Noted in place of an OID."""
# Its row, which to rename or to alter a database writes anew, and how many clients have connected, as long as nobody
# has set that back: a crash does, and tells it by the last of the times.
STATE = """concat_ws(',', d.oid, d.xmin, pg_stat_get_db_sessions(d.oid),
    extract(epoch FROM pg_stat_get_db_stat_reset_time(d.oid)),
    extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time()))"""
FIRST_WITH_EXACT_COUNTS = 150000
"""Of clients that have connected; before that they were sent to whom they might not reach."""
# A restore that was killed a moment ago may need a moment to lose its lock, and one whose host is gone two minutes.
ALONE = r"""
SET idle_session_timeout = 0;
SET tcp_keepalives_idle = 60;
SET tcp_keepalives_interval = 10;
SET tcp_keepalives_count = 6;
SET lock_timeout = '5s';
\set ON_ERROR_STOP off
SELECT pg_advisory_lock({key}) \gset
\set ON_ERROR_STOP on
\set state :SQLSTATE
SELECT count(pg_terminate_backend(pid, 10000)) AS ended FROM pg_stat_activity
WHERE :'state' = '00000' AND application_name = {program} AND usename = session_user AND pid <> pg_backend_pid() \gset
-- Before they are counted, which they are at the latest as they leave.
SELECT count(*) AS using FROM pg_stat_activity
WHERE datname = {database} AND backend_type IS DISTINCT FROM 'autovacuum worker' \gset
WITH marks AS (
    SELECT oid AS mark, substring(description FROM '^{MARK} (\d+) ') AS begun, description AS said
    FROM pg_largeobject_metadata JOIN pg_description ON classoid = 'pg_largeobject'::regclass AND objoid = oid
    WHERE lomowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
    AND substring(description FROM '^{MARK} (?:\d+ |whole \S+ [^/]*/[^/]*/)(.*)$') = {database})
SELECT jsonb_build_object(
    'locked', :'state' = '00000', 'busy', :'state' = '55P03',
    'may_mark', (SELECT bool_and(has_function_privilege(name, 'EXECUTE'))
        FROM unnest(ARRAY['lo_create(oid)', 'lo_unlink(oid)']) AS name),
    'marks', (SELECT coalesce(jsonb_agg(mark), '[]') FROM marks),
    'is_whole', :using = 0 AND current_setting('server_version_num')::int >= {FIRST_WITH_EXACT_COUNTS} AND EXISTS (
        SELECT FROM marks, pg_database d
        WHERE datname = {database} AND said = format('{WHOLE} %s %s/%s', {STATE}, {backup}, {database})),
    'restored', (SELECT min(substring(said FROM '^{WHOLE} \S+ ([^/]*/[^/]*)/')) FROM marks, pg_database d
        WHERE datname = {database} AND starts_with(said, format('{WHOLE} %s,', d.oid))),
    'is_being_created', EXISTS (SELECT FROM marks WHERE begun = '{NOT_CREATED}'),
    'ours', (SELECT coalesce(jsonb_object_agg(datname, EXISTS (SELECT FROM marks WHERE CASE
            WHEN begun = d.oid::text THEN datname = {partial} OR NOT datallowconn
            ELSE datname = {database} AND datconnlimit = {HALF_DROPPED} END)), '{{}}')
        FROM pg_database d WHERE datname IN ({database}, {partial})));
"""
HALF_DROPPED = -2
"""The limit of connections to a database that nobody can use any more, since its removal was broken off."""
# Whatever is not there from the first has a higher OID, in every catalogue that gives OIDs.
HOLDS_NOTHING = r"""
SELECT format($$SELECT to_json(NOT EXISTS (%s) AND NOT EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend'))$$, string_agg(format('SELECT FROM %s WHERE oid >= 16384', c.oid::regclass),
    ' UNION ALL '))
FROM pg_class c JOIN pg_attribute ON attrelid = c.oid AND attname = 'oid'
WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND NOT relisshared
AND has_table_privilege(c.oid, 'SELECT') \gexec
"""


class Begun:
    """What restores of one database have begun.

    Attributes:
        database: its name in the end.
        partial: what it is called until it is whole.
        maintenance: the database with the lock and the mark.
        backup: what is restored, as `<set>/<backup-id>`.
        is_whole: whether all of that is there, and nobody has connected to it since.
    """

    __slots__ = (
        "_is_being_created",
        "_mark",
        "_marks",
        "_may_mark",
        "_ours",
        "_restored",
        "_session",
        "backup",
        "database",
        "is_whole",
        "maintenance",
        "partial",
    )

    def __init__(
        self,
        database: str,
        partial: str,
        maintenance: str,
        backup: str,
        session: Session,
        *,
        is_whole: bool,
        may_mark: bool,
        is_being_created: bool,
        marks: list[int],
        ours: dict[str, bool],
        restored: str | None,
    ) -> None:
        self.database = database
        self.partial = partial
        self.maintenance = maintenance
        self.backup = backup
        self.is_whole = is_whole
        self._session = session
        self._may_mark = may_mark
        self._is_being_created = is_being_created
        self._marks = marks
        self._ours = ours
        self._restored = restored
        self._mark: int | None = None

    def clear(self) -> None:
        """Drop what a killed restore has left; all that bears one of the names, or nothing.

        Raises:
            Refused: ``target-not-empty``: there is something that is not certainly ours.
        """
        for name, is_ours in self._ours.items():
            if not is_ours and not (self._is_being_created and name == self.database and self._holds_nothing()):
                what = f"the server has a database {name!r}"
                advice = "drop it, if it is what an interrupted restore left, or name another server"
                if name == self.database and self._restored:
                    what += f", restored whole from {self._restored} by a run that did not live to say so"
                    advice = "use it, unless it is the wrong one; somebody may have done so since"
                raise Refused("target-not-empty", f"{what}; {advice}")
        for name, is_ours in self._ours.items():
            contract.say(f"dropping the database {name!r}, which a killed restore has begun")
            force = " WITH (FORCE)" if is_ours else ""
            postgres.execute(f"DROP DATABASE IF EXISTS {identifier(name)}{force}", database=self.maintenance)

    def _holds_nothing(self) -> bool:
        try:
            return bool(postgres.ask(HOLDS_NOTHING, database=self.database))
        except Failed:  # who may not look does not know
            return False

    def mark(self) -> None:
        """Note that the database is about to be created, where we may."""
        if self._may_mark:
            said = literal(f"{MARK} {NOT_CREATED} {self.database}")
            self._mark = self._session.ask(rf"""
            BEGIN;
            SELECT count(lo_unlink(oid)) AS gone FROM pg_largeobject_metadata
            WHERE oid = ANY ('{{{",".join(map(str, self._marks))}}}') \gset
            SELECT lo_create(0) AS mark \gset
            COMMENT ON LARGE OBJECT :mark IS {said};
            COMMIT;
            SELECT :mark;
            """)  # noqa: S608 - quoted

    def marking(self, name: str) -> str:
        """Return the SQL that notes which database it is; it fails where another restore has taken our place."""
        return self._noting(f"format('{MARK} %s %s', d.oid, {literal(self.database)})", name)

    def marking_whole(self) -> str:
        """Return the SQL that notes that the database is whole, and in which state."""
        said = f"format('{WHOLE} %s %s/%s', {STATE}, {literal(self.backup)}, d.datname)"
        return self._noting(said, self.database)

    def _noting(self, said: str, name: str) -> str:
        """Return the SQL that has the mark, if there is one, say what is made of the row `d` of a database."""
        if self._mark is None:
            return ""
        comment = f"format('COMMENT ON LARGE OBJECT {self._mark} IS %L', {said})"
        return rf"SELECT {comment} FROM pg_database d WHERE d.datname = {literal(name)} \gexec"  # noqa: S608 - quoted

    def size(self) -> int:
        """Return the bytes of the database that is whole, without connecting to it."""
        question = f"SELECT pg_database_size({literal(self.database)});"
        return int(self._session.ask(question))

    def forget(self) -> None:
        """Take the mark away, when the result was told."""
        marks = self._marks if self.is_whole else [self._mark] if self._mark is not None else []
        if not marks:
            return
        try:
            self._session.ask(f"SELECT count(lo_unlink(mark)) FROM unnest(ARRAY{marks}::oid[]) AS mark;")  # noqa: S608
        except Failed as error:
            contract.say(f"a mark stays in {self.maintenance!r}, which the next restore of it removes: {error}")

    @contextlib.contextmanager
    def dropped_on_failure(self, *names: str, others: str | None = None) -> Iterator[None]:
        """Drop databases when what is done with them fails; `others` is not ours where that is the reason."""
        try:
            yield
        except ScriptError as error:
            contract.hold_signals()
            self._drop([name for name in names if not (error.slug == "target-taken" and name == others)])
            raise

    def _drop(self, names: list[str]) -> None:
        for name in names:
            contract.say(f"dropping the half-restored database {name!r}")
        if self._mark is None:
            marked, unmarking = "true", ""
        else:  # not so where another restore has taken our place, and the database is that one's
            marked = f"EXISTS (SELECT FROM pg_largeobject_metadata WHERE oid = {self._mark})"
            unmarking = f"SELECT lo_unlink({self._mark}) WHERE {marked};"
        commands = [
            rf"SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database "  # noqa: S608 - quoted
            rf"WHERE datname = {literal(name)} AND {marked} \gexec"
            for name in names
        ]
        try:
            postgres.execute("\n".join([*commands, unmarking]), database=self.maintenance)
        except ScriptError as error:
            contract.say(f"it could not be dropped, do so before the next restore: {error}")


@contextlib.contextmanager
def alone(database: str, partial: str, *, backup: str, maintenance: str) -> Iterator[Begun]:
    """Keep all other restores of a database away; give what they have begun, or finished without telling.

    Args:
        database: its name in the end.
        partial: what it is called until it is whole.
        backup: what is restored, as `<set>/<backup-id>`.
        maintenance: where the lock and the mark are.

    Raises:
        Refused: ``target-busy``: another restore of it is at work.
        Failed: as `postgres.execute`.
    """
    key = int.from_bytes(hashlib.sha256(database.encode()).digest()[:8], "big", signed=True)
    os.environ["PGAPPNAME"] = program = f"{MARK} {key}"  # of all that we start, to be known by
    with postgres.session(maintenance) as session:
        found = session.ask(
            ALONE.format(
                key=key,
                program=literal(program),
                database=literal(database),
                partial=literal(partial),
                backup=literal(backup),
                MARK=MARK,
                WHOLE=WHOLE,
                STATE=STATE,
                FIRST_WITH_EXACT_COUNTS=FIRST_WITH_EXACT_COUNTS,
                NOT_CREATED=NOT_CREATED,
                HALF_DROPPED=HALF_DROPPED,
            )
        )
        if found["busy"]:
            raise Refused("target-busy", f"another restore of {database!r} is at work there; wait until it ends")
        yield Begun(
            database,
            partial,
            maintenance,
            backup,
            session,
            is_whole=found["locked"] and found["is_whole"],
            may_mark=found["locked"] and found["may_mark"],
            is_being_created=found["locked"] and found["is_being_created"],
            marks=found["marks"],
            ours={name: found["locked"] and is_ours for name, is_ours in found["ours"].items()},
            restored=found["restored"],
        )
