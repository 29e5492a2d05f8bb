"""The values of Redis keys as hashes, independent of how the server encodes them and of the order it keeps them in."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import redis

Fields = Iterator[list[bytes]]
WINDOW = 1 << 20
"""How many bytes of a large value are asked for at once, roughly."""


def packed(*parts: bytes) -> bytes:
    """Join the parts so that no other parts give the same."""
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def hashed(*parts: bytes) -> int:
    """Return a 64-bit hash of the parts."""
    return int.from_bytes(blake2b(packed(*parts), digest_size=8).digest(), "big")


def hashed_in_order(chunks: Iterable[Sequence[bytes]]) -> bytes:
    """Return a hash of the elements of all chunks, as one sequence."""
    total = blake2b(digest_size=8)
    for chunk in chunks:
        total.update(packed(*chunk))
    return total.digest()


def hashed_in_any_order(chunks: Iterable[Sequence[bytes]]) -> bytes:
    """Return a hash of the elements of all chunks, as one set."""
    count = total = 0
    for chunk in chunks:
        count += len(chunk)
        total += sum(hashed(element) for element in chunk)
    return packed(str(count).encode(), str(total).encode())


def pairs(flat: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    """Return [name, value, name, value, …] as pairs."""
    return list(zip(flat[::2], flat[1::2], strict=True))


@dataclass(frozen=True, slots=True)
class Sort:
    """How values of one type are read.

    Attributes:
        whole: the command that returns a small value, to be followed by the key.
        bounds: what follows the key in it.
        length: the command that returns the number of elements (bytes of a string).
        windows: the same value in parts: called with server, key, length and the number of elements in a part.
        elements: what a reply of either consists of.
        digest: the hash of all elements.
    """

    whole: str
    bounds: tuple[object, ...]
    length: str
    windows: Callable[[redis.Redis, bytes, int, int], Iterator[Any]]
    elements: Callable[[Any], Sequence[bytes]]
    digest: Callable[[Iterable[Sequence[bytes]]], bytes]


def _by_rank(command: str, *options: object) -> Callable[[redis.Redis, bytes, int, int], Iterator[Any]]:
    def windows(server: redis.Redis, key: bytes, length: int, step: int) -> Iterator[Any]:
        for start in range(0, length, step):
            yield server.execute_command(command, key, start, start + step - 1, *options)

    return windows


def _by_cursor(command: str) -> Callable[[redis.Redis, bytes, int, int], Iterator[Any]]:
    def windows(server: redis.Redis, key: bytes, length: int, step: int) -> Iterator[Any]:  # noqa: ARG001
        cursor: bytes | None = None
        while cursor != b"0":
            cursor, elements = server.execute_command(command, key, cursor or 0, "COUNT", step)
            yield elements

    return windows


def _scored(flat: Sequence[bytes]) -> list[bytes]:
    return [packed(member, struct.pack(">d", float(score))) for member, score in pairs(flat)]


def _named(flat: Sequence[bytes]) -> list[bytes]:
    return [packed(field, value) for field, value in pairs(flat)]


SORTS = {
    b"string": Sort("GET", (), "STRLEN", _by_rank("GETRANGE"), lambda reply: (reply,), hashed_bytes),
    b"list": Sort("LRANGE", (0, -1), "LLEN", _by_rank("LRANGE"), list, hashed_in_order),
    b"set": Sort("SMEMBERS", (), "SCARD", _by_cursor("SSCAN"), list, hashed_in_any_order),
    b"zset": Sort("ZRANGE", (0, -1, "WITHSCORES"), "ZCARD", _by_rank("ZRANGE", "WITHSCORES"), _scored, hashed_in_order),
}
