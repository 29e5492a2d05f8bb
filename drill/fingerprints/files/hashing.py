"""The SHA-256 of many files, on every processor: hashlib works while other threads do."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from drill.fingerprints.files.entries import Entry, unreadable

BATCH = 128
"""Files that one thread takes at once; with single ones, the threads would mostly wait for each other."""
AHEAD = 4
"""Batches under way for each processor."""
SMALL = 1 << 18
CHUNK = 1 << 20
Hashed = tuple[Entry, str | None]


def hashed(entries: Iterable[Entry]) -> Iterator[list[Hashed]]:
    """Yield the entries in their order, in batches, each with its content's SHA-256, or None where it is no file.

    What has vanished is left out.

    Raises:
        FingerprintError: a file cannot be read.
    """
    processors = len(os.sched_getaffinity(0))
    under_way: deque[Future[list[Hashed]]] = deque()
    remaining = iter(entries)
    with ThreadPoolExecutor(processors) as pool:
        while batch := list(islice(remaining, BATCH)):
            under_way.append(pool.submit(_batch, batch))
            if len(under_way) > AHEAD * processors:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def _batch(entries: list[Entry]) -> list[Hashed]:
    found: list[Hashed] = []
    for entry in entries:
        try:
            found.append((entry, _sha256(entry) if entry.is_file else None))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise unreadable(entry.path, error) from error
    return found


def _sha256(entry: Entry) -> str:
    descriptor = os.open(entry.place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if entry.status.st_size < SMALL:
            content = os.read(descriptor, SMALL)
            if len(content) < SMALL:
                return hashlib.sha256(content).hexdigest()
            os.lseek(descriptor, 0, os.SEEK_SET)
        digest, buffer = hashlib.sha256(), bytearray(CHUNK)
        view = memoryview(buffer)
        while count := os.readv(descriptor, [buffer]):
            digest.update(view[:count])
        return digest.hexdigest()
    finally:
        os.close(descriptor)
