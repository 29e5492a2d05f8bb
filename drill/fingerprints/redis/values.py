"""The values of Redis keys as hashes that do not depend on how the server encodes them, nor on the order of a set."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from drill.fingerprints.fingerprint import FingerprintError
from drill.fingerprints.redis.connection import RedisConnection

Chunks = Iterable[Sequence[bytes]]

EMPTY = blake2b(digest_size=8)
"""To be copied, which takes a third of the time that a new one does."""
_LENGTH = struct.Struct(">Q").pack


def packed(*parts: bytes) -> bytes:
    """Join the parts so that no other parts give the same."""
    return b"".join([piece for part in parts for piece in (_LENGTH(len(part)), part)])


def hashed(*parts: bytes) -> int:
    """Return a 64-bit hash of the parts."""
    digest = EMPTY.copy()
    digest.update(packed(*parts))
    return int.from_bytes(digest.digest(), "big")


def hashed_pairs(flat: Sequence[bytes]) -> int:
    """Return the sum of the hashes of [name, value, name, value, …], of each pair what ``hashed`` returns."""
    total = 0
    for name, value in zip(flat[::2], flat[1::2], strict=True):
        digest = EMPTY.copy()
        digest.update(b"%b%b%b%b" % (_LENGTH(len(name)), name, _LENGTH(len(value)), value))
        total += int.from_bytes(digest.digest())
    return total


def readable(name: bytes) -> str:
    """Return a name as people read it; no two names read the same."""
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return repr(name)
    return text if text.isprintable() and "\\" not in text else repr(name)


def hashed_as_one(chunks: Chunks) -> bytes:
    """Return a hash of all elements joined."""
    total = EMPTY.copy()
    for chunk in chunks:
        total.update(b"".join(chunk))
    return total.digest()


def hashed_in_order(chunks: Chunks) -> bytes:
    """Return a hash of all elements as one sequence."""
    total = EMPTY.copy()
    for chunk in chunks:
        total.update(packed(*chunk))
    return total.digest()


def hashed_in_any_order(chunks: Chunks) -> bytes:
    """Return a hash of all elements as one multiset."""
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
        length: the command that returns the number of elements (of a string: bytes).
        windows: returns a value in parts of a given number of elements.
        elements: what a part consists of.
        digest: the hash of the elements of all parts.
    """

    length: str
    windows: Callable[[RedisConnection, bytes, int, int], Iterator[Any]]
    elements: Callable[[Any], Sequence[bytes]]
    digest: Callable[[Chunks], bytes]


def _by_rank(command: str, *options: str) -> Callable[[RedisConnection, bytes, int, int], Iterator[Any]]:
    def windows(server: RedisConnection, key: bytes, length: int, step: int) -> Iterator[Any]:
        for start in range(0, length, step):
            yield server.ask(command, key, start, start + step - 1, *options)

    return windows


def _at_once(command: str) -> Callable[[RedisConnection, bytes, int, int], Iterator[Any]]:
    def windows(server: RedisConnection, key: bytes, _length: int, _step: int) -> Iterator[Any]:
        reply = server.ask(command, key)
        if reply is not None:
            yield reply

    return windows


def _by_cursor(
    command: str, *, count: str, replies: int = 1
) -> Callable[[RedisConnection, bytes, int, int], Iterator[Any]]:
    """Return windows by a SCAN command that returns so many replies for an element.

    It may return an element twice while the server shrinks the table; then there are more than there should be, by what
    ``count`` says before and after.
    """

    def windows(server: RedisConnection, key: bytes, length: int, step: int) -> Iterator[Any]:
        cursor, seen = b"", 0
        while cursor != b"0":
            cursor, elements = server.ask(command, key, cursor or 0, "COUNT", step)
            seen += len(elements) // replies
            yield elements
        if seen > length and seen > server.ask(count, key):
            raise FingerprintError(
                f"key {readable(key)}: {seen} elements were read of {length}",
                remedy="stop whatever writes to the server and try again",
            )

    return windows


def _vectors(server: RedisConnection, key: bytes, length: int, step: int) -> Iterator[Any]:
    """Return the elements of a vector set with their vectors as they are stored, and attributes.

    Not the links between them: the server may make those anew, and its serialisation differs with every start.
    """
    names = server.ask("VRANDMEMBER", key, length) or []
    for start in range(0, len(names), step):
        yield [
            packed(name, *stored, server.ask("VGETATTR", key, name) or b"")
            for name in names[start : start + step]
            if (stored := server.ask("VEMB", key, name, "RAW"))
        ]


def _scored(flat: Sequence[bytes]) -> list[bytes]:
    # Servers write a score in more or fewer digits; the double they mean is what counts. Nought is added because they
    # forget the sign of minus nought where they write a sorted set compactly.
    return [packed(member, struct.pack(">d", float(score) + 0.0)) for member, score in pairs(flat)]


def _alone(reply: bytes) -> list[bytes]:
    return [reply]


STRING = b"string"
HASH = b"hash"
STREAM = b"stream"
SORTS = {
    STRING: Sort("STRLEN", _by_rank("GETRANGE"), _alone, hashed_as_one),
    b"list": Sort("LLEN", _by_rank("LRANGE"), list, hashed_in_order),
    b"set": Sort("SCARD", _by_cursor("SSCAN", count="SCARD"), list, hashed_in_any_order),
    HASH: Sort("HLEN", _by_cursor("HSCAN", count="HLEN", replies=2), list, hashed_in_any_order),
    b"zset": Sort("ZCARD", _by_rank("ZRANGE", "WITHSCORES"), _scored, hashed_in_order),
    b"vectorset": Sort("VCARD", _vectors, list, hashed_in_any_order),
}
# A module's type: nothing but the module can read it, so the server's serialisation has to do.
FOREIGN = Sort("EXISTS", _at_once("DUMP"), _alone, hashed_as_one)
