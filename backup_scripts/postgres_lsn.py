"""Positions in PostgreSQL's write-ahead log: LSNs, and the names of the segments that hold them."""

from __future__ import annotations

import re
from typing import NamedTuple

LSN = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})")
SEGMENT = re.compile(r"([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})")
XLOG_ID = 1 << 32  # bytes that the middle part of a segment's name counts


def parse(text: str) -> int | None:
    """Return the byte position of an LSN as 0/3000028; None where the text is none."""
    found = LSN.fullmatch(text)
    return int(found[1], 16) << 32 | int(found[2], 16) if found else None


def written(position: int) -> str:
    """Return a byte position as PostgreSQL writes it."""
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"


class Numbering(NamedTuple):
    """How segments of one size are numbered and named."""

    segment_size: int

    def number(self, position: int) -> int:
        """Return the number of the segment that holds a position."""
        return position // self.segment_size

    def name(self, timeline: int, number: int) -> str:
        """Return a segment's file name."""
        per_id = XLOG_ID // self.segment_size
        return f"{timeline:08X}{number // per_id:08X}{number % per_id:08X}"

    def parse(self, name: str) -> tuple[int, int] | None:
        """Return timeline and number of a segment's file name; None where it is none."""
        found = SEGMENT.fullmatch(name)
        if found is None:
            return None
        timeline, high, low = (int(part, 16) for part in found.groups())
        return timeline, high * (XLOG_ID // self.segment_size) + low
