"""Reading Redis keys a batch at a time, so that neither the server waits nor memory grows with a large value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from drill.fingerprints.content import Item
from drill.fingerprints.redis.connection import RedisConnection
from drill.fingerprints.redis.streams import stream_digest
from drill.fingerprints.redis.values import FOREIGN, HASH, SORTS, STREAM, STRING, Sort, hashed, packed, pairs, readable

SMALL = 16 << 10
"""Up to how many bytes of memory a value is read whole, together with the rest of its batch."""
WINDOW = 1 << 20
"""How many bytes of a larger value are asked for at once, roughly."""
# One call for a whole batch: three commands for each key took four times as long, nearly all of it in the client.
_DESCRIBE = """
local found = {}
for place, key in ipairs(KEYS) do
    local kind = redis.call('TYPE', key).ok
    found[place] = {kind, redis.call('MEMORY', 'USAGE', key) or 0, redis.call('PEXPIRETIME', key)}
end
return found
"""
_ABSENT = b"none"
_NEVER = -1


@dataclass(frozen=True, slots=True)
class _Key:
    name: bytes
    kind: bytes
    memory: int
    expires: int

    @property
    def sort(self) -> Sort:
        return SORTS.get(self.kind, FOREIGN)

    @property
    def ends(self) -> int | None:
        return None if self.expires == _NEVER else self.expires

    @property
    def small(self) -> bool:
        return self.memory <= SMALL and self.kind != STREAM

    def __str__(self) -> str:
        known = self.kind in SORTS or self.kind == STREAM
        return readable(self.name) if known else f"{readable(self.name)} ({self.kind.decode()}, by its DUMP)"


@dataclass(frozen=True, slots=True)
class _Fields:
    """A part of a hash: [name, value, …] and, by name, when which field expires."""

    flat: Sequence[bytes]
    expiries: Sequence[int]


class Reader:
    """Reads the keys of one database index; ``keys`` counts those that were there."""

    def __init__(self, server: RedisConnection) -> None:
        self.keys = 0
        self._server = server
        (known,) = server.ask("COMMAND INFO", "HPEXPIRETIME")
        self._fields_expire = bool(known)

    def read(self, names: Sequence[bytes]) -> Iterator[tuple[str, Item]]:
        """Return what is to be counted for each key: itself, and each field of a hash that has an expiry of its own.

        A key that goes away meanwhile is passed over.
        """
        keys = self._found(names)
        yield from self._read_whole([key for key in keys if key.small and key.kind != HASH])
        yield from self._read_hashes([key for key in keys if key.small and key.kind == HASH])
        for key in keys:
            if not key.small:
                yield from self._read_in_parts(key)

    def _found(self, names: Sequence[bytes]) -> list[_Key]:
        found = self._server.ask("EVAL_RO", _DESCRIBE, len(names), *names) if names else []
        keys = (_Key(name, *told) for name, told in zip(names, found, strict=True))
        return [key for key in keys if key.kind != _ABSENT]

    def _read_whole(self, keys: Sequence[_Key]) -> Iterator[tuple[str, Item]]:
        strings = [key for key in keys if key.kind == STRING]
        others = [key for key in keys if key.kind != STRING]
        texts = self._server.ask("MGET", *(key.name for key in strings)) if strings else []
        values = self._server.ask_all(key.sort.command(key.name) for key in others)
        for key, value in zip([*strings, *others], [*texts, *values], strict=True):
            # Only a string may be empty: whatever else is, has gone away.
            if value or value == b"":
                yield from self._items(key, [value])

    def _read_hashes(self, keys: Sequence[_Key]) -> Iterator[tuple[str, Item]]:
        values = self._server.ask_all(key.sort.command(key.name) for key in keys)
        there = [(key, value) for key, value in zip(keys, values, strict=True) if value]
        parts = self._fields([(key.name, value) for key, value in there])
        for (key, _), part in zip(there, parts, strict=True):
            yield from self._items(key, [part])

    def _read_in_parts(self, key: _Key) -> Iterator[tuple[str, Item]]:
        for name, item in self._items(key, self._parts(key)):
            # The key's own item comes last; where it has gone away meanwhile, that would be half a value's.
            if name != str(key) or self._server.ask("EXISTS", key.name):
                yield name, item

    def _parts(self, key: _Key) -> Iterator[Any]:
        length = self._server.ask(key.sort.length, key.name)
        step = max(1, WINDOW * length // max(1, key.memory))
        for part in key.sort.windows(self._server, key.name, length, step):
            yield from self._fields([(key.name, part)]) if key.kind == HASH else [part]

    def _fields(self, hashes: Sequence[tuple[bytes, Sequence[bytes]]]) -> list[_Fields]:
        if not self._fields_expire:
            return [_Fields(flat, [_NEVER] * (len(flat) // 2)) for _, flat in hashes]
        replies = self._server.ask_all(
            [("HPEXPIRETIME", name, "FIELDS", len(flat) // 2, *flat[::2]) for name, flat in hashes]
        )
        return [_Fields(flat, expiries) for (_, flat), expiries in zip(hashes, replies, strict=True)]

    def _items(self, key: _Key, parts: Iterable[Any]) -> Iterator[tuple[str, Item]]:
        self.keys += 1
        if key.kind == HASH:
            yield from _hash_items(key, parts)
        elif key.kind == STREAM:
            yield str(key), _item(key, stream_digest(self._server, key.name), ends=key.ends)
        else:
            digest = key.sort.digest(key.sort.elements(part) for part in parts)
            yield str(key), _item(key, digest, ends=key.ends)


def _hash_items(key: _Key, parts: Iterable[_Fields]) -> Iterator[tuple[str, Item]]:
    """Return the hash with the fields that stay, and each field that will expire, which is no loss when it does."""
    ends = key.ends
    staying = total = latest = 0
    for part in parts:
        for (field, value), expires in zip(pairs(part.flat), part.expiries, strict=True):
            if expires == _NEVER:
                staying, total = staying + 1, total + hashed(field, value)
                continue
            latest = max(latest, expires)
            own = expires if ends is None else min(expires, ends)
            item = Item(hashed(key.name, field), hashed(key.name, field, value, b"%d" % expires), own)
            yield f"field {readable(field)} of {key}", item
    if not staying and (ends is None or latest < ends):
        ends = latest
    yield str(key), _item(key, packed(b"%d" % staying, b"%d" % total), ends=ends)


def _item(key: _Key, digest: bytes, *, ends: int | None) -> Item:
    return Item(hashed(key.name), hashed(key.name, key.kind, digest, b"%d" % (ends or _NEVER)), ends)
