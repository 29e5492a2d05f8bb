"""Faults of logical backups of a database: of the dump's files, and of how it was taken."""

from __future__ import annotations

import gzip
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence

from drill.damage.faults.fault import Fault, Injection, Scene
from drill.damage.files import damage, flip
from drill.damage.unsealed import damage_unsealed, seal
from drill.errors import DrillError

READ = frozenset({"SIZE-DIFFERS", "CHECKSUM-DIFFERS", "FILE-MISSING", "RESTORE-REFUSED"})
NOT_RESTORED = frozenset({"RESTORE-REFUSED", "RESTORE-FAILED", "UNREADABLE"})
DIFFERENT = frozenset({"CONTENT-DIFFERS", "ANSWER-DIFFERS"})
ROLES = "roles.sql"


def damaged(kind: str) -> Injection:
    """Return what damages the backup that is verified, so that its manifest tells."""
    return lambda scene: damage(scene.last, kind)


def unsealed(kind: str) -> Injection:
    """Return what damages the backup that is verified before its manifest was made."""
    return lambda scene: damage_unsealed(scene.last, kind)


def _tables(scene: Scene) -> list[str]:
    found = sorted((scene.last.directory / "dump").glob("[0-9]*.dat.gz"))
    return [f"dump/{path.name}" for path in found]


def _rewritten(change: Callable[[bytes], bytes], *, all_of_them: bool = False) -> Injection:
    """Change the rows of the largest table, or of all, and seal the backup again."""

    def inject(scene: Scene) -> None:
        files = [scene.one(name, of=scene.last) for name in _tables(scene)]
        if not files:
            raise DrillError(f"{scene.last.directory} has no table", remedy="this fault is not one of such backups")
        largest = max(files, key=lambda file: file.stat().st_size)
        for file in files if all_of_them else [largest]:
            file.write_bytes(gzip.compress(change(gzip.decompress(file.read_bytes()))))
        seal(scene.last.directory)

    return inject


def _bit_of_a_table(scene: Scene) -> None:
    """Flip a bit in the middle of the largest table's file, and seal the backup again."""
    flip(max((scene.one(name, of=scene.last) for name in _tables(scene)), key=lambda file: file.stat().st_size))
    seal(scene.last.directory)


def _one_row_changed(rows: bytes) -> bytes:
    """Change one digit in the middle, as a bit that flips in an uncompressed dump does."""
    at = next(each.start() for each in re.finditer(rb"[0-9]", rows) if each.start() > len(rows) // 2)
    return rows[:at] + bytes([rows[at] ^ 1]) + rows[at + 1 :]


def _one_row_lost(rows: bytes) -> bytes:
    lines = rows.splitlines(keepends=True)
    return b"".join(lines[:1] + lines[2:])


def _read_as_latin_1(rows: bytes) -> bytes:
    """Take each byte for a letter of its own, as a client does that was told another encoding."""
    return rows.decode("latin-1").encode("utf-8")


def _in_latin_1(rows: bytes) -> bytes:
    """Write what Latin-1 has in Latin-1, as a database does that has always taken any bytes (SQL_ASCII)."""
    return rows.decode("utf-8").encode("latin-1", "replace")


def _half_of_the_rows(rows: bytes) -> bytes:
    lines = rows.splitlines(keepends=True)
    return b"".join([*lines[: len(lines) // 2], b"\\.\n", b"\n", b"\n"])


def _roles_without(pattern: str) -> Injection:
    """Leave the lines of the roles out that fit, as a dump of the roles with other options does."""

    def inject(scene: Scene) -> None:
        file = scene.one(ROLES, of=scene.last)
        kept = re.sub(pattern, "", file.read_text("utf-8"), flags=re.MULTILINE)
        if kept == file.read_text("utf-8"):
            raise DrillError(f"{file} has nothing like {pattern}", remedy="fill the estate with roles that have it")
        file.write_text(kept, "utf-8")
        seal(scene.last.directory)

    return inject


def _dumped_with(*options: str) -> Injection:
    """Take the dump anew from its source with other options, as a job that somebody has changed does."""

    def inject(scene: Scene) -> None:
        place = scene.last.directory / "dump"
        shutil.rmtree(place)
        environment = {**scene.source.environment(), "LC_ALL": "C"}
        command = ["pg_dump", "--no-password", "--format=directory", f"--file={place}", *options]
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            raise DrillError(f"{shlex.join(command)}: {finished.stderr.strip()}", remedy="see what it says")
        _list_all(scene)

    return inject


def _list_all(scene: Scene) -> None:
    """Have the manifest list the files that are there now."""
    from drill.damage.faults.fault import restate

    directory = scene.last.directory
    names = [str(path.relative_to(directory)) for path in sorted(directory.rglob("*")) if path.is_file()]
    files = [{"path": name, "size": 0, "sha256": "0" * 64} for name in names if name != "manifest.json"]
    restate(scene.last, {"files": files})
    seal(directory)


def instead(script: str) -> Injection:
    """Have another command in the restore's place."""
    return lambda scene: scene.restore_with(lambda _: script)


def _file_faults() -> Sequence[Fault]:
    sealed = READ | DIFFERENT | NOT_RESTORED
    return (
        Fault(
            "DUMP-CUT",
            "dump",
            "the disk was full, or the copy killed, half way",
            damaged("cut off half way"),
            READ,
            quick=True,
        ),
        Fault("DUMP-BIT", "dump", "a bit of the dump has flipped on the disk", damaged("altered by one bit"), READ),
        Fault(
            "DUMP-GROWN", "dump", "a second writer has appended to the dump", damaged("lengthened by one byte"), READ
        ),
        Fault("DUMP-FILE-LOST", "dump", "a clean-up has removed a table's file", damaged("robbed of a file"), READ),
        Fault(
            "DUMP-CUT-AT-ONCE",
            "dump",
            "the dump was cut off before its checksums were taken",
            unsealed("cut off half way"),
            sealed,
        ),
        Fault(
            "DUMP-ZEROED-AT-ONCE",
            "dump",
            "a power failure left zeros in the dump",
            unsealed("filled with zeros from the middle on"),
            sealed,
        ),
        Fault("DUMP-BIT-AT-ONCE", "dump", "a bit flipped in memory while it was dumped", _bit_of_a_table, sealed),
        Fault(
            "DUMP-PIPE-EMPTY",
            "dump",
            "pg_dump failed in a pipe, and gzip packed nothing",
            _rewritten(lambda _: b"", all_of_them=True),
            sealed,
        ),
        Fault(
            "DUMP-ROW-CHANGED",
            "dump",
            "one value of an uncompressed dump was altered",
            _rewritten(_one_row_changed),
            DIFFERENT | NOT_RESTORED,
            quick=True,
        ),
        Fault(
            "DUMP-ROW-LOST",
            "dump",
            "one row was left out, and nothing complained",
            _rewritten(_one_row_lost),
            DIFFERENT | NOT_RESTORED,
        ),
        Fault(
            "DUMP-HALF-TABLE",
            "dump",
            "a table was cut in the middle, and the restore committed the rest",
            _rewritten(_half_of_the_rows),
            DIFFERENT | NOT_RESTORED,
        ),
        Fault(
            "DUMP-ENCODED-TWICE",
            "dump",
            "text went through a client of another encoding, and no row is missing",
            _rewritten(_read_as_latin_1, all_of_them=True),
            frozenset({"CONTENT-DIFFERS"}),
        ),
        Fault(
            "DUMP-OF-ANY-BYTES",
            "dump",
            "the source checks no encoding, and the target rejects its rows",
            _rewritten(_in_latin_1, all_of_them=True),
            NOT_RESTORED,
        ),
    )


def _roles() -> Sequence[Fault]:
    found = DIFFERENT | NOT_RESTORED
    return (
        Fault(
            "ROLES-LOST",
            "dump",
            "roles were never dumped",
            _roles_without(r"^(CREATE|ALTER) ROLE camera_.*$|^GRANT camera_.*$"),
            found,
            quick=True,
        ),
        Fault(
            "ROLES-UNLIMITED",
            "dump",
            "the limits of roles were not dumped",
            _roles_without(r" VALID UNTIL '[^']*'"),
            found,
        ),
        Fault(
            "ROLES-SETTINGS-LOST",
            "dump",
            "the settings of roles were not dumped",
            _roles_without(r"^ALTER ROLE \w+ SET .*$"),
            found,
        ),
        Fault(
            "ROLES-MEMBERSHIP-LOST",
            "dump",
            "memberships of roles were not dumped",
            _roles_without(r"^GRANT camera_.*$"),
            found,
        ),
    )


def _taken_otherwise() -> Sequence[Fault]:
    found = DIFFERENT | NOT_RESTORED
    said = (
        (
            "DUMP-ONE-SCHEMA",
            "the job names the schemas that there were years ago",
            ("--schema=counting", "--exclude-table=counting.alerts"),
        ),
        ("DUMP-ONE-TABLE", "the job dumps one table", ("--table=counting.cameras",)),
        ("DUMP-TABLE-LEFT-OUT", "the job leaves out what took too long", ("--exclude-table-data=counting.users",)),
        ("DUMP-SCHEMA-ONLY", "the job dumps definitions alone", ("--schema-only",)),
        ("DUMP-DATA-ONLY", "the job dumps rows alone, as the document's increment does", ("--data-only",)),
        ("DUMP-NO-LARGE-OBJECTS", "large objects were left out", ("--no-large-objects",)),
        ("DUMP-NO-PRIVILEGES", "grants were left out", ("--no-privileges",)),
        ("DUMP-NO-COMMENTS", "comments were left out", ("--no-comments",)),
    )
    return tuple(Fault(name, "dump", what, _dumped_with(*options), found) for name, what, options in said)


FAULTS = (*_file_faults(), *_roles(), *_taken_otherwise())
