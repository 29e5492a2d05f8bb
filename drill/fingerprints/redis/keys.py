"""What is counted of each Redis key: one item, and one more for each field of a hash that has an expiry of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from struct import unpack
from typing import Any, NamedTuple
from zlib import crc32

from drill.fingerprints.content import Census
from drill.fingerprints.redis.batches import NEVER, Batch, Key, Walk
from drill.fingerprints.redis.connection import RedisConnection
from drill.fingerprints.redis.hyperloglog import MAGIC, canonical, canonical_parts
from drill.fingerprints.redis.streams import stream_digest
from drill.fingerprints.redis.values import (
    EMPTY,
    FOREIGN,
    HASH,
    SORTS,
    STREAM,
    STRING,
    Sort,
    hashed,
    hashed_pairs,
    packed,
    pairs,
    readable,
)

WINDOW = 1 << 20
"""How many bytes of a large value are asked for at once, roughly."""
# Spreads a checksum's bits, so that the low ones of similar names are as good as random.
_SPREAD = 0x9E3779B97F4A7C15
# What is hashed of a key: type, expiry, length of the name, name; then its value.
_HEAD = b"%b %d %d %b"
_STRING = _HEAD + b"%b"
_ABSENT = b"none"

Name = tuple[bytes, bytes, bytes | None]
"""Key, type and, where it is about one of its fields, that."""
Row = tuple[Name, int, int, int | None]
"""What a census counts: name, draw, digest, expiry."""


def named(name: Name) -> str:
    """Return what people call a key or a field."""
    key, kind, field = name
    known = kind in SORTS or kind == STREAM
    text = readable(key) if known else f"{readable(key)} ({kind.decode()}, by its DUMP)"
    return text if field is None else f"field {readable(field)} of {text}"


class _Fields(NamedTuple):
    """A part of a hash: [name, value, …] and when which field expires; empty where none does."""

    flat: Sequence[bytes]
    expiries: Sequence[int]


class Reader:
    """Reads the keys of one database index; ``keys`` counts those that were there.

    It takes two connections to that index: large values are read while the walk's next batch is on its way.
    """

    def __init__(self, walking: RedisConnection, reading: RedisConnection) -> None:
        self.keys = 0
        self._walking = walking
        self._server = reading
        self._fields_expire = any(reading.ask("COMMAND INFO", "HPEXPIRETIME"))

    def count(self, census: Census) -> None:
        """Count every key. One that goes away meanwhile is passed over."""
        for batch in Walk(self._walking, fields_expire=self._fields_expire):
            self._count_strings(batch, census)
            census.add_all(self._rows_of(batch.others), named=named)

    def _count_strings(self, batch: Batch, census: Census) -> None:
        """Count the usual keys of the usual server, a million times over: what _row does, without its calls."""
        names = batch.names
        self.keys += len(names)
        values = [canonical(value) if value[:4] == MAGIC else value for value in batch.values]
        digests = []
        for told in zip([STRING] * len(names), batch.expiries, map(len, names), names, values, strict=True):
            digest = EMPTY.copy()
            digest.update(_STRING % told)
            digests.append(digest.digest())
        census.add_columns(
            names,
            [_draw(name) for name in names],
            unpack(f">{len(digests)}Q", b"".join(digests)),
            [None if expires == NEVER else expires for expires in batch.expiries],
            named=readable,
        )

    def _rows_of(self, keys: Iterable[Key]) -> Iterator[Row]:
        for key in keys:
            if key.kind == _ABSENT:
                continue
            self.keys += 1
            if key.value is None:
                yield from self._rows_in_parts(key)
            elif key.kind == HASH:
                yield from _hash_rows(key, [_fields(*key.value)])
            else:
                yield _row(key, [_digest(key, [key.value])], ends=key.ends)

    def _rows(self, key: Key, parts: Iterable[Any]) -> Iterator[Row]:
        if key.kind == HASH:
            yield from _hash_rows(key, parts)
        elif key.kind == STREAM:
            yield _row(key, [stream_digest(self._server, key.name)], ends=key.ends)
        elif key.kind == STRING:
            yield _row(key, canonical_parts(parts), ends=key.ends)
        else:
            yield _row(key, [_digest(key, parts)], ends=key.ends)

    def _rows_in_parts(self, key: Key) -> Iterator[Row]:
        for row in self._rows(key, self._parts(key)):
            (_, _, field), *_ = row
            # The key's own row comes last; where it has gone away meanwhile, that would be half a value's.
            if field is not None or self._server.ask("EXISTS", key.name):
                yield row

    def _parts(self, key: Key) -> Iterator[Any]:
        sort = _sort(key)
        length = self._server.ask(sort.length, key.name)
        memory = self._server.ask("MEMORY USAGE", key.name) or 0
        step = max(1, WINDOW * length // max(1, memory))
        for part in sort.windows(self._server, key.name, length, step):
            yield self._fields(key, part) if key.kind == HASH else part

    def _fields(self, key: Key, flat: Sequence[bytes]) -> _Fields:
        if not self._fields_expire or not flat:
            return _Fields(flat, [])
        return _fields(flat, self._server.ask("HPEXPIRETIME", key.name, "FIELDS", len(flat) // 2, *flat[::2]))


def _sort(key: Key) -> Sort:
    return SORTS.get(key.kind, FOREIGN)


def _digest(key: Key, parts: Iterable[Any]) -> bytes:
    sort = _sort(key)
    return sort.digest(map(sort.elements, parts))


def _draw(name: bytes) -> int:
    return crc32(name) * _SPREAD >> 32


def _hash_body(number: int, total: int) -> bytes:
    return packed(b"%d" % number, b"%d" % total)


def _fields(flat: Sequence[bytes], expiries: Sequence[int]) -> _Fields:
    return _Fields(flat, [] if expiries.count(NEVER) == len(expiries) else expiries)


def _hash_rows(key: Key, parts: Iterable[_Fields]) -> Iterator[Row]:
    """Return the hash with the fields that stay, and each field that will expire, which is no loss when it does."""
    ends = key.ends
    staying = total = latest = 0
    for part in parts:
        if not part.expiries:
            staying, total = staying + len(part.flat) // 2, total + hashed_pairs(part.flat)
            continue
        for (field, value), expires in zip(pairs(part.flat), part.expiries, strict=True):
            if expires == NEVER:
                staying, total = staying + 1, total + hashed(field, value)
                continue
            latest = max(latest, expires)
            own = expires if ends is None else min(expires, ends)
            digest = hashed(key.name, field, value, b"%d" % expires)
            yield (key.name, key.kind, field), hashed(key.name, field), digest, own
    if not staying and (ends is None or latest < ends):
        ends = latest
    yield _row(key, [_hash_body(staying, total)], ends=ends)


def _row(key: Key, body: Iterable[bytes], *, ends: int | None) -> Row:
    """Return a key's own row; ``body`` is its value, or a digest of that."""
    expires = NEVER if ends is None else ends
    digest = EMPTY.copy()
    digest.update(_HEAD % (key.kind, expires, len(key.name), key.name))
    for part in body:
        digest.update(part)
    return (key.name, key.kind, None), _draw(key.name), int.from_bytes(digest.digest()), ends
