"""The append-only file in parts, as Redis 7 and Valkey keep it: a base, what was written since, and a list of them.

The list, `<name>.manifest`, has one line for each part::

    file appendonly.aof.2.base.rdb seq 2 type b
    file appendonly.aof.2.incr.aof seq 2 type i

Parts of type h (history) are about to be removed by the server and belong to nothing.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

LIST_SUFFIX = ".manifest"
BASE, INCREMENT, HISTORY = "b", "i", "h"


class ListInvalid(Exception):
    """The list of parts is not there or cannot be meant; says why."""


class Part(NamedTuple):
    """One file of an append-only file: its name, its type and its line in the list."""

    name: str
    type: str
    sequence: int
    line: str


def read_list(place: Path) -> tuple[Part, ...]:
    """Return the parts that a list names in the order in which they are loaded, history left out.

    Raises:
        ListInvalid: there is no such list, or one that a server would not load from.
    """
    try:
        lines = place.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise ListInvalid(getattr(error, "strerror", None) or "it is not text") from None
    parts = [_part(line) for line in lines if line.strip() and not line.startswith("#")]
    loaded = tuple(part for part in parts if part.type != HISTORY)
    increments = [part.sequence for part in loaded if part.type == INCREMENT]
    if [part.type for part in loaded] != [BASE, *(INCREMENT for _ in increments)][-len(loaded) :]:
        raise ListInvalid("it does not name one base and then its increments")
    if not increments or increments != sorted(set(increments)):
        raise ListInvalid("its increments are missing or out of order")
    return loaded


def write_list(parts: Iterable[Part], place: Path) -> None:
    """Write the list of exactly these parts."""
    place.write_text("".join(f"{part.line}\n" for part in parts), "utf-8")


def _part(line: str) -> Part:
    try:
        words = shlex.split(line)
        fields = dict(zip(words[::2], words[1::2], strict=True))
        name, kind, sequence = fields["file"], fields["type"], int(fields["seq"])
    except (ValueError, KeyError):
        raise ListInvalid(f"the line {line!r} names no part") from None
    if "/" in name or name in {"", ".", ".."} or kind not in {BASE, INCREMENT, HISTORY}:
        raise ListInvalid(f"the line {line!r} names no part")
    return Part(name, kind, sequence, line)
