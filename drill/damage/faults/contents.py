"""Faults of a dump's table of contents (toc.dat): which format, encoding, tablespaces and database it speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable

from drill.damage.faults.dumping import dumped_with
from drill.damage.faults.dumps import BY_RESTORING, NOT_RESTORED, OF_THE_RESTORED, instead
from drill.damage.faults.fault import Fault, Injection, Scene
from drill.damage.unsealed import seal
from drill.damage.victims import DUMP
from drill.datasets import database
from drill.errors import DrillError

CONTENTS = "dump/toc.dat"
MAGIC = b"PGDMP"
"""Two bytes of its format's version follow (pg_backup_archiver.h)."""


def _edited(change: Callable[[bytes], bytes]) -> Injection:
    """Change the table of contents, and seal the backup again."""

    def inject(scene: Scene) -> None:
        file = scene.one(CONTENTS, of=scene.last)
        before = file.read_bytes()
        after = change(before)
        if before == after:
            raise DrillError(f"{file} has nothing to be changed", remedy="fit the fault to the format of the dump")
        file.write_bytes(after)
        seal(scene.last.directory)

    return inject


def _string(text: str) -> bytes:
    """Write a text as the table of contents does: a sign, four bytes of its length, and itself."""
    return b"\0" + len(text).to_bytes(4, "little") + text.encode()


def _of_the_future(contents: bytes) -> bytes:
    return contents[: len(MAGIC)] + b"\x01\x63" + contents[len(MAGIC) + 2 :]


def _in_another_encoding(contents: bytes) -> bytes:
    """Have the dump's client have spoken Russian, a letter for each byte; as long as what stood there."""
    return contents.replace(b"SET client_encoding = 'UTF8'", b"SET client_encoding = 'KOI8'")


def _in_a_tablespace(contents: bytes) -> bytes:
    """Have the tables lie in a tablespace that only globals bring."""
    nowhere = b"|".join(map(re.escape, (_string(""), b"\x01\x01\0\0\0")))
    table = re.compile(b"(%b)(?:%b)(?=%b)" % (re.escape(_string("counting")), nowhere, re.escape(_string("heap"))))
    return table.sub(lambda found: found[1] + _string("fast_disks"), contents)


FILLED_BEFORE = (
    "CREATE SCHEMA counting; CREATE TABLE counting.cameras (camera_id bigint PRIMARY KEY, name text); "
    "INSERT INTO counting.cameras VALUES (1, 'of the target')"
)
ONTO_ANOTHER = (
    "set -e; psql --no-psqlrc --no-password --quiet --dbname=postgres"
    f" --command='CREATE DATABASE {database.NAME}' >&2; "
    f'psql --no-psqlrc --no-password --quiet --dbname={database.NAME} --command="{FILLED_BEFORE}" >&2; '
    f"pg_restore --no-password --no-owner --dbname={database.NAME} "
    '"$BACKUP_REPOSITORY/$BACKUP_SET/$BACKUP_ID/dump" >&2 || true; echo "{}"'
)
"""Restores as a script does that takes no notice of what pg_restore says: what is there already stays as it is."""
FAULTS = tuple(
    Fault(name, DUMP, what, inject, found)
    for name, what, inject, found in (
        (
            "DUMP-FORMAT-NEWER",
            "a newer pg_dump wrote it, and the pg_restore that is there does not read it",
            _edited(_of_the_future),
            NOT_RESTORED,
        ),
        (
            "DUMP-HEADER-EDITED",
            "its header was edited by hand, and names another encoding",
            _edited(_in_another_encoding),
            BY_RESTORING,
        ),
        (
            "DUMP-TABLESPACE-UNKNOWN",
            "tables lie in a tablespace, and tablespaces were not dumped with the globals",
            _edited(_in_a_tablespace),
            NOT_RESTORED,
        ),
        (
            "DUMP-OF-ANOTHER-DATABASE",
            "the job dumps the database that it is connected to, which is another one",
            dumped_with("--dbname=postgres"),
            BY_RESTORING,
        ),
        (
            "RESTORE-ONTO-ANOTHER",
            "the target was not empty: what was there stays, what is new is added, and the status is 0",
            instead(ONTO_ANOTHER),
            OF_THE_RESTORED,
        ),
    )
)
