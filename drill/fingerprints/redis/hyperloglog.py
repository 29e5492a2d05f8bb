"""HyperLogLogs: strings that a server writes in two ways, with a count in them that it forgets and works out again.

The layout is that of hyperloglog.c of Redis, which Valkey has kept: 16 bytes of a header, then 16,384 registers of 6
bits each, dense or as runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MAGIC = b"HYLL"
REGISTERS = 16384
_HEADER = 16
_ENCODING = 4
_DENSE, _SPARSE = 0, 1
_DENSE_BYTES = REGISTERS * 6 // 8
_LONGEST = 1 << 15
"""Bytes; what is longer is none: a server makes runs dense long before."""


def canonical(value: bytes) -> bytes:
    """Return what does not depend on how a HyperLogLog is written; any other string as it is."""
    if len(value) <= _HEADER or not value.startswith(MAGIC):
        return value
    body = value[_HEADER:]
    if value[_ENCODING] == _DENSE and len(body) == _DENSE_BYTES:
        return MAGIC + _dense(body)
    if value[_ENCODING] == _SPARSE and (registers := _sparse(body)) is not None:
        return MAGIC + registers
    return value


def canonical_parts(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Return what, joined, is ``canonical`` of a string that comes in parts."""
    head, rest = b"", iter(parts)
    for part in rest:
        head += part
        if len(head) > _LONGEST or head[: len(MAGIC)] != MAGIC[: len(head)]:
            yield head
            yield from rest
            return
    yield canonical(head)


def _dense(body: bytes) -> bytes:
    registers = bytearray()
    for at in range(0, _DENSE_BYTES, 3):
        four = int.from_bytes(body[at : at + 3], "little")
        registers += bytes((four & 63, four >> 6 & 63, four >> 12 & 63, four >> 18))
    return bytes(registers)


def _sparse(body: bytes) -> bytes | None:
    """Return the registers of runs; None where they are not as many as there have to be."""
    registers = bytearray()
    codes = iter(body)
    for code in codes:
        if len(registers) > REGISTERS:  # a text that begins alike may tell of thousands of times as many
            break
        if code & 0x80:
            registers += bytes([(code >> 2 & 31) + 1]) * ((code & 3) + 1)
        elif code & 0x40:
            registers += bytes(((code & 63) << 8 | next(codes, 0)) + 1)
        else:
            registers += bytes((code & 63) + 1)
    return bytes(registers) if len(registers) == REGISTERS else None
