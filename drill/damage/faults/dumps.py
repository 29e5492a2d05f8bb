"""Faults of the files of logical backups of a database."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from drill.damage.faults.fault import Fault, Injection, Scene
from drill.damage.files import DAMAGES, cut, damage, flip, unshare
from drill.damage.unsealed import damage_unsealed, seal, zero
from drill.errors import DrillError

READ = frozenset({"SIZE-DIFFERS", "CHECKSUM-DIFFERS", "FILE-MISSING", "RESTORE-REFUSED"})
NOT_RESTORED = frozenset({"RESTORE-REFUSED", "RESTORE-FAILED", "UNREADABLE"})
DIFFERENT = frozenset({"CONTENT-DIFFERS", "ANSWER-DIFFERS"})
BY_RESTORING = DIFFERENT | NOT_RESTORED
"""Where every checksum fits: one that did not would have found something else."""
OF_THE_RESTORED = DIFFERENT | {"UNREADABLE"}
"""Where the restore says that all is well: one that failed has not met the fault."""


def damaged(kind: str) -> Injection:
    """Return what damages the backup that is verified, so that its manifest tells."""
    return lambda scene: damage(scene.last, kind)


def unsealed(kind: str) -> Injection:
    """Return what damages the backup that is verified before its manifest was made."""
    return lambda scene: damage_unsealed(scene.last, kind)


def _tables(scene: Scene) -> list[Path]:
    """Return the files of the tables, the largest last.

    What lists them (toc.dat) is none and may be larger, and pg_restore never gets past it.
    """
    found = sorted((scene.last.directory / "dump").glob("[0-9]*.dat.gz"), key=lambda file: file.stat().st_size)
    if not found:
        raise DrillError(f"{scene.last.directory} has no table", remedy="this fault is not one of such backups")
    return found


def _of_a_table(act: Callable[[Path], object], *, sealed: bool = False) -> Injection:
    """Do something to the file of the largest table; sealed, the backup's manifest fits what is there then."""

    def inject(scene: Scene) -> None:
        file = _tables(scene)[-1]
        unshare(file)
        act(file)
        if sealed:
            seal(scene.last.directory)

    return inject


def _list_cut(scene: Scene) -> None:
    """Lose the second half of what lists the tables, and seal the backup again."""
    cut(scene.one("dump/toc.dat", of=scene.last))
    seal(scene.last.directory)


def _rewritten(change: Callable[[bytes], bytes], *, all_of_them: bool = False) -> Injection:
    """Change the rows of the largest table, or of all, and seal the backup again."""

    def inject(scene: Scene) -> None:
        for file in _tables(scene) if all_of_them else _tables(scene)[-1:]:
            unshare(file)
            file.write_bytes(gzip.compress(change(gzip.decompress(file.read_bytes()))))
        seal(scene.last.directory)

    return inject


def _one_number_changed(rows: bytes) -> bytes:
    """Change a digit of one count in the middle, as a bit that flips in an uncompressed dump does.

    Of two numbers side by side the first: no key, and no date that would lead into another table, is one of these.
    Otherwise it is the restore that fails, and nobody has had to look at a value.

    Raises:
        DrillError: there is none.
    """
    found = re.compile(rb"\t([0-9]+)\t[0-9]+\t").search(rows, len(rows) // 2)
    if found is None:
        raise DrillError("the largest table has no two numbers side by side", remedy="fit the fault to the table")
    at = found.start(1)
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


def instead(script: str) -> Injection:
    """Have another command in the restore's place."""
    return lambda scene: scene.restore_with(lambda _: script)


def _file_faults() -> Sequence[Fault]:
    told = (
        ("DUMP-CUT", "the disk was full, or the copy killed, half way", cut),
        ("DUMP-BIT", "a bit of the dump has flipped on the disk", flip),
        ("DUMP-GROWN", "a second writer has appended to the dump", DAMAGES["lengthened by one byte"]),
        ("DUMP-FILE-LOST", "a clean-up has removed a table's file", DAMAGES["robbed of a file"]),
    )
    sealed = (
        ("DUMP-CUT-AT-ONCE", "the dump was cut off before its checksums were taken", cut),
        ("DUMP-ZEROED-AT-ONCE", "a power failure left zeros in the dump", zero),
        ("DUMP-BIT-AT-ONCE", "a bit flipped in memory while it was dumped", flip),
    )
    return (
        *(Fault(name, "dump", what, _of_a_table(act), READ, quick=name == "DUMP-CUT") for name, what, act in told),
        Fault(
            "DUMP-LIST-CUT-AT-ONCE",
            "dump",
            "the dump's table of contents was cut off before its checksums were taken",
            _list_cut,
            NOT_RESTORED,
        ),
        *(Fault(name, "dump", what, _of_a_table(act, sealed=True), BY_RESTORING) for name, what, act in sealed),
        Fault(
            "DUMP-PIPE-EMPTY",
            "dump",
            "pg_dump failed in a pipe, and gzip packed nothing",
            _rewritten(lambda _: b"", all_of_them=True),
            BY_RESTORING,
        ),
        Fault(
            "DUMP-ROW-CHANGED",
            "dump",
            "one value of an uncompressed dump was altered",
            _rewritten(_one_number_changed),
            DIFFERENT,
            quick=True,
        ),
        Fault(
            "DUMP-ROW-LOST",
            "dump",
            "one row was left out, and nothing complained",
            _rewritten(_one_row_lost),
            DIFFERENT,
        ),
        Fault(
            "DUMP-HALF-TABLE",
            "dump",
            "a table was cut in the middle, and the restore committed the rest",
            _rewritten(_half_of_the_rows),
            DIFFERENT,
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


FAULTS = tuple(_file_faults())
