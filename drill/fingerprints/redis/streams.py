"""A Redis stream as a sequence of parts: its entries, its counters, and what its groups are in the middle of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from drill.fingerprints.redis.connection import RedisConnection
from drill.fingerprints.redis.values import hashed_in_order, packed, pairs

ENTRIES = 1000
"""How many entries are asked for at once."""
# The rest of XINFO follows from these, or tells how the server stores it and how long ago somebody looked. Not how many
# entries a group has read: Redis 7.0 forgets that over a restart, and it says how far behind the group is, not what it
# will be given.
_STREAM = (b"length", b"last-generated-id", b"max-deleted-entry-id", b"entries-added")
_GROUP = (b"name", b"last-delivered-id")


def stream_digest(server: RedisConnection, key: bytes) -> bytes:
    """Return a hash of everything about a stream that outlives a restart, on whatever version of a server."""
    return hashed_in_order(_parts(server, key))


def _parts(server: RedisConnection, key: bytes) -> Iterator[Sequence[bytes]]:
    yield _told(server.ask("XINFO STREAM", key), _STREAM)
    for entries in _windows(server, "XRANGE", key):
        yield [packed(entry, *fields) for entry, fields in entries]
    groups = [_told(group, _GROUP) for group in server.ask("XINFO GROUPS", key)]
    for group in sorted(groups):
        yield [b"group", *group]
        yield [b"consumers", *_consumers(server, key, group[0])]
        for pending in _windows(server, "XPENDING", key, group[0]):
            yield [packed(entry, consumer, _text(delivered)) for entry, consumer, _, delivered in pending]


def _consumers(server: RedisConnection, key: bytes, group: bytes) -> list[bytes]:
    consumers = server.ask("XINFO CONSUMERS", key, group)
    return sorted(dict(pairs(consumer))[b"name"] for consumer in consumers)


def _windows(server: RedisConnection, command: str, key: bytes, *group: bytes) -> Iterator[list[Any]]:
    """Return the replies of a command that reads from one id on, each beginning after the one before."""
    count = ("COUNT", ENTRIES) if command == "XRANGE" else (ENTRIES,)
    start = b"-"
    while entries := server.ask(command, key, *group, start, "+", *count):
        yield entries
        start = b"(" + entries[-1][0]


def _told(flat: Sequence[Any], names: Sequence[bytes]) -> list[bytes]:
    told = dict(pairs(flat))
    return [_text(told.get(name)) for name in names]


def _text(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
