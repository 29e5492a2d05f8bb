"""Has a Python program write down what it flushes, and what it renames: the interpreter loads this by its name.

In the file that DR_DRILL_FLUSHES names, one JSON object a line, in the order of what happened:

    {"flushed": path}
    {"renamed": path, "to": path, "unflushed": [paths]}   what of it had changed since it was flushed last, or never was

Where DR_DRILL_FLUSHES_LOST is set, nothing is flushed, as by programs that leave it out.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

Version = tuple[int, int]
"""Of what is on disk: the time in nanoseconds and the bytes that it had when its flushing began."""
_flushed: dict[tuple[int, int], Version] = {}


def record(path: str) -> None:
    """Begin to write down what this program does from now on."""
    os.fsync = _ignore if "DR_DRILL_FLUSHES_LOST" in os.environ else _flushing(os.fsync, path)
    os.rename = _renaming(os.rename, path)
    os.replace = _renaming(os.replace, path)


def _ignore(fd: Any) -> None:
    pass


def _flushing(flush: Callable[[Any], None], path: str) -> Any:
    @functools.wraps(flush)
    def flushing(fd: Any) -> None:
        number = fd if isinstance(fd, int) else fd.fileno()
        status = os.fstat(number)
        flush(number)
        _flushed[status.st_dev, status.st_ino] = _version(status)
        _note(path, flushed=os.readlink(f"/proc/self/fd/{number}"))  # noqa: PTH115 - light

    return flushing


def _renaming(rename: Callable[..., None], path: str) -> Callable[..., None]:
    @functools.wraps(rename)
    def renaming(source: Any, target: Any, **options: Any) -> None:
        places = os.path.abspath(os.fsdecode(source)), os.path.abspath(os.fsdecode(target))  # noqa: PTH100 - light
        unflushed = [place for place in _below(places[0]) if not _is_flushed(place)]
        rename(source, target, **options)
        _note(path, renamed=places[0], to=places[1], unflushed=unflushed)

    return renaming


def _below(place: str) -> Iterator[str]:
    yield place
    for directory, directories, names in os.walk(place):
        yield from (f"{directory}/{name}" for name in directories + names)


def _is_flushed(place: str) -> bool:
    status = os.lstat(place)
    return _flushed.get((status.st_dev, status.st_ino)) == _version(status)


def _version(status: os.stat_result) -> Version:
    return status.st_mtime_ns, status.st_size


def _note(path: str, **facts: object) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{json.dumps(facts)}\n".encode())
    finally:
        os.close(descriptor)


if "DR_DRILL_FLUSHES" in os.environ:
    record(os.environ["DR_DRILL_FLUSHES"])
