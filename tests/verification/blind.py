"""Blind damage: whatever can befall the bytes of a stored file, done by chance, with no idea of what is in it."""

import json
import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

from drill.rehearsal.record import FILE, Record
from drill.rehearsal.record import PLACE as RECORD


@dataclass(frozen=True)
class Blow:
    """What was done to which files, seen from the repository."""

    what: str
    files: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.what}: {' and '.join(self.files)}"


def flip(content, chance, _):
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def cut(content, chance, _):
    return content[: chance.randrange(len(content))]


def zero(content, chance, _):
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return content[:start] + bytes(end - start) + content[end:]


def repeat(content, chance, _):
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return content[:end] + content[start:end] + content[end:]


def lengthen(content, chance, _):
    return content + chance.randbytes(chance.randrange(1, 600))


def overwrite(content, chance, other):
    return other


BLOWS = {each.__name__: each for each in (flip, cut, zero, repeat, lengthen, overwrite)}


def sorts(repository: Path, set_name: str) -> list[list[Path]]:
    """Return the files of a set and of its record by their sort: the same name in other backups, the same suffix."""
    found = {}
    for path in sorted(path for part in (set_name, RECORD) for path in (repository / part).rglob("*")):
        # What begins with a dot beside the backups are marks of how a set is kept, and none of what it keeps.
        if path.is_file() and path.stat().st_size and not (path.parent.name == set_name and path.name[0] == "."):
            inside = path.relative_to(repository).parts[1:]
            sort = inside[1:-1] or inside[:1] if len(inside) > 1 else ()
            found.setdefault((len(inside), *sort[:1], "".join(path.suffixes[-1:])), []).append(path)
    return list(found.values())


def befall(repository: Path, set_name: str, chance: random.Random) -> Blow:
    """Do one thing to one file, or two, so that something else is said there than before."""
    while True:
        victim = chance.choice(chance.choice(sorts(repository, set_name)))
        what = chance.choice([*BLOWS, "remove", "swap"])
        before = victim.read_bytes()
        name = str(victim.relative_to(repository))
        if what == "remove":
            victim.unlink()
            return Blow(what, (name,))
        other = chance.choice(chance.choice(sorts(repository, set_name)))
        if what == "swap":
            if said(before) != said(other.read_bytes()):
                victim.write_bytes(other.read_bytes())
                other.write_bytes(before)
                return Blow(what, (name, str(other.relative_to(repository))))
            continue
        after = BLOWS[what](before, chance, other.read_bytes())
        if said(before) != said(after):
            victim.write_bytes(after)
            return Blow(what, (name,))


def said(content: bytes) -> object:
    """Return what a file says: of JSON whatever way it is written, of all else every byte."""
    try:
        return json.loads(content)
    except ValueError:
        return content


def touch(repository: Path, set_name: str, chance: random.Random) -> Blow:
    """Give a file another time, and nothing else."""
    victim = chance.choice(chance.choice(sorts(repository, set_name)))
    moment = chance.randrange(0, 2_000_000_000)
    os.utime(victim, (moment, moment))
    return Blow("another time", (str(victim.relative_to(repository)),))


def set_of(rehearsed: Path, name: str, place: Path) -> Path:
    """Copy a set with its part of the record, so that nothing is shared."""
    (place / RECORD).mkdir(mode=0o711, parents=True)
    place.chmod(0o711)
    shutil.copytree(rehearsed / name, place / name)
    states = Record.read(rehearsed).sets[name].states
    for held in (FILE, *(state.held for state in states)):
        shutil.copy2(rehearsed / RECORD / held, place / RECORD / held)
    return place
