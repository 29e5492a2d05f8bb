"""What a cache should hold after a sequence of writes, worked out without a server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from drill.arbitrary.hashing import NOTHING_COUNTED, count, score

Command = tuple[bytes | int, ...]
"""A command of the server as it is sent: name, key, arguments."""


Pending = dict[bytes, tuple[bytes, int]]
"""Of each id that is still worked on: by whom, and how often it was delivered."""


@dataclass(slots=True)
class Stream:
    """Entries by id; of each group which id was delivered last and what is worked on; the newest id that ever was."""

    entries: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    groups: dict[bytes, tuple[bytes, Pending]] = field(default_factory=dict)
    last: bytes = b"0-0"


@dataclass(slots=True)
class Entry:
    """A key's value as Python has it, and the Unix millisecond at which it ends; -1: never. Fields may end before."""

    value: Any
    ends: int = -1
    field_ends: dict[bytes, int] = field(default_factory=dict)


Database = dict[bytes, Entry]


class Model:
    """Every database index and its keys; a key's name tells its type, so that no write finds another one."""

    def __init__(self) -> None:
        self._databases: dict[int, Database] = {}

    def apply(self, database: int, command: Command) -> None:
        """Do what the command does."""
        name, key, *arguments = command
        held = self._databases.setdefault(database, {})
        if name == b"MOVE":
            there = self._databases.setdefault(int(arguments[0]), {})
            if there is not held and key in held and key not in there:
                there[key] = held.pop(key)
        elif name in MAKING or key in held:
            EFFECTS[name](held, key, *arguments)
            if key in held and held[key].value in ([], set(), {}):
                del held[key]

    def forget(self, database: int, key: bytes) -> None:
        """Have the end of a key come."""
        del self._databases[database][key]

    def pending(self, database: int, key: Any, group: Any) -> list[bytes]:
        """Return the ids of a stream that consumers of a group work on."""
        entry = self._databases.get(database, {}).get(key)
        return sorted(entry.value.groups.get(group, (b"", {}))[1]) if entry else []

    @property
    def held(self) -> dict[int, Database]:
        """What there is; an index without keys is not there."""
        return {index: keys for index, keys in self._databases.items() if keys}


def _made(held: Database, key: bytes, value: Any) -> Any:
    return held.setdefault(key, Entry(value)).value


def _set(held: Database, key: bytes, value: bytes) -> None:
    held[key] = Entry(value)


def _append(held: Database, key: bytes, value: bytes) -> None:
    held.setdefault(key, Entry(b"")).value += value


def _set_bit(held: Database, key: bytes, place: int, bit: int) -> None:
    entry = held.setdefault(key, Entry(b""))
    octets = bytearray(entry.value.ljust(place // 8 + 1, b"\0"))
    mask = 0x80 >> place % 8
    octets[place // 8] = octets[place // 8] | mask if bit else octets[place // 8] & ~mask
    entry.value = bytes(octets)


def _rename(held: Database, key: bytes, other: bytes) -> None:
    held[other] = held.pop(key)


def _end(held: Database, key: bytes, moment: int) -> None:
    held[key].ends = moment


def _rank(held: Database, key: bytes, score: bytes, member: bytes) -> None:
    _made(held, key, {})[member] = float(score)


def _locate(held: Database, key: bytes, longitude: bytes, latitude: bytes, member: bytes) -> None:
    _made(held, key, {})[member] = score(float(longitude), float(latitude))


def _count(held: Database, key: bytes, *elements: bytes) -> None:
    entry = held.setdefault(key, Entry(NOTHING_COUNTED))
    for element in elements:
        entry.value = count(entry.value, element)


def _set_field(held: Database, key: bytes, name: bytes, value: bytes) -> None:
    _made(held, key, {})[name] = value
    held[key].field_ends.pop(name, None)


def _remove_field(held: Database, key: bytes, name: bytes) -> None:
    held[key].value.pop(name, None)
    held[key].field_ends.pop(name, None)


def _end_field(held: Database, key: bytes, name: bytes, moment: int) -> None:
    if name in held[key].value:
        held[key].field_ends[name] = moment


def _enter(held: Database, key: bytes, identifier: bytes, name: bytes, value: bytes) -> None:
    stream = _made(held, key, Stream())
    stream.entries[identifier] = (name, value)
    stream.last = identifier


def _trim(held: Database, key: bytes, length: int) -> None:
    entries = held[key].value.entries
    for identifier in list(entries)[: max(0, len(entries) - length)]:
        del entries[identifier]


def _group(held: Database, key: bytes, group: bytes, *_: bytes) -> None:
    _made(held, key, Stream()).groups.setdefault(group, (b"0-0", {}))


def _deliver(held: Database, key: bytes, group: bytes, consumer: bytes) -> None:
    """Give a consumer of a group everything that is new to the group, without its acknowledging any of it."""
    stream = held[key].value
    if group in stream.groups:
        last, pending = stream.groups[group]
        new = [identifier for identifier in stream.entries if _position(identifier) > _position(last)]
        stream.groups[group] = ((new or [last])[-1], pending | dict.fromkeys(new, (consumer, 1)))


def _claim(held: Database, key: bytes, group: bytes, consumer: bytes, identifier: bytes) -> None:
    """Give another consumer what one works on; what can no longer be read is not worked on any more."""
    stream = held[key].value
    _, pending = stream.groups.get(group, (b"", {}))
    if identifier in pending:
        _, times = pending.pop(identifier)
        if identifier in stream.entries:
            pending[identifier] = (consumer, times + 1)


def _acknowledge(held: Database, key: bytes, group: bytes, identifier: bytes) -> None:
    _, pending = held[key].value.groups.get(group, (b"", {}))
    pending.pop(identifier, None)


def _position(identifier: bytes) -> tuple[int, ...]:
    return tuple(map(int, identifier.split(b"-")))


EFFECTS: dict[bytes | int, Callable[..., object]] = {
    b"SET": _set,
    b"APPEND": _append,
    b"SETBIT": _set_bit,
    b"RPUSH": lambda held, key, *elements: _made(held, key, []).extend(elements),
    b"LPOP": lambda held, key: held[key].value.pop(0),
    b"SADD": lambda held, key, *members: _made(held, key, set()).update(members),
    b"SREM": lambda held, key, *members: held[key].value.difference_update(members),
    b"HSET": _set_field,
    b"HDEL": _remove_field,
    b"HPEXPIREAT": _end_field,
    b"ZADD": _rank,
    b"GEOADD": _locate,
    b"PFADD": _count,
    b"ZREM": lambda held, key, member: held[key].value.pop(member, None),
    b"XADD": _enter,
    # What is still worked on stays so, though it can no longer be read.
    b"XDEL": lambda held, key, identifier: held[key].value.entries.pop(identifier, None),
    b"XTRIM": _trim,
    b"XGROUP CREATE": _group,
    b"XREADGROUP": _deliver,
    b"XCLAIM": _claim,
    b"XACK": _acknowledge,
    b"DEL": lambda held, key: held.pop(key),
    b"RENAME": _rename,
    b"PEXPIREAT": _end,
    b"PERSIST": lambda held, key: _end(held, key, -1),
}
MAKING = {
    b"SET",
    b"APPEND",
    b"SETBIT",
    b"RPUSH",
    b"SADD",
    b"HSET",
    b"ZADD",
    b"GEOADD",
    b"PFADD",
    b"XADD",
    b"XGROUP CREATE",
}
"""The commands that make a key which is not there."""
