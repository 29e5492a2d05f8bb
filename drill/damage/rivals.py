"""What usual checks would have said of the same broken backups: those of the document, and those of the tools."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from drill.backups import catalogue
from drill.backups.catalogue import MANIFEST, CatalogueError
from drill.damage.score import NO_OPINION


class Opinion(StrEnum):
    """What a check says of a broken backup."""

    NOTICED = "noticed"
    MISSED = "missed"
    NONE = NO_OPINION


@dataclass(frozen=True, slots=True)
class Sight:
    """What a check gets to see.

    Attributes:
        directory: the broken backup, or where it was.
        whole: the same backup before that.
        found: what our own verification found, for checks that look at the restore alone.
        path: where programs are found.
    """

    directory: Path
    whole: Path
    found: Collection[str]
    path: str


def opinions(sight: Sight) -> dict[str, Opinion]:
    """Return what each check says; nothing where it does not apply, or accuses the whole backup just the same."""
    healthy = Sight(sight.whole, sight.whole, (), sight.path)
    said = {}
    for name, check in CHECKS.items():
        usual = check(healthy)
        if usual is not True:
            said[name] = Opinion.NONE
        else:
            said[name] = Opinion.MISSED if check(sight) is True else Opinion.NOTICED
    return said


def _checksum(sight: Sight) -> bool:
    """Compare every file with the checksum beside it: the one in the manifest, made when the backup was."""
    try:
        listed = catalogue.read(sight.directory).manifest.files
    except CatalogueError:
        listed = catalogue.read(sight.whole).manifest.files
    return all(
        (sight.directory / file.path).is_file()
        and hashlib.sha256((sight.directory / file.path).read_bytes()).hexdigest() == file.sha256
        for file in listed
    )


def _size(sight: Sight) -> bool:
    """See whether it has at least half the size that it usually has."""
    return 2 * _bytes(sight.directory) >= _bytes(sight.whole)


def _age(sight: Sight) -> bool:
    """See whether there is a file as new as the newest backup has to be."""
    newest = max((path.stat().st_mtime for path in sight.directory.rglob("*") if path.is_file()), default=0)
    return newest >= sight.whole.stat().st_mtime - 86_400


def _restore_ends(sight: Sight) -> bool:
    """Believe the exit status of the restore."""
    return not any(found.startswith("RESTORE-") for found in sight.found)


def _starts(sight: Sight) -> bool:
    """See whether what was restored starts and answers, as ``KEYS *`` and a query do."""
    return _restore_ends(sight) and not {"NOT-BOOTABLE", "NOT-RECOVERED", "UNREADABLE"} & set(sight.found)


def _tool(pattern: str, *command: str, each: bool = False, above: bool = False) -> Callable[[Sight], bool | None]:
    """Return a check by a program, of one place that fits a pattern or of each; it may have nothing to look at."""

    def check(sight: Sight) -> bool | None:
        program = shutil.which(command[0], path=sight.path)
        there = sorted(sight.whole.glob(pattern))
        if program is None or not there:
            return None
        found = sorted(sight.directory.glob(pattern)) if sight.directory.is_dir() else []
        if not found:
            return False
        return all(
            subprocess.run(
                [program, *command[1:], str(place.parent if above else place)],
                env={**os.environ, "PATH": sight.path, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            ).returncode
            == 0
            for place in (found if each else found[:1])
        )

    return check


CHECKS: Mapping[str, Callable[[Sight], bool | None]] = {
    "checksum": _checksum,
    "size": _size,
    "age": _age,
    "gzip -t": _tool("**/*.gz", "gzip", "-t", each=True),
    "tar -t": _tool("base.tar*", "tar", "-tf"),
    "pg_restore --list": _tool("dump", "pg_restore", "--list"),
    "pg_verifybackup": _tool("backup_manifest", "pg_verifybackup", "-n", "-q", f"--ignore={MANIFEST}", above=True),
    "redis-check-rdb": _tool("dump.rdb", "redis-check-rdb"),
    "redis-check-aof": _tool("aof/*.manifest", "redis-check-aof"),
    "restore's exit status": _restore_ends,
    "starts and answers": _starts,
}
"""The usual checks, by their name; each returns whether it is content, None where it does not apply."""


def _bytes(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
