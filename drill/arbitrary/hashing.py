"""What servers make of an element that is only counted, and of a place on earth, worked out without a server."""

from __future__ import annotations

from drill.fingerprints.redis.hyperloglog import MAGIC, REGISTERS

NOTHING_COUNTED = MAGIC + bytes(REGISTERS)
_SEED, _FACTOR, _SHIFT, _MASK = 0xADC83B19, 0xC6A4A7935BD1E995, 47, (1 << 64) - 1
_INDEX_BITS = 14
_STEPS = 26
_LATITUDE, _LONGITUDE = 85.05112878, 180.0


def count(counted: bytes, element: bytes) -> bytes:
    """Return a HyperLogLog in its canonical form with one element more: the rank that its hash has in its register."""
    hashed = _murmur(element)
    register = len(MAGIC) + (hashed & (REGISTERS - 1))
    rest = hashed >> _INDEX_BITS | 1 << (64 - _INDEX_BITS)
    rank = (rest & -rest).bit_length()
    changed = bytearray(counted)
    changed[register] = max(changed[register], rank)
    return bytes(changed)


def score(longitude: float, latitude: float) -> float:
    """Return the score that a place has in its sorted set: the bits of both coordinates in turns."""
    x = int((longitude + _LONGITUDE) / (2 * _LONGITUDE) * (1 << _STEPS))
    y = int((latitude + _LATITUDE) / (2 * _LATITUDE) * (1 << _STEPS))
    return float(sum((y >> bit & 1) << 2 * bit | (x >> bit & 1) << 2 * bit + 1 for bit in range(_STEPS)))


def _murmur(element: bytes) -> int:
    """Hash as MurmurHash64A does."""
    hashed = _SEED ^ len(element) * _FACTOR & _MASK
    whole = len(element) // 8 * 8
    for at in range(0, whole, 8):
        block = int.from_bytes(element[at : at + 8], "little") * _FACTOR & _MASK
        block = (block ^ block >> _SHIFT) * _FACTOR & _MASK
        hashed = (hashed ^ block) * _FACTOR & _MASK
    if rest := element[whole:]:
        hashed = (hashed ^ int.from_bytes(rest, "little")) * _FACTOR & _MASK
    hashed = (hashed ^ hashed >> _SHIFT) * _FACTOR & _MASK
    return hashed ^ hashed >> _SHIFT
