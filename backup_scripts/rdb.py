"""What an RDB file says of itself without being loaded: its version, its end, and whether it holds any key.

It begins with the engine's name and the format's version; after fields that describe it come the functions and the
databases, and at its end a mark and a checksum, which a server checks when it loads the file.
"""

from __future__ import annotations

import importlib.util
import re
import threading
from pathlib import Path
from typing import BinaryIO

MAGIC = re.compile(rb"REDIS(\d{4})|VALKEY(\d{3})")
MAGIC_BYTES = 9
END = 0xFF
CHECKSUM_BYTES = 8
CHECKSUM, READ_AT_ONCE = "CRC64-REDIS", 1 << 16
FIELD = 0xFA
INTEGER_BYTES = {0xC0: 1, 0xC1: 2, 0xC2: 4}


def version(file: Path) -> int:
    """Return the version of the format that a file claims; 0 where it is no RDB file."""
    with file.open("rb") as rdb:
        found = MAGIC.fullmatch(rdb.read(MAGIC_BYTES))
    return int(found[1] or found[2]) if found else 0


def is_whole(file: Path) -> bool:
    """Tell whether a file has an RDB file's beginning and its end."""
    with file.open("rb") as rdb:
        beginning = rdb.read(MAGIC_BYTES)
        rdb.seek(-min(1 + CHECKSUM_BYTES, file.stat().st_size), 2)
        end = rdb.read(1)
    return bool(MAGIC.fullmatch(beginning)) and end == bytes([END])


def has_checksum(file: Path) -> bool:
    """Tell whether a file carries a checksum, and whether it can be checked here; a server may write none."""
    return importlib.util.find_spec("anycrc") is not None and any(_checksum(file))


def fits_checksum(file: Path, ended: threading.Event) -> bool:
    """Read a file to its end and tell whether it is what the server wrote; False as well where the reading was ended.

    Raises:
        OSError: it cannot be read.
    """
    from anycrc import Model  # takes a while, and nobody has built it for some kinds of machines

    model, found, left = Model(CHECKSUM), 0, file.stat().st_size - CHECKSUM_BYTES
    with file.open("rb", buffering=0) as rdb:
        while left and not ended.is_set() and (read := rdb.read(min(left, READ_AT_ONCE))):
            found = model.calc(read, found)
            left -= len(read)
    return left == 0 and found.to_bytes(CHECKSUM_BYTES, "little") == _checksum(file)


def _checksum(file: Path) -> bytes:
    """Return the checksum that a file carries: zeros where it has none."""
    with file.open("rb") as rdb:
        rdb.seek(-min(CHECKSUM_BYTES, file.stat().st_size), 2)
        return rdb.read()


def holds_nothing(file: Path) -> bool:
    """Tell whether a file has neither keys nor functions, as that of a blank server; where in doubt, it has."""
    with file.open("rb") as rdb:
        if not MAGIC.fullmatch(rdb.read(MAGIC_BYTES)):
            return False
        while (opcode := _byte(rdb)) == FIELD:
            if not (_skip_text(rdb) and _skip_text(rdb)):
                return False
        return opcode == END


def _skip_text(rdb: BinaryIO) -> bool:
    """Pass over one short text or number; tell whether it was one."""
    length = _byte(rdb)
    size = INTEGER_BYTES.get(length, length if length < 1 << 6 else -1)
    return size >= 0 and len(rdb.read(size)) == size


def _byte(rdb: BinaryIO) -> int:
    """Return the next byte; at the end of the file a number that is no byte."""
    found = rdb.read(1)
    return found[0] if found else 1 << 8
