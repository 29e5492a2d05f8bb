"""What usual checks would have said of the same broken backups: those of the document, and those of the tools."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from drill.backups import catalogue
from drill.backups.catalogue import MANIFEST, CatalogueError

ALL = "{places}"
"""Among a program's arguments: everything that it looks at. ``{place}`` is one of it, ``{parent}`` where this lies."""


class Opinion(StrEnum):
    """What a check says of a broken backup."""

    NOTICED = "noticed"
    MISSED = "missed"
    NONE = "–"
    """It does not apply, or accuses the whole backup just the same."""


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
    return all(_sha256(sight.directory / file.path) == file.sha256 for file in listed)


def _sha256(file: Path) -> str | None:
    """Return the checksum of a file; None where it is gone, or whoever checks may not read it."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None


def _size(sight: Sight) -> bool:
    """See whether it has at least half the size that it usually has."""
    return 2 * _bytes(sight.directory) >= _bytes(sight.whole)


def _age(sight: Sight) -> bool:
    """See whether there is a file as new as the newest backup has to be."""
    newest = max((path.stat().st_mtime for path in sight.directory.rglob("*") if path.is_file()), default=0)
    return newest >= sight.whole.stat().st_mtime - 86_400


def _restore_ends(sight: Sight) -> bool:
    """Believe the exit status of the policy's own restore, as the drill saw it, and of what fetches for that."""
    return not any(found.startswith(("RESTORE-", "FETCH-")) for found in sight.found)


def _starts(sight: Sight) -> bool:
    """See whether what was restored starts and answers, as ``KEYS *`` and a query do."""
    return _restore_ends(sight) and not {"NOT-BOOTABLE", "NOT-RECOVERED", "UNREADABLE"} & set(sight.found)


def _tool(pattern: str, *command: str) -> Callable[[Sight], bool | None]:
    """Return a check by a program of the places that fit a pattern; it may have nothing to look at."""

    def check(sight: Sight) -> bool | None:
        program = _program(command[0], path=sight.path)
        if program is None or not any(sight.whole.glob(pattern)):
            return None
        # A place that is gone is not looked at; who looks for it there finds nothing only if all of them are.
        places = sorted(map(str, sight.directory.glob(pattern)))
        looks = [places] if ALL in command else [[place] for place in places]
        return bool(places) and all(
            _content([command[0], *_filled(command[1:], look)], program=program, path=sight.path) for look in looks
        )

    return check


def _filled(words: Sequence[str], places: Sequence[str]) -> Iterator[str]:
    for word in words:
        if word == ALL:
            yield from places
        else:
            yield word.format(place=places[0], parent=Path(places[0]).parent)


def _program(name: str, *, path: str) -> str | None:
    found = shutil.which(name, path=path)
    # The server is these programs, too, where it is called by their name; a wheel has it under its own alone.
    return shutil.which("redis-server", path=path) if found is None and name.startswith("redis-check-") else found


def _content(command: Sequence[str], *, program: str, path: str) -> bool:
    ran = subprocess.run(
        command,
        executable=program,
        env={**os.environ, "PATH": path, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return ran.returncode == 0


CHECKS: Mapping[str, Callable[[Sight], bool | None]] = {
    "checksum": _checksum,
    "size": _size,
    "age": _age,
    "gzip -t": _tool("**/*.gz", "gzip", "-t", ALL),
    "zstd -t": _tool("**/*.zst", "zstd", "-q", "-t", ALL),
    "tar -t": _tool("**/*.tar*", "tar", "-tf", "{place}"),
    "git fsck": _tool("*.git", "git", "--git-dir={place}", "fsck"),
    "pg_restore --list": _tool("dump", "pg_restore", "--list", "{place}"),
    "pg_restore": _tool("dump", "pg_restore", "--file=/dev/null", "{place}"),
    "pg_verifybackup": _tool("backup_manifest", "pg_verifybackup", "-n", "-q", f"--ignore={MANIFEST}", "{parent}"),
    "redis-check-rdb": _tool("dump.rdb", "redis-check-rdb", "{place}"),
    "redis-check-aof": _tool("aof/*.manifest", "redis-check-aof", "{place}"),
    "restore's exit status": _restore_ends,
    "starts and answers": _starts,
}
"""The usual checks, by their name; each returns whether it is content, None where it does not apply."""
INFERRED = frozenset({"restore's exit status", "starts and answers"})
"""Those that are not run: what they say follows from what the drill itself found on restoring."""


def _bytes(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
